"""Programs that are measured, and what the kernel counts of them: processor time, context switches, memory.

Whatever else ran on the machine meanwhile is counted too, so that a disturbed measurement is known as one.
"""

import os
import pathlib
import resource
import subprocess
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def threads(pid):
    return list(pathlib.Path(f"/proc/{pid}/task").iterdir())


def processor_nanoseconds(pid):
    """Of all threads of a process; exact only once they sleep (proc(5), schedstat)."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in threads(pid))


def context_switches(pid):
    lines = [line for task in threads(pid) for line in (task / "status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if "ctxt_switches" in line)


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def machine_busy_seconds():
    """User, nice, system, interrupts, and what the hypervisor took (proc(5), stat)."""
    fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / TICK


def children_seconds():
    """Processor time of all threads of child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Server:
    """A program in the background, ready once a line of its output tells the address."""

    def __init__(self, command, ready, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **(environment or {})})
        self.lines = []
        self.address = None
        for line in self.process.stdout:
            self.lines.append(line)
            self.address = ready(line)
            if self.address:
                break
        else:
            raise RuntimeError(f"{command[0]} did not start:\n" + "".join(self.lines))
        # Nobody may block because nobody reads.
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        """Ends it as it likes to be ended: at the end of its input, or by SIGTERM."""
        self.process.stdin.close()
        try:
            self.process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.process.wait()
        self.reader.join()
        return "".join(self.lines)


class Usage:
    """What a process used between two moments, and what everybody else did.

    `own`: pids of all that belongs to the measurement; child processes that end in between count as well.
    """

    def __init__(self, pid, own=()):
        self.pid, self.own = pid, {pid, *own}
        self.before = self.sample()

    def sample(self):
        self_ = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "time": time.monotonic(),
            "busy": machine_busy_seconds(),
            "own": sum(processor_nanoseconds(pid) for pid in self.own) / 1e9
            + children_seconds() + self_.ru_utime + self_.ru_stime,
            "processor": processor_nanoseconds(self.pid),
            "switches": context_switches(self.pid),
        }

    def end(self):
        # A thread that has not slept since is counted when it does.
        time.sleep(0.05)
        after = self.sample()
        delta = {key: after[key] - self.before[key] for key in after}
        delta["elsewhere"] = max(0.0, (delta["busy"] - delta["own"]) / delta["time"])
        return delta
