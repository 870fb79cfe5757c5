"""What `make bench` runs: measures gatewayd on this machine, beside what it is compared with.

Each pair takes turns in rounds; a row has the medians, the median of the rounds' ratios and how far they
spread. A measurement that others on the machine disturbed is taken again; how many stayed disturbed is
said at the end.
"""

import argparse
import json
import os
import pathlib
import platform
import sys

from load import Load
from scenarios import Bench
from table import Table

SECTIONS = ["null", "spinning", "digests", "idle", "counts", "rbd"]


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair takes turns (default: 5)")
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement (default: 2)")
    parser.add_argument("--quick", action="store_true", help="the shapes that have bounds only")
    parser.add_argument("--json", metavar="FILE", help="write all rows with their rounds to a file")
    parser.add_argument("--check", action="store_true", help="fail if a bound does not hold")
    arguments = parser.parse_args()
    for section in arguments.sections:
        if section not in SECTIONS:
            parser.error(f"'{section}' is nothing to measure: {', '.join(SECTIONS)} are")
    table, load = Table(), Load(os.environ["GATEWAYD"], arguments.seconds)
    bench = Bench(table, load, arguments.rounds, arguments.quick)
    for section in arguments.sections or SECTIONS:
        getattr(bench, section)()
    print(f"\n{os.cpu_count()} processors, {platform.release()}, load {os.getloadavg()[0]:.1f}; "
          f"{load.disturbed} measurements were disturbed by others")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps([row.record() for row in table.rows], indent=1))
    if arguments.check and not table.holds:
        sys.exit("a bound does not hold")


main()
