#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host whose namespace is an RBD image that others change: what it sees of each change, in the guest.
#
#   image-changes.sh ADDRESS PORT NQN BYTES
#
# Asks the host for `snapshot`, `flatten`, `fill` and `unfill` (the cluster), `demote` and `promote`, `shrink` (to BYTES)
# and `grow`. The image has a file system's worth of room: 512 MiB at least.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 BYTES=$4

# write_at MEBIBYTES: a mebibyte, past the page cache. read_at: the same one back.
write_at() {
    timeout 20 dd if=/tmp/random of="$disk" bs=1M count=1 seek="$1" oflag=direct conv=notrunc
}

read_at() {
    timeout 20 dd if="$disk" of=/tmp/back bs=1M count=1 skip="$1" iflag=direct && cmp /tmp/random /tmp/back
}

write_and_read_at() {
    write_at "$1" && read_at "$1"
}

# A write to room that was never used, which a full cluster refuses: the message is the one that every program prints.
has_no_space() {
    write_at "$1" >/tmp/full 2>&1 && { echo "it was stored"; return 1; }
    cat /tmp/full
    grep -q 'No space left on device' /tmp/full
}

is_write_protected() {
    [ "$(blockdev --getro "$disk")" = 1 ]
}

is_writable() {
    ! is_write_protected
}

has_size() {
    [ "$(blockdev --getsize64 "$disk")" = "$1" ]
}

refuses_writes() {
    ! write_at 1
}

mounts() {
    mkdir -p /mnt && mount -o "$1" "$disk" /mnt && cat /mnt/file >/dev/null && umount /mnt
}

make_file_system() {
    mkfs.ext4 -q -F "$disk" 64M && mount "$disk" /mnt && echo content >/mnt/file && umount /mnt
}

dd if=/dev/urandom of=/tmp/random bs=1M count=1 2>/dev/null
mkdir -p /mnt
need connect connect
size=$(blockdev --getsize64 "$disk")
step file-system make_file_system
for megabyte in 70 90 110; do step "write-$megabyte" write_and_read_at $megabyte; done
step fill-a-little dd if=/dev/zero of="$disk" bs=1M count=16 seek=120 oflag=direct conv=notrunc

ask snapshot
step snapshot-unnoticed write_and_read_at 70
ask flatten
step flatten-unnoticed write_and_read_at 90
step snapshot-keeps-data read_at 110

ask fill
step full-is-told has_no_space 200
step full-reads read_at 110
ask unfill
step room-again within 40 write_and_read_at 200

ask demote
step write-protected within 30 is_write_protected
step refuses-writes refuses_writes
step protected-reads read_at 110
step protected-mount mounts ro,noload
ask promote
step writable-again within 40 is_writable
step writes-again write_and_read_at 110
step mounts-again mounts rw

ask shrink
step smaller within 30 has_size "$BYTES"
step writes-in-the-rest write_and_read_at $((BYTES / 1048576 - 1))
step not-beyond-the-end sh -c "! dd if=/tmp/random of=$disk bs=1M count=1 seek=$((BYTES / 1048576)) oflag=direct conv=notrunc"
ask grow
step larger-again within 30 has_size "$size"
step writes-at-the-end write_and_read_at $((size / 1048576 - 1))
step disconnect disconnect
finish
