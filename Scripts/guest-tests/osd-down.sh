#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host that writes while the cluster behind the gateway stands still, in the guest. Overwrites the namespace.
#
#   osd-down.sh ADDRESS PORT NQN [SECONDS]
#
# Asks the host for `kill-osd` (kill the only OSD), and after SECONDS (90) for `start-osd`. Writing goes on all the time,
# and for half a minute after it. A Linux host's commands time out after 30 s: it aborts, resets and reconnects meanwhile.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 SECONDS_AWAY=${4:-90}

start_writing() {
    STEP_SECONDS=600 verified_io 128 --rw=randwrite --time_based --runtime=$((SECONDS_AWAY + 40)) \
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
    within 90 is_live
}

need connect connect --reconnect-delay=2 --ctrl-loss-tmo=600
start_writing
sleep 5
ask kill-osd
sleep "$SECONDS_AWAY"
ask start-osd
step live settle
step writes-across-outage wait_for_writer
step fio-after verified_io 32
echo "the kernel on the outage:"
dmesg | grep -i 'nvme' | grep -ciE 'timeout|abort|reset|reconnect' | sed 's/$/ lines of time-outs, resets and reconnects/'
dmesg | grep -i 'nvme' | tail -n 12
step disconnect disconnect
finish
