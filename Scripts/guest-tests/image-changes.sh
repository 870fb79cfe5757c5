#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host whose namespace is an RBD image that others change: what it sees of each change, in the guest.
#
#   image-changes.sh ADDRESS PORT NQN BYTES
#
# Asks the host for `snapshot`, `flatten`, `fill` and `unfill` (the cluster), `demote` and `promote`, `shrink` (to BYTES)
# and `grow`; then for `journal`, which mirrors it so, `demote-journaled` and `promote-journaled`. The image has a file
# system's worth of room: 512 MiB at least. fio writes and verifies in its second quarter meanwhile, but for the time that
# the cluster is full.
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

# librbd reads nothing of an image that its journal mirrors and that is not primary.
refuses_reads() {
    ! read_at 110
}

mounts() {
    mkdir -p /mnt && mount -o "$1" "$disk" /mnt && cat /mnt/file >/dev/null && umount /mnt
}

make_file_system() {
    mkfs.ext4 -q -F "$disk" 64M && mount "$disk" /mnt && echo content >/mnt/file && umount /mnt
}

# Writes 4 MiB and verifies them, over and over, until `stop_writing` or an error.
start_writing() {
    rm -f /tmp/stop
    (
        while [ ! -e /tmp/stop ]; do
            verified_io 4 --offset=256M --rw=randwrite --verify_backlog=128 || exit 1
            echo round
        done
    ) >/tmp/fio.log 2>&1 &
    writer=$!
}

has_stopped() {
    ! kill -0 $writer 2>/dev/null
}

has_rounds() { # COUNT
    has_stopped || [ "$(grep -c '^round$' /tmp/fio.log)" -ge "$1" ]
}

# Goes through at least one whole round after the change.
writes_on() {
    within 60 has_rounds $(($(grep -c '^round$' /tmp/fio.log) + 2)) && ! has_stopped
}

stop_writing() {
    touch /tmp/stop
    wait $writer
    code=$?
    cat /tmp/fio.log
    return $code
}

# A write was refused; nothing that was stored was read back as anything else.
is_refused() {
    within 30 has_stopped || return 1
    cat /tmp/fio.log
    wait $writer && return 1
    grep -q 'error=' /tmp/fio.log && ! grep -E '^verify:|bad (magic|header)' /tmp/fio.log
}

# sees WORD: what the host's kernel has said since it was asked for last.
kernel_lines=0
sees() {
    dmesg | tail -n +$((kernel_lines + 1)) | grep -E 'nvme|I/O error|critical' | cut -c1-150 | sort -k2 | uniq -c -f2 |
        sed "s/^/saw of $1: /" | head -n 6
    echo "saw of $1: $(blockdev --getsize64 "$disk") bytes, read-only $(blockdev --getro "$disk")"
    kernel_lines=$(dmesg | wc -l)
}

dd if=/dev/urandom of=/tmp/random bs=1M count=1 2>/dev/null
mkdir -p /mnt
need connect connect
size=$(blockdev --getsize64 "$disk")
step file-system make_file_system
for megabyte in 70 90 110; do step "write-$megabyte" write_and_read_at $megabyte; done
step fill-a-little dd if=/dev/zero of="$disk" bs=1M count=16 seek=120 oflag=direct conv=notrunc

sees nothing-yet >/dev/null
start_writing
ask snapshot
step snapshot-unnoticed write_and_read_at 70
step writes-over-snapshot writes_on
sees snapshot
ask flatten
step flatten-unnoticed write_and_read_at 90
step snapshot-keeps-data read_at 110
step writes-over-flatten writes_on
sees flatten

step writes-so-far stop_writing
ask fill
step full-is-told has_no_space 200
step full-reads read_at 110
ask unfill
step room-again within 40 write_and_read_at 200
sees full-cluster

start_writing
step writes-before-demotion within 60 has_rounds 1
ask demote
step write-protected within 30 is_write_protected
step writer-is-refused is_refused
step refuses-writes refuses_writes
step protected-reads read_at 110
step protected-mount mounts ro,noload
sees demotion
ask promote
step writable-again within 40 is_writable
step writes-again write_and_read_at 110
step mounts-again mounts rw
sees promotion

start_writing
ask shrink
step smaller within 30 has_size "$BYTES"
step writes-over-shrinking writes_on
step writes-in-the-rest write_and_read_at $((BYTES / 1048576 - 1))
step not-beyond-the-end sh -c "! dd if=/tmp/random of=$disk bs=1M count=1 seek=$((BYTES / 1048576)) oflag=direct conv=notrunc"
sees shrinking
ask grow
step larger-again within 30 has_size "$size"
step writes-over-growing writes_on
step writes-at-the-end write_and_read_at $((size / 1048576 - 1))
sees growing
step writes-to-the-end stop_writing

ask journal
start_writing
step writes-with-journal within 60 has_rounds 1
ask demote-journaled
step write-protected-journaled within 30 is_write_protected
step writer-is-refused-journaled is_refused
step refuses-reads-journaled refuses_reads
sees demotion-with-journal
ask promote-journaled
step writable-again-journaled within 40 is_writable
step writes-again-journaled write_and_read_at 110
sees promotion-with-journal
step disconnect disconnect
finish
