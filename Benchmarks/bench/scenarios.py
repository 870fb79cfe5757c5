"""What is measured, and the bounds: each function fills one section of the table."""

import json
import os
import pathlib
import re
import subprocess
import tempfile
import time

from load import NQN
from machine import Server, processor_nanoseconds, resident_bytes
from table import Row

HERE = pathlib.Path(__file__).parent.parent
SHORT = {"randread": "reads", "randwrite": "writes"}


def size(bytes):
    return f"{bytes // 2**20} MiB" if bytes >= 2**20 else f"{bytes // 1024} KiB" if bytes >= 1024 else f"{bytes} B"


class Bench:
    """The programs, and how often each pair takes turns."""

    def __init__(self, table, load, rounds, quick):
        self.table, self.load, self.rounds, self.quick = table, load, rounds, quick

    # Servers

    def export(self, store, *options):
        def ready(line):
            found = re.match(r"  nvme connect -t tcp -a (\S+) -s (\d+) ", line)
            return found and f"{found[1]}:{found[2]}"
        return Server([
            self.load.gatewayd, "export", store, "--nqn", NQN, "--listen", "127.0.0.1:0", "--no-discovery",
            "--shards", "1", *options], ready)

    def responder(self, *options):
        subprocess.run(["make", "-s", "-C", HERE / "epoll-responder"], check=True)
        return Server([HERE / "epoll-responder" / "epoll-responder", "0", *options], listening)

    # Pairs

    def pairs(self, ours, theirs):
        """Both sides' measurements, in turns."""
        return [(ours(), theirs()) for _ in range(self.rounds)]

    def add(self, name, unit, pairs, key, **bounds):
        self.table.add(Row(name, unit, [(a[key], b[key] if b else None) for a, b in pairs], **bounds))

    # Sections

    def null(self):
        """The path from socket to backend and back, beside the least that the kernel's TCP can cost."""
        self.table.section("A store that answers at once, beside a bare epoll loop in C")
        gateway, responder, load = self.export("null:16GiB"), self.responder(), self.load
        for depth in ([32] if self.quick else [1, 8, 32, 128]):
            for rw in SHORT:
                pairs = self.pairs(
                    lambda: load.nvme(gateway, rw, depth=depth), lambda: load.nvme(responder, rw, depth=depth))
                name, bounded = f"4 KiB {SHORT[rw]}, QD {depth}", depth >= 32
                self.add(name, "IOPS", pairs, "iops", bound=0.85 if bounded else None)
                reads = rw == "randread"
                self.add(name, "CPU ns per command", pairs, "cpu_ns",
                         bound=1.25 if bounded and reads else None, higher=False)
                self.add(name, "context switches per command", pairs, "switches", higher=False)
        for bytes in ([131072] if self.quick else [512, 16384, 131072]):
            pairs = self.pairs(lambda: load.nvme(gateway, bytes=bytes), lambda: load.nvme(responder, bytes=bytes))
            self.add(f"{size(bytes)} reads, QD 32", "bytes/s", pairs, "bytes", bound=0.9 if bytes > 65536 else None)
        for connections, depth in ([] if self.quick else [(4, 32), (64, 8), (126, 1)]):
            pairs = self.pairs(
                lambda: load.nvme(gateway, depth=depth, connections=connections),
                lambda: load.nvme(responder, depth=depth, connections=connections))
            self.add(f"4 KiB reads, {connections} connections x {depth}", "IOPS", pairs, "iops")
        large = self.export("null:16GiB", "--mdts", "1MiB")
        for bytes in [131072, 2**20]:
            pairs = [(load.nvme(large, "randwrite", bytes=bytes), None) for _ in range(self.rounds)]
            self.add(f"{size(bytes)} writes, QD 32", "bytes/s", pairs, "bytes")
        for server in (gateway, responder, large):
            server.stop()

    def spinning(self):
        """One command at a time, answered by somebody who never sleeps."""
        self.table.section("Queue depth 1: spinning beside an epoll loop in C that never sleeps, the rest beside one that does")
        load = self.load
        sides = {"sleeping": (["--spin", "off"], []), "spinning": (["--spin", "100"], ["--poll"]), "automatic": ([], [])}
        for name, (ours, theirs) in sides.items():
            # Started when it is their turn: who never sleeps takes a processor from all others.
            gateway, responder = self.export("null:16GiB", *ours), self.responder(*theirs)
            pairs = self.pairs(lambda: load.nvme(gateway, depth=1), lambda: load.nvme(responder, depth=1))
            self.add(f"4 KiB reads, QD 1, {name}", "p50 us", pairs, "p50",
                     bound=1.15 if name == "spinning" else None, higher=False)
            gateway.stop()
            responder.stop()

    def digests(self):
        """Header and data digests beside none."""
        self.table.section("Header and data digests, beside none")
        gateway, load = self.export("null:16GiB"), self.load
        for bytes in [4096, 131072]:
            for rw in SHORT:
                pairs = self.pairs(
                    lambda: load.nvme(gateway, rw, bytes, digests=True), lambda: load.nvme(gateway, rw, bytes))
                self.add(f"{size(bytes)} {SHORT[rw]}, QD 32", "IOPS", pairs, "iops",
                         bound=0.85 if bytes == 4096 else None)
        gateway.stop()

    def idle(self):
        """What a gateway costs that nobody asks anything."""
        self.table.section("Idle")
        for store, name, bound in [("null:16GiB", "null", 48)]:
            gateway = self.export(store)
            self.load.nvme(gateway, depth=32, connections=100)
            time.sleep(1)
            before, seconds = processor_nanoseconds(gateway.pid), 5
            time.sleep(seconds)
            used = processor_nanoseconds(gateway.pid) - before
            self.table.add(Row(f"{name}, no host", "% of a core", [(used / seconds / 1e7, None)], 0.3, False))
            resident = resident_bytes(gateway.pid) / 2**20
            self.table.add(Row(f"{name}, after 100 connections", "MiB resident", [(resident, None)], bound, False))
            gateway.stop()

    def rbd(self):
        """An image through gatewayd, beside fio on librbd."""
        self.table.section("An RBD image (one OSD in memory, no cache), beside fio's rbd engine on librbd")
        with Cluster(512) as ceph:
            gateway, load = None, self.load
            options = ["--ceph-conf", ceph.configuration, "--id", "gateway"]
            for depth in ([32] if self.quick else [1, 32, 128]):
                for rw in SHORT:
                    def ours():
                        # librbd keeps what it needs from one run to the next: both sides begin anew.
                        gateway = self.export("rbd:rbd/demo", *options)
                        result = load.nvme(gateway, rw, depth=depth, own=ceph.pids)
                        gateway.stop()
                        return result
                    pairs = self.pairs(ours, lambda: load.fio(ceph, rw, depth))
                    name = f"4 KiB {SHORT[rw]}, QD {depth}"
                    if depth == 1:
                        self.add(name, "p50 us", pairs, "p50", bound=45, higher=False, difference=True)
                    else:
                        self.add(name, "IOPS", pairs, "iops", bound=0.85)
                    self.add(name, "CPU ns per command", pairs, "cpu_ns", bound=4000, higher=False, difference=True)

    def counts(self):
        """What a command takes from the heap and the kernel: the same on every machine."""
        self.table.section("Counted on the null backend, for each command")
        binary = os.environ.get("NULL_TARGET") or built("null-target")
        counter = built_counter()
        # At depth 1 a command is two turns: its arrival, and the end of its answer's send.
        bounds = {1: 2.1, 32: 1.0} if self.quick else {1: 2.1, 32: 1.0, 128: 1.0}
        for depth, turns in bounds.items():
            for rw in SHORT:
                counted = count(self.load, binary, counter, rw, depth)
                name = f"4 KiB {SHORT[rw]}, QD {depth}"
                for unit, key, bound in [
                    ("heap allocations", "allocations", 0.02), ("counted references", "retains", 0.5 + 2 * turns),
                    ("system calls", "turns", turns),
                ]:
                    self.table.add(Row(name, unit, [(counted[key], None)], bound, False))


