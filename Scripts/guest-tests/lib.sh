# What the scripts of this folder share. They run inside the guest (busybox's shell) and begin with `. /job/lib.sh`.
# shellcheck shell=dash disable=SC2034,SC2154
#
# Every step prints `ok STEP` or `FAIL STEP: why`; `finish` ends the script with 1 if any step failed.

failures=0
step_log=/tmp/step.log

# busybox would run its own, which has fewer options.
blkdiscard() {
    /usr/sbin/blkdiscard "$@"
}

# step NAME COMMAND...: runs the command, which must end with 0. Its output is shown if it does not.
step() {
    step_name=$1
    shift
    case " ${SKIP:-} " in
        *" $step_name "*)
            echo "skipped $step_name"
            return 0
            ;;
    esac
    step_began=$(cut -d. -f1 /proc/uptime)
    "$@" >$step_log 2>&1
    step_code=$?
    if [ $step_code -eq 0 ]; then
        echo "ok $step_name ($(($(cut -d. -f1 /proc/uptime) - step_began)) s)"
        return 0
    fi
    echo "FAIL $step_name: exit $step_code of: $*"
    tail -n 15 $step_log | sed 's/^/    /'
    failures=$((failures + 1))
    return 1
}

# need NAME COMMAND...: a step without which nothing after it makes sense.
need() {
    step "$@" || finish
}

finish() {
    if [ $failures -gt 0 ]; then
        echo "$failures steps failed; the kernel's last words on nvme:"
        dmesg | grep -i nvme | tail -n 30
        exit 1
    fi
    echo "all steps ok"
    exit 0
}

# ask WORD: has the host do what it agreed on with this script, and waits until it says that it is done. The host runs
# `linux-guest run -i`, looks for the line `@@ WORD` in our output, and writes a line to our input.
ask() {
    echo "@@ $1"
    read -r answer
    echo "host: $answer"
}

# within SECONDS COMMAND...: until the command says yes.
within() {
    within_end=$(($(cut -d. -f1 /proc/uptime) + $1))
    shift
    until "$@"; do
        [ "$(cut -d. -f1 /proc/uptime)" -lt $within_end ] || return 1
        sleep 0.2
    done
}

# ---- NVMe: ADDRESS, PORT and NQN are the script's; `connect` sets $controller and $disk

# The controller (nvme0) of the subsystem, and its first namespace's block device (nvme0n1).
find_controller() {
    for path in /sys/class/nvme/nvme*; do
        if [ "$(cat "$path/subsysnqn" 2>/dev/null)" = "$NQN" ]; then
            controller=/dev/${path##*/}
            return 0
        fi
    done
    return 1
}

find_disk() {
    for path in /sys/block/nvme*n*; do
        if [ "$(cat "$path/device/subsysnqn" 2>/dev/null)" = "$NQN" ] && [ -b "/dev/${path##*/}" ]; then
            disk=/dev/${path##*/}
            return 0
        fi
    done
    return 1
}

# find_namespace NSID: the same of another namespace.
find_namespace() {
    for path in /sys/block/nvme*n*; do
        [ -b "/dev/${path##*/}" ] && [ "$(cat "$path/nsid")" = "$1" ] || continue
        if [ "$(cat "$path/device/subsysnqn" 2>/dev/null)" = "$NQN" ]; then
            disk=/dev/${path##*/}
            block_size=$(blockdev --getss "$disk")
            return 0
        fi
    done
    return 1
}

# connect [OPTION of nvme connect...]
connect() {
    nvme connect -t tcp -a "$ADDRESS" -s "$PORT" -n "$NQN" "$@" || return 1
    within 20 find_controller || { echo "no controller appeared"; return 1; }
    within 20 find_disk || { echo "no disk appeared"; return 1; }
    block_size=$(blockdev --getss "$disk")
    echo "$controller $disk, blocks of $block_size bytes"
}

disconnect() {
    nvme disconnect -n "$NQN" || return 1
    within 20 no_controller
}

no_controller() {
    ! find_controller
}

is_live() {
    [ "$(cat "/sys/class/nvme/${controller##*/}/state")" = live ]
}

# verified_io MEBIBYTES [OPTION of fio...]: random reads and writes in sizes from one block to 128 KiB, each byte written
# carrying a checksum that is read back.
verified_io() {
    size=$1
    shift
    timeout "${STEP_SECONDS:-180}" fio --name=verify --filename="$disk" --direct=1 --ioengine=libaio --iodepth=16 \
        --rw=randrw --bsrange="$block_size-128k" --size="${size}M" --verify=crc32c --verify_fatal=1 --verify_dump=0 \
        --do_verify=1 --randrepeat=0 --minimal "$@"
}
