#!/usr/bin/env python3
"""Kills a gateway in a storm of changes, again and again: `storm.py PROGRAM CONFIG PORT POOL [--kills N] [--seed N]`.

It must be run by the Python of Scripts/upstream-cli. Starts `PROGRAM serve --config CONFIG`, whose control interface is at
PORT, has one change after the other made, and kills it (SIGKILL) at any moment. After each start the state must be what
was acknowledged, with or without the one change that had no answer yet, and the images must have the sizes that go with
it. It begins with whatever state there is. POOL is a pool for small images; with `--files` it is one whose images are files, which keep their sizes.

Prints a line for each kill, and exits with 1 at the first state that is another one.
"""

import argparse
import copy
import errno
import random
import signal
import subprocess
import sys
import threading
import uuid

import grpc

import gateway

MIB = 1 << 20


class Storm:
    """The state that was acknowledged, and changes of it that come to mind."""

    def __init__(self, chance, pool, has_files):
        self.chance = chance
        self.pool = pool
        self.has_files = has_files
        self.state = {}
        self.count = 0

    def nqn(self):
        return self.chance.choice(sorted(self.state))

    def host(self):
        return f"nqn.2014-08.org.nvmexpress:host{self.chance.randrange(6)}"

    def next(self):
        """(method, fields, what the state is when it is done)"""
        if not self.state or self.chance.random() < 0.05 and len(self.state) < 4:
            return self.create_subsystem()
        nqn = self.nqn()
        changes = [self.add_host, self.remove_host, self.create_listener, self.delete_listener]
        if self.state[nqn]["namespaces"]:
            changes += [self.limit, self.limit, self.show, self.hide, self.visibility, self.move, self.trash,
                        self.delete_namespace]
        changes += [self.add_namespace] * 3
        luck = self.chance.random()
        if luck < 0.03:
            changes = [self.delete_subsystem]
        elif luck < 0.04 and self.state[nqn]["namespaces"] and not self.has_files:
            changes = [self.resize]
        return self.chance.choice(changes)(nqn)

    def changed(self):
        self.count += 1
        return copy.deepcopy(self.state)

    def create_subsystem(self):
        state = self.changed()
        nqn, serial = f"nqn.2026-11.com.example:storm{self.count}", f"S{self.count}"
        state[nqn] = {"serial": serial, "any": False, "hosts": [], "listeners": [], "namespaces": {}}
        fields = {"subsystem_nqn": nqn, "serial_number": serial, "enable_ha": True, "no_group_append": True}
        return "create_subsystem", fields, state

    def delete_subsystem(self, nqn):
        state = self.changed()
        del state[nqn]
        return "delete_subsystem", {"subsystem_nqn": nqn, "force": True}, state

    def add_host(self, nqn):
        state, host = self.changed(), self.chance.choice([self.host(), self.host(), "*"])
        if host == "*":
            state[nqn]["any"] = True
        else:
            state[nqn]["hosts"] = sorted({*state[nqn]["hosts"], host})
        return "add_host", {"subsystem_nqn": nqn, "host_nqn": host}, state

    def remove_host(self, nqn):
        state, host = self.changed(), self.chance.choice([self.host(), "*"])
        if host == "*":
            state[nqn]["any"] = False
        else:
            state[nqn]["hosts"] = [h for h in state[nqn]["hosts"] if h != host]
        return "remove_host", {"subsystem_nqn": nqn, "host_nqn": host}, state

    def create_listener(self, nqn):
        """Of a gateway that is not there, so that nothing else is in its way."""
        state, port = self.changed(), 4420 + self.chance.randrange(4)
        state[nqn]["listeners"] = sorted({*state[nqn]["listeners"], ("elsewhere", "10.0.0.1", port)})
        return "create_listener", self.listener(nqn, port), state

    def delete_listener(self, nqn):
        state, port = self.changed(), 4420 + self.chance.randrange(4)
        state[nqn]["listeners"] = [x for x in state[nqn]["listeners"] if x[2] != port]
        return "delete_listener", {**self.listener(nqn, port), "force": True}, state

    @staticmethod
    def listener(nqn, port):
        return {"nqn": nqn, "host_name": "elsewhere", "traddr": "10.0.0.1", "trsvcid": port}

    def add_namespace(self, nqn):
        state = self.changed()
        # Mostly an image of its own, sometimes one that a namespace has, or had.
        number = self.count if self.chance.random() < 0.8 else self.chance.randrange(self.count)
        nsid, image, size = self.chance.randrange(1, 200), f"storm{number}", 4 * MIB
        name = str(uuid.UUID(int=self.chance.getrandbits(128), version=4))
        auto = self.chance.random() < 0.7
        state[nqn]["namespaces"].setdefault(nsid, {
            "image": image, "uuid": name, "size": size, "group": 1, "limit": 0, "visible": auto, "hosts": [],
            "trash": False})
        fields = {"subsystem_nqn": nqn, "rbd_pool_name": self.pool, "rbd_image_name": image, "nsid": nsid,
                  "uuid": name, "block_size": 512, "create_image": True, "size": size, "anagrpid": 1,
                  "no_auto_visible": not auto}
        return "namespace_add", fields, state

    def namespace(self, state, nqn):
        nsid = self.chance.choice(sorted(state[nqn]["namespaces"]))
        return state[nqn]["namespaces"][nsid], {"subsystem_nqn": nqn, "nsid": nsid}

    def delete_namespace(self, nqn):
        state = self.changed()
        _, fields = self.namespace(state, nqn)
        del state[nqn]["namespaces"][fields["nsid"]]
        return "namespace_delete", {**fields, "i_am_sure": True}, state

    def limit(self, nqn):
        state = self.changed()
        space, fields = self.namespace(state, nqn)
        space["limit"] = self.chance.randrange(10) * 1000
        return "namespace_set_qos_limits", {**fields, "rw_ios_per_second": space["limit"]}, state

    def visibility(self, nqn):
        state = self.changed()
        space, fields = self.namespace(state, nqn)
        space["visible"], space["hosts"] = not space["visible"], []
        return "namespace_change_visibility", {**fields, "auto_visible": space["visible"], "force": True}, state

    def show(self, nqn):
        state, host = self.changed(), self.host()
        space, fields = self.namespace(state, nqn)
        space["hosts"] = sorted({*space["hosts"], host})
        return "namespace_add_host", {**fields, "host_nqn": host}, state

    def hide(self, nqn):
        state, host = self.changed(), self.host()
        space, fields = self.namespace(state, nqn)
        space["hosts"] = [h for h in space["hosts"] if h != host]
        return "namespace_delete_host", {**fields, "host_nqn": host}, state

    def move(self, nqn):
        state = self.changed()
        _, fields = self.namespace(state, nqn)
        return "namespace_change_load_balancing_group", {**fields, "anagrpid": 1}, state

    def trash(self, nqn):
        state = self.changed()
        space, fields = self.namespace(state, nqn)
        space["trash"] = not space["trash"]
        return "namespace_set_rbd_trash_image", {**fields, "trash_image": space["trash"]}, state

    def resize(self, nqn):
        state = self.changed()
        space, fields = self.namespace(state, nqn)
        space["size"] += MIB
        return "namespace_resize", {**fields, "new_size": space["size"] // MIB}, state


def is_acknowledged(answer):
    # A listener of another gateway is answered so.
    return answer.status in (0, errno.EREMOTE)


class Daemon:
    """The gateway's process."""

    def __init__(self, program, configuration, port):
        self.process = subprocess.Popen(
            [program, "serve", "--config", configuration], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True)
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.reader.start()
        gateway.wait_for(self.serves, 60, "the gateway serving")
        self.client = gateway.Gateway(port)

    def serves(self):
        if self.process.poll() is not None:
            raise RuntimeError("the gateway ended:\n" + "".join(self.lines))
        return any("serving after" in line for line in self.lines)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)

    def end(self):
        self.process.wait()
        self.client.close()
        self.reader.join()


