#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# All that a Linux host does with a namespace, in the guest. Overwrites the namespace.
#
#   initiator.sh ADDRESS PORT NQN [DISCOVERY_PORT]
#
# $SKIP names steps to leave out.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 DISCOVERY_PORT=${4:-$2}

# ---- what the host asks

discovers() { # PORT
    nvme discover -t tcp -a "$ADDRESS" -s "$1" | tee /dev/stderr | grep -q "^subnqn: *$NQN\$"
}

# Connects to whatever the discovery log names, at the address that it names.
connects_to_all() {
    nvme connect-all -t tcp -a "$ADDRESS" -s "$DISCOVERY_PORT" || return 1
    within 20 find_controller && within 20 find_disk
}

lists() {
    nvme list | tee /dev/stderr | grep -q "^$disk "
}

# Every feature that an NVMe/TCP controller must have and some more: current value, default value, capabilities.
gets_features() {
    features='0x01 0x02 0x04 0x05 0x07 0x0a 0x0b 0x0f 0x16'
    # Volatile Write Cache is there only if there is a cache (VWC bit 0).
    cache=$(nvme id-ctrl "$controller" | sed -n 's/^vwc *: *//p')
    if [ $((cache & 1)) = 1 ]; then
        features="$features 0x06"
    else
        nvme get-feature "$controller" --feature-id=0x06 2>&1 | tee /dev/stderr | grep -qi 'invalid field' || return 1
    fi
    for feature in $features; do
        for select in 0 1 3; do
            echo "feature $feature, select $select"
            nvme get-feature "$controller" --namespace-id=$((feature == 5)) --feature-id="$feature" --sel=$select \
                || return 1
        done
    done
}

# Every page that the controller lists, raw and whole as far as its first 4 KiB go, and one that it does not.
gets_all_logs() {
    pages=$(nvme supported-log-pages "$controller" -o json | grep -o '"lid_0x[0-9a-f]*' | sed 's/"lid_0x//')
    [ -n "$pages" ] || pages='0 1 2 3 4 5 12 13'
    for page in $pages; do
        echo "log page ${page}h"
        nvme get-log "$controller" --log-id=0x"$page" --log-len=512 >/tmp/log || return 1
    done
    nvme get-log "$controller" --log-id=0xc0 --log-len=512 2>&1 | tee /dev/stderr | grep -qi 'invalid log page'
}

asks() {
    step id-ctrl nvme id-ctrl "$controller"
    step id-ns nvme id-ns "$disk"
    step ns-descs nvme ns-descs "$disk"
    step list-ns nvme list-ns "$controller"
    step cmdset-id-ns nvme nvm-id-ns "$disk"
    step smart-log nvme smart-log "$controller"
    step error-log nvme error-log "$controller"
    step effects-log nvme effects-log "$controller"
    step fw-log nvme fw-log "$controller"
    step changed-ns-list nvme changed-ns-list-log "$controller"
    step supported-logs nvme supported-log-pages "$controller"
    step all-logs gets_all_logs
    step features gets_features
    step show-regs nvme show-regs "$controller" --human-readable
}

# ---- what it does with blocks

discards() {
    fill 8 && blkdiscard -o 0 -l $((8 << 20)) "$disk"
}

# More than 65,536 blocks of 512 bytes, which a single command can't count.
zeroes_by_kernel() {
    fill 40 && blkdiscard -z -o 0 -l $((40 << 20)) "$disk" && is_zero 40
}

# ---- what it does with files

copies() {
    mkdir -p /mnt
    mkfs.ext4 -q -F "$disk" || return 1
    mount "$disk" /mnt || return 1
    mkdir /mnt/copy
    cp -RL /usr/sbin /mnt/copy/ || return 1
    head -c 8388608 /dev/urandom >/mnt/keep
    sha256sum </mnt/keep >/tmp/keep.sum
    umount /mnt
}

finds_copies() {
    echo 3 >/proc/sys/vm/drop_caches
    e2fsck -f -n "$disk" || return 1
    mount -o ro "$disk" /mnt || return 1
    diff -r /usr/sbin /mnt/copy/sbin && sha256sum </mnt/keep | cmp - /tmp/keep.sum
    same=$?
    umount /mnt
    return $same
}

resets() {
    nvme reset "$controller" && within 20 is_live
}

no_complaints() {
    ! dmesg | grep -v 'timeout set to' | grep -E 'nvme.*(timeout|I/O error|digest error|failed)|blk_update_request|critical .* error'
}

step discover discovers "$PORT"
if [ "$DISCOVERY_PORT" != "$PORT" ]; then
    step discover-there discovers "$DISCOVERY_PORT"
fi
step connect-all connects_to_all
step disconnect-all disconnect
need connect connect
step list lists
asks
step fio verified_io 64
step discard discards
step write-zeroes-kernel zeroes_by_kernel
step write-zeroes zeroes_by_command
step write-zeroes-deac deallocates_by_command
step dsm manages
step verify verifies
step copy copies_blocks
step compare compares
step reserve reserves
step flush flushes
step disconnect disconnect

# With separate queues for writing and polling, three I/O queues where a single processor would have one.
need connect-digests connect --hdr-digest --data-digest --nr-write-queues=1 --nr-poll-queues=1
step fio-digests verified_io 48
step disconnect-digests disconnect

# More reads and writes at once than a small queue has entries: the kernel keeps to its size, to the last entry.
need connect-full connect --disable-sqflow --queue-size=16
step fio-full verified_io 32 --iodepth=64 --bsrange=4k-4k
step disconnect-full disconnect
need connect-full-flow connect --queue-size=16
step fio-full-flow verified_io 32 --iodepth=64 --bsrange=4k-4k
step disconnect-full-flow disconnect

need connect-again connect
step files copies
step files-read finds_copies
step reset resets
step files-after-reset finds_copies
step disconnect-again disconnect
need reconnect connect
step files-after-reconnect finds_copies
step disconnect-last disconnect
step kernel-log no_complaints
finish
