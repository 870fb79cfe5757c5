#!/usr/bin/env python3
"""Finds the plain ELF kernel inside a compressed vmlinuz. Called by Scripts/guest/build.sh.

    extract-vmlinux.py VMLINUZ OUTPUT
"""
import shutil
import subprocess
import sys

DECOMPRESSORS = [
    (b"\x28\xb5\x2f\xfd", ["zstd", "-dcq"]),
    (b"\xfd7zXZ\x00", ["xz", "-dc", "--single-stream"]),
    (b"\x02\x21\x4c\x18", ["lz4", "-dc"]),
    (b"\x1f\x8b\x08", ["gzip", "-dc"]),
]


def candidates(image):
    """What comes out at each place that looks like the start of compressed data."""
    for magic, command in DECOMPRESSORS:
        if shutil.which(command[0]) is None:
            continue
        position = image.find(magic, 512)
        while position >= 0:
            # What follows the compressed kernel is not part of it, so the exit code says nothing.
            yield subprocess.run(command, input=image[position:], stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL, check=False).stdout
            position = image.find(magic, position + 1)


with open(sys.argv[1], "rb") as file:
    vmlinuz = file.read()
for kernel in candidates(vmlinuz):
    if kernel[:4] == b"\x7fELF":
        with open(sys.argv[2], "wb") as file:
            file.write(kernel)
        sys.exit(0)
sys.exit(f"{sys.argv[1]}: no kernel found inside (is its compressor installed?)")
