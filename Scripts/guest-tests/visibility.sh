#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host whose namespaces come, go, are hidden from it and shown to it while it does I/O, in the guest. Overwrites them.
#
#   visibility.sh ADDRESS PORT NQN
#
# The host answers: `show-5000`, `hide-1024`, `remove-5000`, `add-2` and `add-thousand` (NSIDs 1 to 1100). At first there are
# 1 and 1024, and 5000 for others.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3

is_a_thousand() {
    [ "$(namespaces | wc -w)" -eq 1100 ]
}

writes_at_end() { # NSID
    dd if=/dev/urandom of="$(disk_of "$1")" bs=4k count=1 seek=255 oflag=direct
}

start_writing() {
    disk=$(disk_of 1)
    block_size=512
    STEP_SECONDS=300 verified_io 16 --rw=randwrite --time_based --runtime=30 --verify_backlog=128 >/tmp/fio.log 2>&1 &
    writer=$!
}

wait_for_writer() {
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

# Reads a disk until it is gone: what is under way then ends with an error, and does not hang.
start_reading() { # NSID
    fio --name=reader --filename="$(disk_of "$1")" --direct=1 --ioengine=libaio --iodepth=8 --rw=randread --bs=4k \
        --size=1M --time_based --runtime=60 --minimal >/tmp/reader.log 2>&1 &
    reader=$!
}

reader_has_ended() {
    ! kill -0 $reader 2>/dev/null
}

never_reconnected() {
    ! dmesg | grep -iE 'reconnect|resetting|error recovery|timeout'
}

need connect connect
sees at-first '1 1024'
start_writing
ask show-5000
sees shown '1 1024 5000'
step write-to-5000 writes_at_end 5000
start_reading 1024
sleep 2
ask hide-1024
sees hidden '1 5000'
step reader-ended within 30 reader_has_ended
ask remove-5000
sees removed '1'
ask add-2
sees added '1 2'
step write-to-2 writes_at_end 2
step list sh -c "nvme list-ns $controller | tee /dev/stderr | grep -c ':0x' | grep -qx 2"
step writes-meanwhile wait_for_writer
step id-ns-hidden sh -c "nvme id-ns $controller -n 1024 --force; nvme id-ns $controller -n 1024 | grep -q '^nsze *: 0'"
ask add-thousand
step thousand within 150 is_a_thousand
step write-to-1100 writes_at_end 1100
step never-reconnected never_reconnected
# No disconnect: an emulated kernel takes minutes to take a thousand disks away.
finish
