#!/usr/bin/env python3
"""How fast a namespace is written to, by the gateway's own counters and clock: `rate.py PORT NQN NSID SECONDS`.

It must be run by the Python of Scripts/upstream-cli. Prints the bytes a second of the next SECONDS.
"""

import sys
import time

import gateway


def main():
    port, nqn, nsid, seconds = sys.argv[1:]
    client = gateway.Gateway(int(port))

    def counters():
        told = client.call("namespace_get_io_stats", subsystem_nqn=nqn, nsid=int(nsid))
        assert told.status == 0, told.error_message
        return told.ticks / told.tick_rate, told.bytes_written

    begin = counters()
    time.sleep(float(seconds))
    end = counters()
    print((end[1] - begin[1]) / (end[0] - begin[0]))


if __name__ == "__main__":
    main()
