#!/usr/bin/python3
"""Makes many small images, and the state of a group of gateways that serves them, as Ceph's gateway would write it.

    many-namespaces.py CONF GROUP COUNT [--port N] [--host-name NAME] [--subsystems N] [--mib N] [--other-pool POOL]

The images are rbd/many1 and so on, the subsystems nqn.2016-06.io.spdk:many1 and so on, each with its share of the
namespaces, any host, and a listener of NAME at 127.0.0.1:N. With --other-pool the last image is in that pool.
Used by Benchmarks/namespaces.py and the live tests.
"""
import argparse
import json

import rados
import rbd

def create_images(cluster, pool, names, mib):
    with cluster.open_ioctx(pool) as context:
        there = set(rbd.RBD().list(context))
        for name in names:
            if name not in there:
                rbd.RBD().create(context, name, mib << 20)


def nqn(subsystem):
    return f"nqn.2016-06.io.spdk:many{subsystem}"


def entries(options):
    for subsystem in range(1, options.subsystems + 1):
        name = nqn(subsystem)
        yield f"subsystem_{name}", {"subsystem_nqn": name, "serial_number": f"Many{subsystem}", "max_namespaces": 1024,
                                    "enable_ha": True, "no_group_append": True}
        yield f"host_{name}_*", {"subsystem_nqn": name, "host_nqn": "*"}
        yield (f"listener_{name}_{options.host_name}_TCP_127.0.0.1_{options.port}",
               {"nqn": name, "host_name": options.host_name, "traddr": "127.0.0.1", "adrfam": "ipv4",
                "trsvcid": options.port})
    for number in range(1, options.count + 1):
        name = nqn((number - 1) % options.subsystems + 1)
        nsid = (number - 1) // options.subsystems + 1
        pool = options.other_pool if options.other_pool and number == options.count else "rbd"
        yield f"namespace_{name}_{nsid}", {"rbd_pool_name": pool, "rbd_image_name": f"many{number}",
                                           "subsystem_nqn": name, "nsid": nsid, "block_size": 512,
                                           "uuid": f"5ca1ab1e-0000-4000-8000-{number:012x}", "anagrpid": 1}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("conf")
    parser.add_argument("group")
    parser.add_argument("count", type=int)
    parser.add_argument("--port", type=int, default=4420)
    parser.add_argument("--host-name", default="gw1")
    parser.add_argument("--subsystems", type=int, default=4)
    parser.add_argument("--mib", type=int, default=4)
    parser.add_argument("--other-pool")
    options = parser.parse_args()
    cluster = rados.Rados(conffile=options.conf, name="client.admin")
    cluster.conf_set("rados_osd_op_timeout", "60")
    cluster.connect(timeout=20)
    names = [f"many{number}" for number in range(1, options.count + 1)]
    create_images(cluster, "rbd", names, options.mib)
    if options.other_pool:
        create_images(cluster, options.other_pool, names[-1:], options.mib)
    state = {key: json.dumps(value) for key, value in entries(options)}
    state["omap_version"] = "1"
    with cluster.open_ioctx("rbd") as context, rados.WriteOpCtx() as operation:
        operation.new(rados.LIBRADOS_CREATE_IDEMPOTENT)
        context.set_omap(operation, tuple(state), tuple(text.encode() for text in state.values()))
        context.operate_write_op(operation, f"nvmeof.{options.group}.state")
    cluster.shutdown()


main()
