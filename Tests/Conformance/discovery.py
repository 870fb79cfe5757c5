"""Cases of the discovery controller.

Source: NVM Express Base Specification, "Discovery Controller", "Discovery Log Page".
"""

import struct

import nvme
from cases import case
from nvme import DISCOVERY_NQN, Queue


def discovery(target, port=None, kato=0):
    queue = Queue(target, port)
    queue.connect(DISCOVERY_NQN, kato=kato).expect(nvme.SUCCESS)
    queue.enable()
    return queue


@case("the discovery subsystem answers on its own port and beside the subsystems")
def _(target):
    for port in (target.port, target.discovery_port):
        data = discovery(target, port).identify(1).expect(nvme.SUCCESS).data
        assert data[111] == 2, "CNTRLTYPE"
        assert data[768:1024].rstrip(b"\0").decode() == DISCOVERY_NQN
        assert struct.unpack_from("<I", data, 92)[0] >> 31 & 1, "OAES: discovery log changes"
        assert data[261] >> 2 & 1, "LPA: extended data"
        assert struct.unpack_from("<H", data, 514)[0] > 0, "MAXCMD"
        assert not any(data[512:514]) and not any(data[516:536]) and not any(data[540:544]), (
            "what is about I/O queues and namespaces is reserved")


@case("a subsystem does not answer on the port for discovery alone")
def _(target):
    Queue(target, target.discovery_port).connect(target.nqn).expect(nvme.CONNECT_INVALID_PARAMETERS)


@case("a discovery controller has no I/O queues")
def _(target):
    queue = Queue(target)
    cntlid = queue.connect(DISCOVERY_NQN).expect(nvme.SUCCESS).result & 0xFFFF
    queue.enable()
    Queue(target).connect(DISCOVERY_NQN, qid=1, cntlid=cntlid).expect(nvme.CONNECT_INVALID_PARAMETERS)


@case("the discovery log has a header and as many records as it says, whole and in pieces")
def _(target):
    queue = discovery(target)
    header = queue.log(0x70, 1024, nsid=0).expect(nvme.SUCCESS).data
    generation, count, version = struct.unpack_from("<QQH", header)
    assert count >= 2 and version == 0
    log = queue.log(0x70, 1024 * (count + 1)).data
    assert struct.unpack_from("<Q", log)[0] == generation
    names = set()
    for number in range(count):
        record = queue.log(0x70, 1024, offset=1024 * (number + 1)).data
        assert record == log[1024 * (number + 1):1024 * (number + 2)]
        kind, family, subtype, requirements, port, cntlid, entries = struct.unpack_from("<BBBBHHH", record)
        assert kind == 3 and family in (1, 2) and subtype in (2, 3) and cntlid == 0xFFFF and entries >= 32
        assert record[32:64].rstrip(b" \0").isdigit()
        name = record[256:512].rstrip(b"\0").decode()
        assert subtype == (3 if name == DISCOVERY_NQN else 2)
        names.add(name)
    assert target.nqn in names


@case("the discovery controller has the log pages that it must have, and no others")
def _(target):
    queue = discovery(target)
    data = queue.log(0, 1024).expect(nvme.SUCCESS).data
    logs = {lid for lid in range(256) if struct.unpack_from("<I", data, 4 * lid)[0] & 1}
    assert {0x00, 0x05, 0x12, 0x70} <= logs and not logs & {0x02, 0x03, 0x04, 0x0C, 0x80}, logs
    for lid in logs:
        queue.log(lid, 512).expect(nvme.SUCCESS)
    for lid in (0x02, 0x03, 0x04, 0x06, 0x0C, 0x71, 0xC0):
        queue.log(lid, 512).expect(nvme.INVALID_LOG_PAGE)


@case("the discovery controller has the commands and features of explicit persistent connections")
def _(target):
    queue = discovery(target, kato=10_000)
    log = queue.log(5, 4096).data
    supported = {opcode for opcode in range(256) if struct.unpack_from("<I", log, 4 * opcode)[0] & 1}
    assert {0x02, 0x06, 0x09, 0x0A, 0x0C, 0x18} <= supported, supported
    assert not any(log[1024:2048])
    queue.run(nvme.KEEP_ALIVE).expect(nvme.SUCCESS)
    queue.set_feature(0x0B, 1 << 31).expect(nvme.SUCCESS)
    assert queue.get_feature(0x0B).result == 1 << 31
    queue.submit(nvme.AER)
    assert queue.get_feature(0x0F).result == 10_000


@case("a discovery controller reports log changes if Connect has a keep-alive timer, without being asked to")
def _(target):
    for kato, expected in ((10_000, 1 << 31), (0, 0)):
        queue = discovery(target, kato=kato)
        assert queue.get_feature(0x0B).expect(nvme.SUCCESS).result == expected
        assert queue.get_feature(0x0B, 1).result == expected, "the default"


@case("CAP of a discovery controller has the NVM command set alone, and nothing that belongs to others")
def _(target):
    cap = discovery(target).property(nvme.CAP)
    assert cap >> 37 & 0xFF == 1, "CSS"
    assert cap >> 48 & 0xFF == 0 and cap >> 36 & 1 == 0 and cap >> 17 & 3 == 0, "MPSMAX, MPSMIN, NSSRS, AMS"


@case("each admin opcode that the discovery controller does not list is Invalid Command Opcode")
def _(target):
    queue = discovery(target)
    log = queue.log(5, 4096).data
    for opcode in range(256):
        if not struct.unpack_from("<I", log, 4 * opcode)[0] & 1 and opcode != nvme.FABRICS:
            queue.run(opcode, length=4096 if opcode & 2 else 0).expect(nvme.INVALID_OPCODE)


@case("Identify structures of namespaces are refused on a discovery controller")
def _(target):
    queue = discovery(target)
    for cns in (0x00, 0x02, 0x03, 0x05, 0x06, 0x07, 0x08, 0x1C):
        queue.identify(cns, nsid=1).expect(nvme.INVALID_FIELD)


@case("features of namespaces and queues are refused on a discovery controller")
def _(target):
    queue = discovery(target)
    for fid in (0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x16, 0x81, 0x82):
        queue.get_feature(fid).expect(nvme.INVALID_FIELD)
        queue.set_feature(fid).expect(nvme.INVALID_FIELD)
