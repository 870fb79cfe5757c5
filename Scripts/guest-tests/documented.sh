#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# Runs the commands of a page of Docs in the guest, as they are in /job/commands: a file for each block of them, in the
# order of their names. Overwrites the namespace.
#
#   documented.sh NQN
#
# A file that ends in .ask is the operator's to do: it asks the host for its name without the ending. What a page calls
# /dev/nvme0n1 is the subsystem's disk, whatever this kernel calls it.
. /job/lib.sh
ADDRESS=127.0.0.1 NQN=$1

# As on a machine that has nvme-cli installed.
mkdir -p /etc/nvme
cp /job/commands/hostnqn /etc/nvme/hostnqn
echo 22207d09-d8af-4ed2-84ec-a6d80b0cf7eb >/etc/nvme/hostid

runs() { # FILE
    if grep -q /dev/nvme0n1 "$1"; then
        within 20 find_disk || { echo "there is no disk"; return 1; }
    fi
    sed "s#/dev/nvme0n1#$disk#g" "$1" >/tmp/block
    sh -ex /tmp/block
}

need loopback reach_loopback
for block in /job/commands/line-*; do
    name=${block##*/}
    case $name in
        *.ask) ask "${name%.ask}" ;;
        *) step "${name%.sh}" runs "$block" && sed 's/^/    /' "$step_log" ;;
    esac
done
finish
