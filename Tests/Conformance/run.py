#!/usr/bin/env python3
"""Runs the conformance cases against a controller: `run.py HOST PORT DISCOVERY_PORT NQN [WORD]`.

Namespace 1 keeps what is written to it and has 64 MiB of 512-byte blocks; namespace 2 exists, and no other. With
WORD only the cases whose name contains it are run. Prints `ok NAME` or `FAIL NAME: why` for each; exits with 1 if
any failed.
"""

import concurrent.futures
import sys
import traceback

import admin  # noqa: F401
import cases
import copying  # noqa: F401
import discovery  # noqa: F401
import fabrics  # noqa: F401
import fused  # noqa: F401
import fuzz  # noqa: F401
import io_commands  # noqa: F401
import reservations  # noqa: F401
import transport  # noqa: F401


class Target:
    def __init__(self, host, port, discovery_port, nqn):
        self.host, self.port, self.discovery_port, self.nqn = host, int(port), int(discovery_port), nqn


def outcome(target, case):
    try:
        case.function(target)
    except Exception as error:
        place = [frame for frame in traceback.extract_tb(error.__traceback__)
                 if not frame.filename.endswith(("wire.py", "nvme.py", "run.py"))][-1]
        where = f"{place.filename.rsplit('/')[-1]}:{place.lineno}"
        return f"FAIL {case.name}: {type(error).__name__}: {error or place.line} ({where})"
    return f"ok {case.name}"


def main():
    target = Target(*sys.argv[1:5])
    word = sys.argv[5] if len(sys.argv) > 5 else ""
    chosen = [case for case in cases.ALL if word in case.name]
    lines = []
    with concurrent.futures.ThreadPoolExecutor() as pool:
        slow = [pool.submit(outcome, target, case) for case in chosen if case.is_slow]
        for case in chosen:
            if not case.is_slow:
                lines.append(outcome(target, case))
                print(lines[-1], flush=True)
        for future in slow:
            lines.append(future.result())
            print(lines[-1], flush=True)
    return 1 if any(line.startswith("FAIL") for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
