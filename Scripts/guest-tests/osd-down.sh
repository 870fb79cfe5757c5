#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host that writes while the cluster behind the gateway stands still, in the guest. Overwrites the namespace.
#
#   osd-down.sh ADDRESS PORT NQN [SECONDS]
#
# Asks the host for `kill-osd` (kill the only OSD, leave it dead for the time of the test, start it, answer). Writing
# goes on for SECONDS (150), which should be longer than that.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 SECONDS_WRITING=${4:-150}

start_writing() {
    STEP_SECONDS=600 verified_io 128 --rw=randwrite --time_based --runtime="$SECONDS_WRITING" \
        --verify_backlog=256 >/tmp/fio.log 2>&1 &
    writer=$!
}

wait_for_writer() {
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

settle() {
    within 60 is_live
}

need connect connect --reconnect-delay=2 --ctrl-loss-tmo=600
start_writing
sleep 5
ask kill-osd
step live settle
step writes-across-outage wait_for_writer
step fio-after verified_io 32
echo "the kernel on the outage:"
dmesg | grep -i 'nvme' | grep -ciE 'timeout|abort|reset|reconnect' | sed 's/$/ lines of time-outs, resets and reconnects/'
dmesg | grep -i 'nvme' | tail -n 12
step disconnect disconnect
finish
