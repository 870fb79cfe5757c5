#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091
#
# Runs another script of this folder against Linux's own NVMe/TCP target, inside the guest: what fails here is the
# script's fault, not the gateway's.
#
#   kernel-target.sh SCRIPT [ARG...]        (SCRIPT is given to the guest with -f)
NQN=nqn.2014-08.org.example:kernel
target=/sys/kernel/config/nvmet

modprobe nvmet-tcp || exit 1
modprobe null_blk nr_devices=0 || exit 1
disk=/sys/kernel/config/nullb/disk
mkdir $disk || exit 1
echo 1 >$disk/memory_backed
echo 1 >$disk/discard
echo 512 >$disk/size
echo 512 >$disk/blocksize
echo 1 >$disk/power

mkdir -p $target/subsystems/$NQN/namespaces/1 $target/ports/1
echo 1 >$target/subsystems/$NQN/attr_allow_any_host
device=/dev/nullb0
[ -b $device ] || device=/dev/disk # named after its folder from some kernel on
echo -n $device >$target/subsystems/$NQN/namespaces/1/device_path
echo 1 >$target/subsystems/$NQN/namespaces/1/enable
echo tcp >$target/ports/1/addr_trtype
echo ipv4 >$target/ports/1/addr_adrfam
echo 127.0.0.1 >$target/ports/1/addr_traddr
echo 4420 >$target/ports/1/addr_trsvcid
ln -s $target/subsystems/$NQN $target/ports/1/subsystems/$NQN

# Linux 6.12's target has none of these. It sets no limit on Write Zeroes either, and Linux's host then zeroes less than
# it was asked to: see writeZeroesShift in Sources/GatewayCore.
export SKIP="compare verify copy reserve supported-logs all-logs cmdset-id-ns features write-zeroes-kernel ${SKIP:-}"
script=$1
shift
exec sh "/job/$script" 127.0.0.1 4420 $NQN "$@"
