#!/usr/bin/python3
"""Sets up a running cluster through Ceph's own bindings. Called by Scripts/ceph-cluster.

    setup.py CONF register OSDS DIR POOL PG SIZE   tell the monitor of the OSDs (DIR/osd.N/uuid), create the pool
    setup.py CONF ready OSDS POOL IMAGE MIB        wait until the OSDs are up, and the pool's image is there
    setup.py CONF image POOL IMAGE MIB             create an image
    setup.py CONF full OSDS RATIO yes|no           count OSDs as full from this use on, and wait until all are, or
                                                   none is
    setup.py CONF manager KEYRING                  make a manager's key
    setup.py CONF quota POOL MIB                   limit what a pool holds, and wait until it is over the limit, or no
                                                   limit is left
"""
import json
import os
import sys
import time

import rados
import rbd

OSDS_UP_SECONDS_MAX = 60
# An OSD measures itself with its heartbeats, every few seconds.
FULL_SECONDS_MAX = 60


def connect(conf):
    cluster = rados.Rados(conffile=conf, name="client.admin")
    # An OSD that does not answer must not keep us for ever.
    cluster.conf_set("rados_osd_op_timeout", "30")
    cluster.connect(timeout=20)
    return cluster


def command(cluster, prefix, **arguments):
    arguments.update(prefix=prefix, format="json")
    code, output, message = cluster.mon_command(json.dumps(arguments), b"", timeout=30)
    if code != 0:
        sys.exit(f"setup.py: {prefix} failed with {code}: {message}")
    return json.loads(output) if output.strip() else None


def register(cluster, osds, directory, pool, pg, size):
    for osd in range(int(osds)):
        with open(f"{directory}/osd.{osd}/uuid") as file:
            command(cluster, "osd new", uuid=file.read().strip(), id=osd)
    command(cluster, "osd pool create", pool=pool, pg_num=int(pg), pgp_num=int(pg), size=int(size),
            pool_type="replicated")


def ready(cluster, osds, pool, image, mib):
    deadline = time.monotonic() + OSDS_UP_SECONDS_MAX
    while True:
        up = sum(1 for osd in command(cluster, "osd dump")["osds"] if osd["up"] and osd["in"])
        if up >= int(osds):
            break
        if time.monotonic() > deadline:
            sys.exit(f"setup.py: {up} of {osds} OSDs came up in {OSDS_UP_SECONDS_MAX} s")
        time.sleep(0.05)
    cluster.wait_for_latest_osdmap()
    with cluster.open_ioctx(pool) as context:
        rbd.RBD().pool_init(context, True)
    if image:
        create_image(cluster, pool, image, mib)


def create_image(cluster, pool, image, mib):
    with cluster.open_ioctx(pool) as context:
        if image not in rbd.RBD().list(context):
            rbd.RBD().create(context, image, int(mib) << 20)


def full(cluster, osds, ratio, wanted):
    # Each must not be above the next one: down from the first, up from the last.
    names = ["nearfull", "backfillfull", "full"]
    for name in names if wanted == "yes" else reversed(names):
        command(cluster, f"osd set-{name}-ratio", ratio=float(ratio))
    deadline = time.monotonic() + FULL_SECONDS_MAX
    while True:
        count = sum(1 for osd in command(cluster, "osd dump")["osds"] if "full" in osd["state"])
        if count == (int(osds) if wanted == "yes" else 0):
            return
        if time.monotonic() > deadline:
            sys.exit(f"setup.py: {count} of {osds} OSDs are full after {FULL_SECONDS_MAX} s")
        time.sleep(0.05)


def manager(cluster, keyring):
    arguments = {"mon": "allow profile mgr", "osd": "allow *"}
    key = command(cluster, "auth get-or-create", entity="mgr.x",
                  caps=[word for pair in arguments.items() for word in pair])[0]["key"]
    with open(keyring, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(f"[mgr.x]\n\tkey = {key}\n")


def quota(cluster, pool, mib):
    command(cluster, "osd pool set-quota", pool=pool, field="max_bytes", val=str(int(mib) << 20))
    deadline = time.monotonic() + FULL_SECONDS_MAX
    while True:
        [found] = [each for each in command(cluster, "osd dump")["pools"] if each["pool_name"] == pool]
        if ("full_quota" in found["flags_names"]) == (int(mib) > 0):
            return
        if time.monotonic() > deadline:
            sys.exit(f"setup.py: the pool's flags are {found['flags_names']} after {FULL_SECONDS_MAX} s")
        time.sleep(0.05)


def main():
    actions = {"register": register, "ready": ready, "image": create_image, "full": full,
               "manager": manager, "quota": quota}
    conf, action, *arguments = sys.argv[1:]
    cluster = connect(conf)
    try:
        actions[action](cluster, *arguments)
    finally:
        cluster.shutdown()


main()