def blow(daemon, storm, until_kill):
    """Has changes made until the gateway is killed. Returns how many, and the state with the one in flight."""
    killer = threading.Timer(until_kill, daemon.kill)
    killer.start()
    count = 0
    while True:
        method, fields, state = storm.next()
        try:
            answer = daemon.client.call(method, **fields)
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                raise
            killer.join()
            return count, method, state
        if is_acknowledged(answer):
            storm.state = state
            count += 1


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("configuration")
    options.add_argument("port", type=int)
    options.add_argument("pool")
    options.add_argument("--files", action="store_true")
    options.add_argument("--kills", type=int, default=10)
    options.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    chosen = options.parse_args()
    print(f"seed {chosen.seed}", flush=True)
    storm = Storm(random.Random(chosen.seed), chosen.pool, chosen.files)
    in_flight, method, total, taken = {}, None, 0, 0
    for kill in range(chosen.kills + 1):
        daemon = Daemon(chosen.program, chosen.configuration, chosen.port)
        try:
            found = daemon.client.state()
            if kill > 0 and found not in (storm.state, in_flight):
                print(f"FAIL after kill {kill}: in flight was {method}\nfound {found}\nacknowledged {storm.state}"
                      f"\nwith the one in flight {in_flight}", flush=True)
                return 1
            taken += kill > 0 and found != storm.state
            storm.state = found
            if kill == chosen.kills:
                break
            count, method, in_flight = blow(daemon, storm, storm.chance.uniform(0.01, 1.5))
            total += count
            print(f"ok kill {kill + 1} after {count} changes, {method} in flight", flush=True)
        finally:
            daemon.kill()
            daemon.end()
    print(f"ok {chosen.kills} kills, {total} changes, {taken} of those in flight were made", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
