#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host of a gateway that an operator changes with upstream's command line meanwhile, in the guest. Overwrites its
# namespaces.
#
#   operated.sh ADDRESS DISCOVERY_PORT NQN HOSTNQN BYTES
#
# ADDRESS is one that the gateway listens at, 127.0.0.1 too: the guest reaches it through its network. At first there is
# namespace 1 for all hosts, and 2 for chosen ones, of which this is none. Asks the host for `resize` (namespace 1 to
# BYTES), `limit` (measure how fast we write 16 KiB at a time under a limit, then take the limit away), `show-2`, `hide-2`,
# `kill-gateway` (and start it again), `show-2-again`, `delete-1`, `remove-host` and `delete-subsystem`.
. /job/lib.sh
ADDRESS=$1 DISCOVERY_PORT=$2 NQN=$3 HOSTNQN=$4 BYTES=$5

connects_to_all() {
    nvme connect-all -t tcp -a "$ADDRESS" -s "$DISCOVERY_PORT" --hostnqn "$HOSTNQN" --reconnect-delay=1 \
        --ctrl-loss-tmo=300 || return 1
    within 20 find_controller && within 20 find_disk || return 1
    block_size=$(blockdev --getss "$disk")
}

has_grown() {
    [ "$(blockdev --getsize64 "$disk")" = "$BYTES" ]
}

writes_at_end() {
    dd if=/dev/urandom of="$disk" bs=64k count=1 seek=$((BYTES / 65536 - 1)) oflag=direct
}

start_writing_steadily() {
    fio --name=steady --filename="$disk" --direct=1 --ioengine=libaio --iodepth=8 --rw=randwrite --bs=16k --size=32M \
        --time_based --runtime=600 --minimal >/tmp/steady.log 2>&1 &
    writer=$!
}

stop_writing() {
    kill -INT $writer
    wait $writer
    cat /tmp/steady.log
}

start_verified_writing() {
    STEP_SECONDS=300 verified_io 32 --rw=randwrite --time_based --runtime=20 --verify_backlog=128 >/tmp/fio.log 2>&1 &
    writer=$!
}

wait_for_writer() {
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

pattern() { # OPTION of fio...
    fio --name=pattern --filename="$disk" --direct=1 --ioengine=libaio --iodepth=8 --rw=write --bs=64k --offset=40M \
        --size=8M --verify=crc32c --verify_fatal=1 --minimal "$@"
}

writes_to() { # NSID
    dd if=/dev/urandom of="$(disk_of "$1")" bs=4k count=16 oflag=direct
}

need loopback reach_loopback
need connect-all connects_to_all
sees at-first '1'
step verify verified_io 16
step smaller-before sh -c "[ $(blockdev --getsize64 "$disk") -lt $BYTES ]"
ask resize
step grown within 30 has_grown
step write-at-end writes_at_end
step write-pattern pattern --do_verify=0
start_writing_steadily
ask limit
step limited-writes stop_writing
ask show-2
sees shown '1 2'
step write-to-2 writes_to 2
ask hide-2
sees hidden '1'
start_verified_writing
ask kill-gateway
step live-again within 60 is_live
step writes-across-restart wait_for_writer
step read-pattern pattern --verify_only
ask show-2-again
sees shown-again '1 2'
ask delete-1
sees deleted '2'
step write-to-2-again writes_to 2
ask remove-host
step host-is-out within 30 no_controller
ask delete-subsystem
finish
