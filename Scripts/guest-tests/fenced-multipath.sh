#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host with two paths to one image, through two gateways that report no ANA, one of which is fenced, in the guest.
# Overwrites the namespace.
#
#   fenced-multipath.sh ADDRESS FIRST_PORT SECOND_PORT NQN
#
# Asks the host for `fence-first`, `restart-first` and `fence-second` (the gateway's client, and the gateway). fio writes
# and verifies all the time, and no error may reach it.
. /job/lib.sh
ADDRESS=$1 FIRST=$2 SECOND=$3 NQN=$4

connects() { # PORT
    nvme connect -t tcp -a "$ADDRESS" -s "$1" -n "$NQN" --reconnect-delay=1 --ctrl-loss-tmo=300
}

# The paths of the disk, as the ports they go through, in a line.
paths() {
    for controller_path in /sys/class/nvme/nvme*; do
        for path in "$controller_path"/nvme*c*n1; do
            [ -e "$path" ] && sed 's/.*trsvcid=\([0-9]*\).*/\1/' "$controller_path/address"
        done
    done | sort -n | tr '\n' ' '
}

has_paths() { # PORT...
    [ "$(paths)" = "$(for port in "$@"; do echo "$port"; done | sort -n | tr '\n' ' ')" ]
}

start_writing() {
    block_size=512
    (while [ ! -e /tmp/stop ]; do verified_io 4 --rw=randwrite --verify_backlog=128 || exit 1; done) >/tmp/fio.log 2>&1 &
    writer=$!
}

# Goes through at least one whole round of writing and verifying what was written.
goes_on() {
    rounds=$(wc -l </tmp/fio.log)
    within 60 has_rounds $((rounds + 2)) && kill -0 $writer
}

has_rounds() { # COUNT
    [ "$(wc -l </tmp/fio.log)" -ge "$1" ] || has_ended
}

has_ended() {
    ! kill -0 $writer 2>/dev/null
}

wait_for_writer() {
    touch /tmp/stop
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

has_no_error() {
    ! dmesg | grep -E 'I/O error'
}

need connect-first connects "$FIRST"
need connect-second connects "$SECOND"
need disk within 20 find_disk
need two-paths within 20 has_paths "$FIRST" "$SECOND"
start_writing
step writes goes_on
ask fence-first
step first-path-has-left within 20 has_paths "$SECOND"
step writes-through-the-second goes_on
ask restart-first
step first-path-is-back within 60 has_paths "$FIRST" "$SECOND"
step writes-through-both goes_on
ask fence-second
step second-path-has-left within 20 has_paths "$FIRST"
step writes-through-the-first goes_on
step writes-across-all wait_for_writer
step no-error has_no_error
step disconnect nvme disconnect -n "$NQN"
finish
