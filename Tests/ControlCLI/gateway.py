"""Calls of a gateway's control interface, by the messages that come with upstream's command line.

Used by storm.py, rate.py and Benchmarks/propagation, with the Python of Scripts/upstream-cli.
"""

import time

import grpc
from control.proto import gateway_pb2 as messages
from control.proto import gateway_pb2_grpc as services

# Longer than any call should take: a call that hangs is a failure, too.
CALL_SECONDS = 60


class Gateway:
    """A client of one gateway."""

    def __init__(self, port):
        # A gateway that is started again is to be found at once, and by a connection of its own.
        options = [("grpc.use_local_subchannel_pool", 1)]
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options)
        self.stub = services.GatewayStub(self.channel)

    def call(self, method, **fields):
        """The answer of a method; its request is made of the fields."""
        request = REQUESTS[method](**fields)
        return getattr(self.stub, method)(request, timeout=CALL_SECONDS)

    def close(self):
        self.channel.close()

    def state(self):
        """What is configured, as values that can be compared: {NQN: subsystem}."""
        return {s.nqn: self.subsystem(s) for s in self.call("list_subsystems").subsystems}

    def subsystem(self, told):
        hosts = self.call("list_hosts", subsystem=told.nqn)
        listeners = self.call("list_listeners", subsystem=told.nqn)
        namespaces = self.call("list_namespaces", subsystem=told.nqn)
        for answer in (hosts, listeners, namespaces):
            assert answer.status == 0, answer.error_message
        return {
            "serial": told.serial_number,
            "any": hosts.allow_any_host,
            "hosts": sorted(h.nqn for h in hosts.hosts),
            "listeners": sorted((x.host_name, x.traddr, x.trsvcid) for x in listeners.listeners),
            "namespaces": {n.nsid: self.namespace(n) for n in namespaces.namespaces},
        }

    @staticmethod
    def namespace(told):
        return {
            "image": told.rbd_image_name, "uuid": told.uuid, "size": told.rbd_image_size,
            "group": told.load_balancing_group, "limit": told.rw_ios_per_second, "visible": told.auto_visible,
            "hosts": sorted(told.hosts), "trash": told.trash_image,
        }


REQUESTS = {
    "create_subsystem": messages.create_subsystem_req,
    "delete_subsystem": messages.delete_subsystem_req,
    "list_subsystems": messages.list_subsystems_req,
    "add_host": messages.add_host_req,
    "remove_host": messages.remove_host_req,
    "list_hosts": messages.list_hosts_req,
    "create_listener": messages.create_listener_req,
    "delete_listener": messages.delete_listener_req,
    "list_listeners": messages.list_listeners_req,
    "namespace_add": messages.namespace_add_req,
    "namespace_delete": messages.namespace_delete_req,
    "namespace_resize": messages.namespace_resize_req,
    "namespace_set_qos_limits": messages.namespace_set_qos_req,
    "namespace_change_visibility": messages.namespace_change_visibility_req,
    "namespace_add_host": messages.namespace_add_host_req,
    "namespace_delete_host": messages.namespace_delete_host_req,
    "namespace_change_load_balancing_group": messages.namespace_change_load_balancing_group_req,
    "namespace_set_rbd_trash_image": messages.namespace_set_rbd_trash_image_req,
    "namespace_get_io_stats": messages.namespace_get_io_stats_req,
    "list_namespaces": messages.list_namespaces_req,
}


def wait_for(condition, seconds, what):
    """Until `condition` holds; `what` says what it was when it does not in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{seconds} s went by without {what}")
        time.sleep(0.01)
