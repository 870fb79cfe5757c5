#!/usr/bin/env python3
"""What `make bench` does beside Benchmarks/run: how a gateway does with many namespaces.

    Benchmarks/namespaces.py [--count 1000] [--gatewayd PROGRAM] [--set SECTION.KEY=VALUE ...]

Starts a Ceph cluster of one OSD in memory, makes the images and the group's state, and starts `gatewayd serve` on one
namespace, then on all. Prints when it serves, its processor time until then, threads, memory (and what of it each
further namespace takes), how long calls take, and what an idle gateway costs. The processor time counts on a busy
machine, too. Runs in the environment that Scripts/upstream-cli makes, whose messages it calls the gateway with.
"""
import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
IDLE_SECONDS = 10
# By their names without the number.
LIBRADOS_THREADS = {"safe_timer", "ceph_timer", "msgr-worker", "ms_dispatch", "ms_local", "log", "service", "tp_librbd",
                    "taskfin_librbd", "io_context_pool", "fn_anonymous", "admin_socket", "fn-radosclient"}
CALLS = 20


def run(*command, **options):
    return subprocess.run(command, check=True, text=True, **options)


def enter_environment():
    """Starts over in the environment of the upstream command line, unless this is it."""
    try:
        import control.proto.gateway_pb2  # noqa: F401
    except ImportError:
        if os.environ.get("NAMESPACES_ENTERED"):
            raise
        folder = run(f"{ROOT}/Scripts/upstream-cli", stdout=subprocess.PIPE).stdout.strip()
        os.environ["NAMESPACES_ENTERED"] = "1"
        python = f"{folder}/bin/python3"
        os.execv(python, [python, *sys.argv])


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Process:
    """A gateway that serves, and what the kernel says of it."""

    def __init__(self, gatewayd, folder, group, conf, settings):
        self.control, discovery = free_ports(2)
        file = f"{folder}/{group}.conf"
        with open(file, "w") as text:
            text.write(f"[gateway]\nname = gw1\ngroup = {group}\noverride_hostname = gw1\naddr = 127.0.0.1\n"
                       f"port = {self.control}\n[discovery]\naddr = 127.0.0.1\nport = {discovery}\n"
                       f"[ceph]\npool = rbd\nid = gateway\nconfig_file = {conf}\n")
        self.log = f"{folder}/{group}.log"
        start = time.monotonic()
        arguments = [word for setting in settings for word in ("--set", setting)]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([gatewayd, "serve", "--config", file, *arguments], stderr=log, stdout=log)
        while "serving after" not in self.text:
            if self.process.poll() is not None or time.monotonic() - start > 120:
                sys.exit(f"gatewayd did not come up:\n{self.text[-3000:]}")
            time.sleep(0.01)
        self.seconds = time.monotonic() - start
        self.start_cpu = self.cpu

    @property
    def text(self):
        with open(self.log) as log:
            return log.read()

    def librados_cpu(self):
        """Seconds of processor time of the threads that librados and librbd have now."""
        total = 0
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            folder = f"/proc/{self.process.pid}/task/{thread}"
            with open(f"{folder}/comm") as name, open(f"{folder}/schedstat") as stat:
                if name.read().strip().rstrip("-0123456789") in LIBRADOS_THREADS:
                    total += int(stat.read().split()[0]) / 1e9
        return total

    @property
    def cpu(self):
        """Seconds of processor time, user and system."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def status(self, name):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(rf"^{name}:\s+(\d+)", status.read(), re.M).group(1))

    @property
    def mebibytes(self):
        return self.status("VmRSS") / 1024

    def idle(self):
        """Percent of a processor, and what of it is librados' and librbd's."""
        before, theirs = self.cpu, self.librados_cpu()
        time.sleep(IDLE_SECONDS)
        return ((self.cpu - before) / IDLE_SECONDS * 100, (self.librados_cpu() - theirs) / IDLE_SECONDS * 100)

    def stop(self):
        start = time.monotonic()
        self.process.terminate()
        code = self.process.wait(60)
        if code != 0:
            sys.exit(f"gatewayd ended with {code}:\n{self.text[-3000:]}")
        return time.monotonic() - start


def calls(port):
    """Milliseconds and bytes of the calls that tell of all namespaces."""
    import grpc
    from control.proto import gateway_pb2 as messages
    from control.proto import gateway_pb2_grpc as services
    channel = grpc.insecure_channel(f"127.0.0.1:{port}", [("grpc.max_receive_message_length", 64 << 20)])
    stub = services.GatewayStub(channel)
    made = [
        ("list_namespaces", stub.list_namespaces, messages.list_namespaces_req(subsystem="")),
        ("get_subsystems", stub.get_subsystems, messages.get_subsystems_req()),
        ("list_subsystems", stub.list_subsystems, messages.list_subsystems_req()),
    ]
    for name, call, request in made:
        times = []
        for _ in range(CALLS):
            start = time.monotonic()
            answer = call(request)
            times.append((time.monotonic() - start) * 1000)
        yield name, statistics.median(times), max(times), answer.ByteSize()


def measure(gatewayd, folder, group, conf, count, settings):
    run("/usr/bin/python3", f"{ROOT}/Scripts/cluster/many-namespaces.py", conf, group, str(count), "--port",
        str(free_ports(1)[0]), "--subsystems", str(min(count, 4)))
    process = Process(gatewayd, folder, group, conf, settings)
    print(f"\n{count} namespaces")
    print(f"  serving                {process.seconds:8.2f} s    processor {process.start_cpu:.2f} s")
    for line in re.findall(r"opening images: .*", process.text):
        print(f"    {line}")
    mebibytes = process.mebibytes
    print(f"  memory (RSS)           {mebibytes:8.1f} MiB  threads {process.status('Threads')}")
    for name, median, longest, length in calls(process.control):
        print(f"  {name:22} {median:8.2f} ms   longest {longest:.2f} ms, {length} bytes")
    idle, theirs = process.idle()
    print(f"  idle                   {idle:8.2f} % of a processor, librbd's threads {theirs:.2f} %")
    print(f"  end                    {process.stop():8.2f} s")
    return mebibytes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--gatewayd", default=os.environ.get("GATEWAYD"))
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    enter_environment()
    gatewayd = options.gatewayd
    if not gatewayd:
        run("swift", "build", "-c", "release", "--product", "gatewayd", cwd=ROOT, stdout=sys.stderr)
        gatewayd = run("swift", "build", "-c", "release", "--show-bin-path", cwd=ROOT,
                       stdout=subprocess.PIPE).stdout.strip() + "/gatewayd"
    folder = tempfile.mkdtemp(prefix="gwmany.")
    cluster = f"{folder}/ceph"
    try:
        run(f"{ROOT}/Scripts/ceph-cluster", "start", cluster, "--image", "", stdout=subprocess.DEVNULL)
        print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
        one = measure(gatewayd, folder, "one", f"{cluster}/ceph.conf", 1, options.set)
        all_ = measure(gatewayd, folder, "all", f"{cluster}/ceph.conf", options.count, options.set)
        print(f"\nfor each further namespace {(all_ - one) / (options.count - 1):.3f} MiB")
    finally:
        subprocess.run([f"{ROOT}/Scripts/ceph-cluster", "destroy", cluster], stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


main()
