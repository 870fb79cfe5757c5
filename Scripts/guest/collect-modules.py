#!/usr/bin/env python3
"""Copies kernel modules with all that they need. Called by Scripts/guest/build.sh after depmod.

    collect-modules.py FROM TO MODULE...      (both are lib/modules/RELEASE; names without .ko)
"""
import os
import shutil
import sys

source, target, *wanted = sys.argv[1:]


def normal(name):
    """Module names are told apart neither by - and _ nor by their folder."""
    return os.path.basename(name).removesuffix(".ko").replace("-", "_")


path_of, hard = {}, {}
with open(f"{source}/modules.dep") as file:
    for line in file:
        path, needs = line.split(":")
        path_of[normal(path)] = path
        hard[normal(path)] = [normal(need) for need in needs.split()]

soft = {}
with open(f"{source}/modules.softdep") as file:
    for line in file:
        words = line.split()
        if words and words[0] == "softdep":
            soft[normal(words[1])] = [normal(word) for word in words[2:] if not word.endswith(":")]

os.makedirs(target)
todo, seen = [normal(name) for name in wanted], set()
while todo:
    name = todo.pop()
    if name in seen or name not in path_of:   # seen, or built into this kernel, or not known to it
        continue
    seen.add(name)
    os.makedirs(os.path.dirname(f"{target}/{path_of[name]}"), exist_ok=True)
    shutil.copy(f"{source}/{path_of[name]}", f"{target}/{path_of[name]}")
    todo += hard[name] + soft.get(name, [])
for name in ("modules.builtin", "modules.builtin.modinfo", "modules.order"):
    if os.path.exists(f"{source}/{name}"):
        shutil.copy(f"{source}/{name}", target)
