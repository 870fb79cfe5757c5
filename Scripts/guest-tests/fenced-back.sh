#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host with one path, whose gateway is fenced from its image and gets it back without being restarted, in the guest.
# Overwrites namespace 1. Its subsystem must report ANA.
#
#   fenced-back.sh ADDRESS PORT NQN
#
# Asks the host for `fence`, and for `lift` of the fence. What the host writes must wait meanwhile and go on by itself.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3

finds_disk() {
    find_namespace 1
}

# Writes and verifies until /tmp/stop is there, or until it fails.
start_writing() { # LOG
    (while [ ! -e /tmp/stop ]; do verified_io 2 --rw=randwrite --verify_backlog=64 || exit 1; done) >"$1" 2>&1 &
}

still_writes() { # PID
    sleep 3
    kill -0 "$1"
}

stops() { # PID LOG
    touch /tmp/stop
    wait "$1"
    code=$?
    cat "$2"
    return $code
}

need connect connect --reconnect-delay=1
need there within 20 finds_disk
start_writing /tmp/writer.log
writer=$!
sleep 2
step is-written kill -0 $writer
ask fence
step waits still_writes $writer
ask lift
step saw-no-error stops $writer /tmp/writer.log
step is-there finds_disk
step live-again within 30 is_live
dmesg | grep -i nvme | tail -n 12
step disconnect disconnect
finish
