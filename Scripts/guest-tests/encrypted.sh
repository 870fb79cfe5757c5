#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host that uses encrypted images, of one subsystem with a plain one, in the guest. Overwrites them.
#
#   encrypted.sh ADDRESS PORT NQN MARKER PLAIN_NSID NSID...
#
# MARKER is text that each namespace gets in its blocks, the encrypted ones in a file as well; the host then looks for it in
# the cluster.
# Asks the host for `grow-NSID`, which makes that namespace larger.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 MARKER=$4 PLAIN=$5
shift 5
NAMESPACES=$*

makes_files() {
    mkfs.ext4 -q -F "$disk" || return 1
    mount "$disk" /mnt || return 1
    cp /tmp/marked /tmp/random /mnt/
    copied=$?
    umount /mnt
    return $copied
}

finds_files() {
    e2fsck -f -n "$disk" || return 1
    mount -o ro "$disk" /mnt || return 1
    cmp /tmp/marked /mnt/marked && cmp /tmp/random /mnt/random
    same=$?
    umount /mnt
    return $same
}

# At the 40th mebibyte, behind what the commands overwrite.
marks() {
    dd if=/tmp/marked of="$disk" bs=1M seek=40 oflag=direct conv=notrunc
}

is_marked() {
    dd if="$disk" bs=1M count=1 skip=40 iflag=direct | cmp - /tmp/marked
}

has_grown() { # BYTES
    [ "$(blockdev --getsize64 "$disk")" -gt "$1" ]
}

writes_beyond() { # BYTES
    dd if=/tmp/random of="$disk" bs=1M seek=$(($1 >> 20)) oflag=direct conv=notrunc &&
        dd if="$disk" bs=1M count=1 skip=$(($1 >> 20)) iflag=direct | cmp - /tmp/random
}

uses_commands() { # NSID
    step "write-zeroes-$1" zeroes_by_command
    step "write-zeroes-deac-$1" deallocates_by_command
    step "dsm-$1" manages
    step "verify-$1" verifies
    step "copy-$1" copies_blocks
    step "compare-$1" compares
    step "flush-$1" flushes
    step "reserve-$1" reserves
}

mkdir -p /mnt
yes "$MARKER" | head -c 1048576 >/tmp/marked
head -c 1048576 /dev/urandom >/tmp/random

need connect connect
for id in $NAMESPACES; do
    need "find-$id" within 20 find_namespace "$id"
    step "files-$id" makes_files
done
step disconnect disconnect
need reconnect connect
for id in $NAMESPACES; do
    need "find-again-$id" within 20 find_namespace "$id"
    step "files-after-reconnect-$id" finds_files
    step "fio-$id" verified_io 16
    uses_commands "$id"
    step "mark-$id" marks
done
need find-plain within 20 find_namespace "$PLAIN"
step mark-plain marks
step disconnect-marked disconnect
need reconnect-marked connect
for id in $NAMESPACES; do
    need "find-last-$id" within 20 find_namespace "$id"
    step "marked-$id" is_marked
    size=$(blockdev --getsize64 "$disk")
    ask "grow-$id"
    step "larger-$id" within 20 has_grown "$size"
    step "writes-in-the-new-room-$id" writes_beyond "$size"
done
step disconnect-last disconnect
finish
