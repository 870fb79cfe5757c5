#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A host whose namespace grows under it, in the guest.
#
#   resize.sh ADDRESS PORT NQN BYTES
#
# Asks the host for `resize` (make the image BYTES long). Nobody tells this kernel but the gateway, by an event.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 BYTES=$4

has_grown() {
    [ "$(blockdev --getsize64 "$disk")" = "$BYTES" ]
}

writes_at_end() {
    dd if=/dev/urandom of="$disk" bs=64k count=1 seek=$((BYTES / 65536 - 1)) oflag=direct
}

need connect connect
step smaller-before sh -c "[ $(blockdev --getsize64 "$disk") -lt $BYTES ]"
ask resize
step grown within 30 has_grown
step write-at-end writes_at_end
step disconnect disconnect
finish
