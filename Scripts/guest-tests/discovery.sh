#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091,SC2034,SC2154
#
# A Linux host that finds subsystems by discovery alone, in the guest: over IPv4 and IPv6, through a referral, and as
# they come.
#
#   discovery.sh ADDRESS PORT ADDRESS6 PORT6 DISCOVERY_NQN NQN_A NQN_B NQN_REFERRED NQN_LATER
#
# ADDRESS:PORT and ADDRESS6:PORT6 are two listeners of one target, which has NQN_A and NQN_B and refers to another
# target that has NQN_REFERRED. Asks the host for `add` (NQN_LATER joins the first target).
. /job/lib.sh
ADDRESS=$1 PORT=$2 ADDRESS6=$3 PORT6=$4 DISCOVERY_NQN=$5 NQN_A=$6 NQN_B=$7 NQN_REFERRED=$8 NQN_LATER=$9

has_ipv6() {
    ip -6 addr add fec0::15/64 dev eth0 || return 1
    within 20 ping -6 -c 1 -W 1 "$ADDRESS6"
}

# finds ADDRESS PORT [OPTION...]: the log has what it should, and nothing that only others may see.
finds() {
    log=/tmp/discovery.log
    nvme discover -t tcp -a "$1" -s "$2" >$log || return 1
    cat $log
    [ "$(grep -c "^subtype: *current discovery subsystem" $log)" -eq 2 ] || return 1
    [ "$(grep -c "^subtype: *discovery subsystem referral" $log)" -eq 1 ] || return 1
    [ "$(grep -c "^subtype: *nvme subsystem" $log)" -eq 4 ] || return 1
    [ "$(grep -c "^subnqn: *$NQN_A\$" $log)" -eq 2 ] && [ "$(grep -c "^subnqn: *$NQN_B\$" $log)" -eq 2 ] || return 1
    [ "$(grep -c "^adrfam: *ipv6" $log)" -eq 3 ] || return 1
    grep -q "^subnqn: *$DISCOVERY_NQN\$" $log || return 1
    ! grep -q "secret" $log
}

# paths NQN: its live controllers.
paths() {
    count=0
    for path in /sys/class/nvme/nvme*; do
        [ "$(cat "$path/subsysnqn" 2>/dev/null)" = "$1" ] && [ "$(cat "$path/state")" = live ] && count=$((count + 1))
    done
    echo $count
}

has_paths() { # NQN COUNT
    [ "$(paths "$1")" -eq "$2" ]
}

connects_to_all() {
    nvme connect-all -t tcp -a "$ADDRESS" -s "$PORT" || return 1
    within 20 has_paths "$NQN_A" 2 && within 20 has_paths "$NQN_B" 2 && within 20 has_paths "$NQN_REFERRED" 1
}

# uses NQN: what is written comes back.
uses() {
    NQN=$1
    within 20 find_disk || return 1
    dd if=/dev/urandom of=/tmp/data bs=64k count=16 && dd if=/tmp/data of="$disk" bs=64k oflag=direct || return 1
    dd if="$disk" of=/tmp/back bs=64k count=16 iflag=direct && cmp /tmp/data /tmp/back
}

# One host, connected twice to the same port.
connects_again() {
    ! nvme connect -t tcp -a "$ADDRESS" -s "$PORT" -n "$NQN_A" || return 1
    nvme connect -t tcp -a "$ADDRESS" -s "$PORT" -n "$NQN_A" --duplicate-connect || return 1
    within 20 has_paths "$NQN_A" 3
}

# A discovery controller that stays, by the target's own discovery name.
stays() {
    nvme discover -t tcp -a "$ADDRESS6" -s "$PORT6" -n "$DISCOVERY_NQN" --persistent --keep-alive-tmo=10 || return 1
    NQN=$DISCOVERY_NQN
    find_controller || { NQN=nqn.2014-08.org.nvmexpress.discovery; find_controller; } || return 1
    [ "$(cat "/sys/class/nvme/${controller##*/}/cntrltype")" = discovery ]
}

# The kernel has heard of the change: it tells udev.
hears() {
    grep -q "NVME_AEN=0x70f002" /tmp/uevents
}

finds_later() {
    nvme discover --device="${controller##*/}" | tee /dev/stderr | grep -q "^subnqn: *$NQN_LATER\$"
}

disconnects() {
    nvme disconnect-all || return 1
    [ -z "$(ls /sys/class/nvme 2>/dev/null)" ]
}

step discover finds "$ADDRESS" "$PORT"
need ipv6 has_ipv6
step discover-ipv6 finds "$ADDRESS6" "$PORT6"
need connect-all connects_to_all
step use-a uses "$NQN_A"
step use-b uses "$NQN_B"
step use-referred uses "$NQN_REFERRED"
step duplicate-connect connects_again
need persistent stays
busybox uevent sh -c 'env >>/tmp/uevents' &
listener=$!
within 5 test -d /proc/$listener
sleep 1
ask add
step event within 20 hears
step discover-later finds_later
kill $listener
step disconnect-all disconnects
finish
