#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034
#
# A host with many queues that asks for nothing, in the guest.
#
#   idle.sh ADDRESS PORT NQN SECONDS
#
# Makes four associations with three I/O queues each, asks for `idle`, keeps still for SECONDS, and asks for `idled`.
. /job/lib.sh
ADDRESS=$1 PORT=$2 NQN=$3 STILL=$4

connects_more() {
    for more in 2 3 4; do
        nvme connect -t tcp -a "$ADDRESS" -s "$PORT" -n "$NQN" --duplicate-connect \
            --nr-write-queues=1 --nr-poll-queues=1 || return 1
    done
}

need connect connect --nr-write-queues=1 --nr-poll-queues=1
step connect-more connects_more
sleep 3 # the kernel reads the disks it has found
ask idle
sleep "$STILL"
ask idled
step disconnect disconnect
finish
