#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host with one path, whose gateway is fenced from the image behind namespace 1 and serves namespace 2 on, in the guest.
# Overwrites both.
#
#   fenced.sh ADDRESS PORT NQN
#
# Asks the host for `fence`, and for `restart` of the gateway. What the host does with namespace 1 must end with an error
# by itself, in seconds, and namespace 2 must know nothing of it.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3

finds_both() {
    find_namespace 1 && first=$disk && find_namespace 2 && second=$disk
}

first_has_left() {
    ! find_namespace 1
}

# Writes and verifies until /tmp/stop is there, or until it fails.
start_writing() { # DISK LOG
    disk=$1
    (while [ ! -e /tmp/stop ]; do verified_io 4 --rw=randwrite --verify_backlog=128 || exit 1; done) >"$2" 2>&1 &
}

has_ended() { # PID
    ! kill -0 "$1" 2>/dev/null
}

ends_with_error() { # PID LOG
    within 20 has_ended "$1" || return 1
    cat "$2"
    wait "$1" && return 1
    grep -E 'error=(Input/output error|No such device)' "$2"
}

still_writes() { # PID
    sleep 2
    kill -0 "$1"
}

stops() { # PID LOG
    touch /tmp/stop
    cat "$2"
    wait "$1"
}

write_and_read() { # DISK
    dd if=/tmp/random of="$1" bs=1M count=1 seek=2 oflag=direct conv=notrunc &&
        dd if="$1" bs=1M count=1 skip=2 iflag=direct | cmp - /tmp/random
}

dd if=/dev/urandom of=/tmp/random bs=1M count=1 2>/dev/null
need connect connect --reconnect-delay=1
need both within 20 finds_both
start_writing "$first" /tmp/first.log
first_writer=$!
start_writing "$second" /tmp/second.log
second_writer=$!
sleep 3
step first-is-written kill -0 $first_writer
step second-is-written kill -0 $second_writer
ask fence
step first-ends-with-an-error ends_with_error $first_writer /tmp/first.log
step first-has-left within 10 first_has_left
step second-goes-on still_writes $second_writer
step controller-is-live is_live
step second-saw-no-error stops $second_writer /tmp/second.log
ask restart
step live-again within 60 is_live
step first-is-back within 30 finds_both
step first-is-written-again write_and_read "$first"
step second-is-written-again write_and_read "$second"
dmesg | grep -i nvme | tail -n 12
step disconnect disconnect
finish