class Cluster:
    """A Ceph cluster of one OSD with a filled image `demo`: reads of a hole would measure nothing."""

    def __init__(self, mib):
        self.folder = tempfile.mkdtemp(prefix="gwbench.", dir=os.environ.get("TMPDIR", "/tmp"))
        self.script, self.mib = HERE.parent / "Scripts" / "ceph-cluster", mib

    def __enter__(self):
        folder = f"{self.folder}/ceph"
        subprocess.run(
            [self.script, "start", folder, "--image", "demo", "--image-mib", str(self.mib), "--store-gib", "4"],
            check=True, stdout=subprocess.DEVNULL)
        self.configuration = f"{folder}/ceph.conf"
        uncached = pathlib.Path(self.folder, "uncached.conf")
        uncached.write_text(pathlib.Path(self.configuration).read_text() + "\n[client]\nrbd_cache = false\n")
        self.environment = {**os.environ, "CEPH_CONF": str(uncached)}
        self.pids = [int(path.read_text()) for path in pathlib.Path(folder).rglob("*.pid")]
        subprocess.run([
            "fio", "--name=x", "--ioengine=rbd", "--clientname=gateway", "--pool=rbd", "--rbdname=demo", "--rw=write",
            "--bs=1m", "--iodepth=16", f"--size={self.mib}m"],
            env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        subprocess.run([self.script, "destroy", f"{self.folder}/ceph"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", self.folder], check=False)


def listening(line):
    return line.removeprefix("listening on ").strip() if line.startswith("listening on ") else None


def built(product):
    """Builds a program of the package (release) without the control plane."""
    swift = ["swift", "build", "-c", "release"]
    subprocess.run([*swift, "--product", product], cwd=HERE.parent, check=True, stdout=2)
    folder = subprocess.run(
        [*swift, "--show-bin-path"], cwd=HERE.parent, check=True, capture_output=True, text=True).stdout.strip()
    return f"{folder}/{product}"


def built_counter():
    source = HERE / "allocation-counter"
    subprocess.run(["make", "-s", "-C", source], check=True)
    return str(source / "allocation-counter.so")


def count(load, binary, counter, rw, depth):
    """Counts for each command, by what a longer run has more than a shorter one: start and end cost the same."""
    def run(seconds):
        with tempfile.NamedTemporaryFile("r") as file:
            server = Server([binary, "1", "0"], listening, {"LD_PRELOAD": counter, "ALLOCATION_COUNTS": file.name})
            load.once(server, rw, depth, seconds)
            served = json.loads(server.stop().splitlines()[-1])
            return json.load(file) | served
    short, long = run(1), run(4)
    commands = long["commands"] - short["commands"]
    return {key: (long[key] - short[key]) / commands for key in ("allocations", "retains", "turns", "sleeps")}
