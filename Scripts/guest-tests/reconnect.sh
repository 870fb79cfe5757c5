#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host whose gateway is restarted under it, in the guest. Overwrites the namespace, which must outlive the gateway.
#
#   reconnect.sh ADDRESS PORT NQN
#
# Asks the host for `restart-gateway`: stop it, start it again on the same port, answer when it serves.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3

# Writes that go on while the gateway is away wait in the kernel, and must all be there in the end.
start_writing() {
    verified_io 128 --rw=randwrite --time_based --runtime=40 --verify_backlog=256 >/tmp/fio.log 2>&1 &
    writer=$!
}

wait_for_writer() {
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

pattern() { # OPTION of fio...
    fio --name=pattern --filename="$disk" --direct=1 --ioengine=libaio --iodepth=8 --rw=write --bs=64k --offset=256M \
        --size=32M --verify=crc32c --verify_fatal=1 --minimal "$@"
}

need connect connect --reconnect-delay=1 --ctrl-loss-tmo=300
step write-pattern pattern --do_verify=0
start_writing
ask restart-gateway
step live-again within 60 is_live
step read-pattern pattern --verify_only
step writes-across-restart wait_for_writer
step disconnect disconnect
finish
