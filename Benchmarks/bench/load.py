"""Load: `gatewayd bench` against a server, or fio straight on librbd; each gives one measurement."""

import json
import subprocess
import sys

from machine import Usage, children_seconds

NQN = "nqn.2026-11.com.example:bench"
# A measurement during which others took more of a processor than this is taken again, a few times.
ELSEWHERE_MAX, TRIES = 0.15, 4


class Load:
    """Runs measurements of `seconds` each with the load generator `gatewayd`."""

    def __init__(self, gatewayd, seconds):
        self.gatewayd, self.seconds = gatewayd, seconds
        self.disturbed = 0

    def undisturbed(self, measure):
        for attempt in range(TRIES):
            result = measure()
            if result["elsewhere"] <= ELSEWHERE_MAX:
                return result
        self.disturbed += 1
        return result

    def once(self, server, rw, depth, seconds):
        """A run whose figures nobody wants."""
        subprocess.run([
            self.gatewayd, "bench", server.address, "--nqn", NQN, "--rw", rw, "--qd", str(depth), "--seconds", str(seconds),
            "--json"], check=True, stdout=subprocess.DEVNULL)

    def nvme(self, server, rw="randread", bytes=4096, depth=32, connections=1, digests=False, own=()):
        """The figures of one run: iops, p50 (us), cpu_ns and switches per command of the server, bytes/s."""
        command = [
            self.gatewayd, "bench", server.address, "--nqn", NQN, "--rw", rw, "--bs", str(bytes), "--qd", str(depth),
            "--connections", str(connections), "--seconds", str(self.seconds), "--json"]

        def measure():
            usage = Usage(server.pid, own)
            result = subprocess.run(
                command + (["--digests"] if digests else []), capture_output=True, text=True)
            if result.returncode:
                sys.exit(f"{' '.join(command)}:\n{result.stderr}")
            used, report = usage.end(), json.loads(result.stdout)
            commands = report["reads"] + report["writes"]
            return {
                "iops": report["iops"], "p50": report["p50_us"], "p99": report["p99_us"],
                "bytes": report["iops"] * bytes, "cpu_ns": used["processor"] / commands,
                "switches": used["switches"] / commands, "commands": commands, "elsewhere": used["elsewhere"]}
        return self.undisturbed(measure)

    def fio(self, ceph, rw="randread", depth=32, mib=512, own=()):
        """The same of fio's rbd engine on image rbd/demo; cpu_ns is of fio, hence of librbd and its caller."""
        command = [
            "fio", "--name=x", "--ioengine=rbd", "--clientname=gateway", "--pool=rbd", "--rbdname=demo",
            f"--rw={rw}", "--bs=4k", f"--iodepth={depth}", "--time_based", f"--runtime={self.seconds}",
            f"--size={mib}m", "--output-format=json"]

        def measure():
            usage, before = Usage(ceph.pids[0], ceph.pids), children_seconds()
            text = subprocess.run(command, capture_output=True, text=True, env=ceph.environment, check=True).stdout
            cpu = (children_seconds() - before) * 1e9
            used, job = usage.end(), json.loads(text[text.index("{"):])["jobs"][0]
            side = job["read"] if job["read"]["total_ios"] else job["write"]
            percentiles = side["clat_ns"]["percentile"]
            return {
                "iops": side["iops"], "p50": percentiles["50.000000"] / 1000, "p99": percentiles["99.000000"] / 1000,
                "bytes": side["iops"] * 4096, "cpu_ns": cpu / max(1, side["total_ios"]),
                "commands": side["total_ios"], "elsewhere": used["elsewhere"]}
        return self.undisturbed(measure)
