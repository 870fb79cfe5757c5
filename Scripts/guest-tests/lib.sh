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

# A gateway tells of its listeners as it knows them, and here it knows 127.0.0.1 alone. The emulator's network passes that
# on to the machine's, if this kernel lets it out.
reach_loopback() {
    case $ADDRESS in 127.*) ;; *) return 0 ;; esac
    echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
    ip addr del 127.0.0.1/8 dev lo || return 1
    ip route add 127.0.0.0/8 via 10.0.2.2 src 10.0.2.15
}

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

# The disks of all subsystems as NSIDs, ascending, on one line.
namespaces() {
    for path in /sys/block/nvme*n*; do
        case ${path##*/} in *c*n*) continue ;; esac
        cat "$path/nsid"
    done | sort -n | tr '\n' ' '
}

disk_of() { # NSID
    for path in /sys/block/nvme*n*; do
        case ${path##*/} in *c*n*) continue ;; esac
        [ "$(cat "$path/nsid")" = "$1" ] && echo "/dev/${path##*/}" && return
    done
    return 1
}

are() { # NSIDs
    [ "$(namespaces)" = "$1 " ]
}

# sees NAME NSIDs: within twenty seconds these are the disks that there are.
sees() {
    step "$1" within 20 are "$2" || echo "    there are $(namespaces)"
}

# ---- commands of nvme-cli and what must come of them, on $disk; each overwrites some mebibytes at its beginning

is_zero() { # MEBIBYTES: the first so many are zero
    dd if="$disk" bs=1M count="$1" iflag=direct 2>/dev/null | cmp -n $(($1 << 20)) - /dev/zero
}

fill() { # MEBIBYTES
    dd if=/dev/urandom of="$disk" bs=1M count="$1" oflag=direct
}

zeroes_by_command() {
    fill 1 && nvme write-zeroes "$disk" -s 0 -c $(((1 << 20) / block_size - 1)) && is_zero 1
}

compares() {
    head -c 4096 /dev/urandom >/tmp/same
    head -c 4096 /dev/urandom >/tmp/other
    blocks=$((4096 / block_size - 1))
    nvme write "$disk" -s 64 -c $blocks -z 4096 -d /tmp/same || return 1
    nvme compare "$disk" -s 64 -c $blocks -z 4096 -d /tmp/same || return 1
    nvme compare "$disk" -s 64 -c $blocks -z 4096 -d /tmp/other >/tmp/compare 2>&1 && return 1
    cat /tmp/compare
    grep -qi 'compare fail' /tmp/compare
}

deallocates_by_command() {
    fill 1 && nvme write-zeroes "$disk" --deac -s 0 -c $(((1 << 20) / block_size - 1)) && is_zero 1
}

# Three ranges, one of them empty.
manages() {
    fill 8 && nvme dsm "$disk" --ad --slbs=0,5,$(((4 << 20) / block_size)) \
        --blocks=$(((2 << 20) / block_size)),0,$(((1 << 20) / block_size))
}

# As many blocks as one command can name.
verifies() {
    nvme verify "$disk" -s 0 -c 65535 && nvme verify "$disk" -s 7 -c 0 --force-unit-access --limited-retry
}

read_mebibyte() { # NUMBER
    dd if="$disk" bs=1M skip="$1" count=1 iflag=direct 2>/dev/null
}

# The third mebibyte to the fifth place, half of the first behind it; what is beside stays. Format 2h can't be tried:
# Linux keeps the feature that enables it (16h) to itself.
copies_blocks() {
    mebibyte=$(((1 << 20) / block_size))
    fill 8
    read_mebibyte 0 >/tmp/first
    read_mebibyte 2 >/tmp/third
    read_mebibyte 6 >/tmp/seventh
    nvme copy "$disk" --format=0 --sdlba=$((4 * mebibyte)) --slbs=$((2 * mebibyte)),0 \
        --blocks=$((mebibyte - 1)),$((mebibyte / 2 - 1)) || return 1
    read_mebibyte 4 | cmp - /tmp/third || return 1
    read_mebibyte 5 | cmp -n $((1 << 19)) - /tmp/first || return 1
    read_mebibyte 6 | cmp - /tmp/seventh
}

flushes() {
    nvme flush "$disk" && dd if=/dev/urandom of="$disk" bs=4k count=16 conv=fsync
}

# All that one host does with a reservation: it registers, reserves, is reported as the holder, releases and leaves.
reserves() {
    nvme resv-register "$disk" --nrkey=0xcafe --iekey || return 1
    nvme resv-acquire "$disk" --crkey=0xcafe --rtype=1 || return 1
    nvme resv-report "$disk" --eds | tr -d ' ' | tee /tmp/report
    grep -qx rtype:1 /tmp/report && grep -qx rkey:cafe /tmp/report || return 1
    fill 1 || return 1
    nvme resv-release "$disk" --crkey=0xcafe --rtype=1 || return 1
    nvme resv-report "$disk" --eds | tr -d ' ' | grep -qx rtype:0 || return 1
    nvme resv-register "$disk" --crkey=0xcafe --rrega=1
}
