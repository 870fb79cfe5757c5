#!/usr/bin/env python3
"""Copies programs out of unpacked packages, with the libraries they need. Called by Scripts/guest/build.sh.

    collect-programs.py POOL ROOT PROGRAM...
"""
import glob
import os
import re
import shutil
import subprocess
import sys

pool, root, *programs = sys.argv[1:]
LIBRARIES = "usr/lib/x86_64-linux-gnu"
# Opened by name at run time: no program says that it needs them.
OPENED_BY_NAME = ["libgcc_s.so.1", "libnss_files.so.2"]
folders = [LIBRARIES, "usr/lib"] + [os.path.relpath(path, pool) for path in glob.glob(f"{pool}/{LIBRARIES}/*/")]


def needed(path):
    listing = subprocess.run(["readelf", "-d", path], capture_output=True, text=True, check=False).stdout
    return re.findall(r"NEEDED.*\[(.*)\]", listing)


def find(name, places):
    return next((place for place in places if os.path.exists(f"{pool}/{place}/{name}")), None)


todo = [name for name in OPENED_BY_NAME if find(name, folders)]
for program in programs:
    place = find(program, ("usr/bin", "usr/sbin"))
    if place is None:
        sys.exit(f"collect-programs.py: no {program} in the packages")
    shutil.copy(f"{pool}/{place}/{program}", f"{root}/{place}/{program}")
    todo += needed(f"{pool}/{place}/{program}")

os.makedirs(f"{root}/{LIBRARIES}", exist_ok=True)
seen = set()
while todo:
    library = todo.pop()
    if library in seen:
        continue
    seen.add(library)
    place = find(library, folders)
    if place is None:
        sys.exit(f"collect-programs.py: no {library} in the packages")
    shutil.copy(f"{pool}/{place}/{library}", f"{root}/{LIBRARIES}/{library}")
    todo += needed(f"{pool}/{place}/{library}")
shutil.copy(f"{pool}/usr/lib64/ld-linux-x86-64.so.2", f"{root}/usr/lib64/ld-linux-x86-64.so.2")
