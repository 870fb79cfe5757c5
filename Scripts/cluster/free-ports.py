#!/usr/bin/python3
"""Prints the first of N consecutive TCP ports that are free on 127.0.0.1. Called by Scripts/ceph-cluster.

The ports lie below the kernel's ephemeral range (32768 and up), which outgoing connections take theirs from.
"""
import random
import socket
import sys

count = int(sys.argv[1])


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


for first in random.sample(range(21000, 31000, 100), 100):
    if all(is_free(port) for port in range(first, first + count)):
        print(first)
        sys.exit(0)
sys.exit(f"no {count} free ports in a row")
