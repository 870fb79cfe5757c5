#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# Two hosts that reserve one namespace from each other, in the guest. Overwrites its first block.
#
#   reservations.sh ADDRESS PORT NQN
#
# The host answers `restart` when gatewayd serves again. Commands go through the controllers' own devices, as the kernel
# takes the controllers of both hosts for paths to one disk.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3
FIRST=nqn.2014-08.org.nvmexpress:uuid:aaaaaaaa-0000-4000-8000-000000000001
SECOND=nqn.2014-08.org.nvmexpress:uuid:bbbbbbbb-0000-4000-8000-000000000002
head -c 512 /dev/urandom >/tmp/block

# The live controller (/dev/nvme0) of a host.
controller_of() { # HOSTNQN
    for path in /sys/class/nvme/nvme*; do
        if [ "$(cat "$path/hostnqn" 2>/dev/null)" = "$1" ] && [ "$(cat "$path/state")" = live ]; then
            echo "/dev/${path##*/}"
            return 0
        fi
    done
    return 1
}

are_live() {
    first=$(controller_of $FIRST) && second=$(controller_of $SECOND)
}

connects_both() {
    for host in $FIRST $SECOND; do
        nvme connect -t tcp -a "$ADDRESS" -s "$PORT" -n "$NQN" --hostnqn="$host" --hostid="${host##*:}" \
            --reconnect-delay=1 || return 1
    done
    within 20 are_live && within 20 find_disk
}

writes() { # CONTROLLER
    nvme io-passthru "$1" --opcode=1 --namespace-id=1 --data-len=512 --write --input-file=/tmp/block
}

reads() { # CONTROLLER
    nvme io-passthru "$1" --opcode=2 --namespace-id=1 --data-len=512 --read --raw-binary | cmp - /tmp/block
}

conflicts() { # COMMAND...
    "$@" >/tmp/conflict 2>&1 && return 1
    cat /tmp/conflict
    grep -qi 'reservation conflict' /tmp/conflict
}

registers() { # CONTROLLER KEY [OPTION...]
    controller=$1 key=$2
    shift 2
    nvme resv-register "$controller" --namespace-id=1 --nrkey="$key" "$@"
}

acquires() { # CONTROLLER KEY TYPE [OPTION...]
    controller=$1 key=$2 type=$3
    shift 3
    nvme resv-acquire "$controller" --namespace-id=1 --crkey="$key" --rtype="$type" "$@"
}

# The report has each of these lines, blanks aside.
reports() { # CONTROLLER LINE...
    nvme resv-report "$1" --namespace-id=1 --eds | tr -d ' ' | tee /tmp/report
    shift
    for line in "$@"; do
        grep -qx "$line" /tmp/report || { echo "no $line"; return 1; }
    done
}

# The oldest notification is of this type.
is_told() { # CONTROLLER TYPE
    nvme resv-notif-log "$1" | tr -d ' \t' | tee /tmp/notification
    grep -q "^ResvNotifLogPageType:$2(" /tmp/notification
}

need connect connects_both
step register-first registers "$first" 0xaa
step register-second registers "$second" 0xbb
step first-writes writes "$first"
step acquire acquires "$first" 0xaa 1
step report reports "$second" rtype:1 regctl:2 ptpls:0
step second-may-not-write conflicts writes "$second"
step second-reads reads "$second"
step first-still-writes writes "$first"
step wrong-key conflicts acquires "$first" 0xab 1
step preempt-and-abort acquires "$second" 0xbb 2 --prkey=0xaa --racqa=2
step preempted-may-not-write conflicts writes "$first"
step preempted-may-not-read conflicts reads "$first"
step preempted-is-told is_told "$first" 1
step persist registers "$second" 0xbb --cptpl=3
step persists reports "$first" rtype:2 regctl:1 ptpls:1 rkey:bb
ask restart
step live-again within 60 are_live
step still-may-not-write conflicts writes "$first"
step still-reserved reports "$first" rtype:2 regctl:1 ptpls:1 rkey:bb
step holder-still-writes writes "$second"
step clear nvme resv-release "$second" --namespace-id=1 --crkey=0xbb --rrela=1
step cleared reports "$first" rtype:0 regctl:0 ptpls:1
step first-writes-again writes "$first"
step disconnect disconnect
finish
