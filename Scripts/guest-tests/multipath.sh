#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host with two paths to one namespace, through two gateways, in the guest. Overwrites the namespace.
#
#   multipath.sh ADDRESS FIRST_PORT SECOND_PORT NQN
#
# The first gateway begins optimized, the second inaccessible. fio writes and verifies all the time while the host is
# asked to change states; what each word does is said where it is asked for. No error may reach fio.
. /job/lib.sh
ADDRESS=$1 FIRST=$2 SECOND=$3 NQN=$4

# The ANA state of the path through a port, as the kernel has it.
ana_state() {
    for controller_path in /sys/class/nvme/nvme*; do
        grep -q "trsvcid=$1" "$controller_path/address" || continue
        cat "$controller_path"/nvme*c*n1/ana_state
    done
}

has_states() { # FIRST SECOND
    [ "$(ana_state "$FIRST")" = "$1" ] && [ "$(ana_state "$SECOND")" = "$2" ]
}

second_is() {
    [ "$(ana_state "$SECOND")" = "$1" ]
}

# states NAME FIRST SECOND: within ten seconds the kernel knows both.
states() {
    step "$1" within 10 has_states "$2" "$3" || echo "    they are $(ana_state "$FIRST"), $(ana_state "$SECOND")"
}

connects() { # PORT
    nvme connect -t tcp -a "$ADDRESS" -s "$1" -n "$NQN" --reconnect-delay=1 --ctrl-loss-tmo=300
}

disks() {
    for disk_path in /sys/block/nvme*n1; do
        case ${disk_path##*/} in
            *c*n1) ;; # one path of a disk
            *) echo "$disk_path" ;;
        esac
    done
}

is_one_disk() {
    find_disk && [ "$(disks | wc -l)" -eq 1 ]
}

# Writes and verifies, over and over, until `wait_for_writer`: the states may take as long as they need.
start_writing() {
    block_size=512
    (while [ ! -e /tmp/stop ]; do verified_io 16 --rw=randwrite --verify_backlog=128 || exit 1; done) >/tmp/fio.log 2>&1 &
    writer=$!
}

is_writing() {
    kill -0 $writer
}

wait_for_writer() {
    touch /tmp/stop
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

# The host counts requests in both gateways: it answers when those of one have grown, while the other's have not.
served_by() { # NAME WORD
    ask "$2"
    step "$1" is_writing
}

has_no_error() {
    ! dmesg | grep -E 'I/O error|ANATT timeout|Failed to get ANA|resetting controller'
}

need connect-first connects "$FIRST"
need connect-second connects "$SECOND"
need one-disk within 20 is_one_disk
states states-at-first optimized inaccessible
start_writing
served_by writes-at-first served-by-first-0

# The safe order: nobody serves for a while, and what the host sends waits.
ask first-inaccessible-1
states nobody-serves inaccessible inaccessible
sleep 3
step still-writing is_writing
ask second-optimized-1
states moved inaccessible optimized
served_by writes-at-second served-by-second-1

# Back, the other way about: both serve for a while.
ask first-optimized-2
states both-serve optimized optimized
ask second-inaccessible-2
states moved-back optimized inaccessible
served_by writes-at-first-again served-by-first-2

# By way of the change state, to a path that is not the best one.
ask first-change-3
states changing change inaccessible
ask first-inaccessible-3
ask second-non-optimized-3
states moved-non-optimized inaccessible non-optimized
served_by writes-at-non-optimized served-by-second-3

# A transition that nobody ends: after ANATT (5 s) the group is inaccessible, and no controller was reset for it.
ask second-change-4
states hanging inaccessible change
states timed-out inaccessible inaccessible
step waiting is_writing
ask second-non-optimized-5
states at-the-lesser inaccessible non-optimized
ask first-optimized-5
states at-the-better optimized non-optimized
served_by writes-at-the-better served-by-first-5

# The gateway that serves is fenced: it has lost the group for good, and the host goes on at the other.
ask lose-first
states lost persistent-loss non-optimized
served_by writes-at-the-one-left served-by-second-6

# The fenced gateway goes away altogether, the other changes its state, and all waits for it.
ask second-inaccessible-6
states no-gateway persistent-loss inaccessible
ask stop-first
sleep 2
step waiting-for-the-other is_writing
ask second-optimized-6
step taken-over within 10 second_is optimized
served_by writes-at-the-survivor served-by-second-7

nvme list-subsys "$disk"
nvme ana-log "$disk"
step writes-across-all wait_for_writer
step no-error has_no_error
step disconnect nvme disconnect -n "$NQN"
finish
