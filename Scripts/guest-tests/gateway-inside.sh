#!/bin/busybox sh
# shellcheck shell=dash disable=SC1091
#
# gatewayd itself in the guest (given with -x), serving this guest's own initiator.
#
#   gateway-inside.sh BACKEND [OPTION of gatewayd export...]
echo "Linux $(uname -r)"
gatewayd export "$@" --listen 127.0.0.1:4420 >/tmp/gatewayd.log 2>&1 &
gateway=$!
tries=0
until grep -q 'nvme connect' /tmp/gatewayd.log; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ] || ! kill -0 $gateway 2>/dev/null; then
        echo "FAIL start: gatewayd does not serve"
        cat /tmp/gatewayd.log
        exit 1
    fi
    sleep 0.2
done
cat /tmp/gatewayd.log
nqn=$(sed -n 's/.*nvme connect.* -n *\([^ ]*\).*/\1/p' /tmp/gatewayd.log | head -n 1)
sh /job/initiator.sh 127.0.0.1 4420 "$nqn"
code=$?
kill -TERM $gateway
wait $gateway
stopped=$?
[ $stopped -eq 0 ] || echo "FAIL stop: gatewayd ended with $stopped after SIGTERM"
if [ $code -ne 0 ] || [ $stopped -ne 0 ]; then
    tail -n 40 /tmp/gatewayd.log
    exit 1
fi
