"""Cases of Fabrics commands and properties: Connect, Disconnect, Property Get and Set, enabling, reset, shutdown.

Source: NVM Express Base Specification, "Fabrics Command Set", "Property Definition", "Controller Initialization",
"Shutdown".
"""

import struct
import time

import nvme
import wire
from cases import case
from nvme import Association, Queue

ENTRY, DATA = 0, 1


def refused(completion, where, start=DATA):
    """Connect Invalid Parameters with its offset (IPO) and start (IATTR)."""
    completion.expect(nvme.CONNECT_INVALID_PARAMETERS)
    found = (completion.result & 0xFFFF, completion.result >> 16 & 0xFF)
    assert found == (where, start), f"IPO {found[0]}, IATTR {found[1]}; expected {where}, {start}"
    assert completion.result >> 24 == 0, "reserved bytes of the result"


# Connect

@case("Connect of an admin queue gives a controller identifier below FFF0h, no requirements, and SQHD 1")
def _(target):
    queue = Queue(target)
    completion = queue.connect(target.nqn).expect(nvme.SUCCESS)
    assert 0 < completion.result & 0xFFFF < 0xFFF0 and completion.result >> 16 == 0
    assert completion.sqhd == 1 and completion.sqid == 0 and completion.phase == 0


@case("two hosts get two controllers")
def _(target):
    with Association(target, queues=0) as one, Association(target, queues=0) as other:
        assert one.cntlid != other.cntlid


@case("Connect of another record format is Incompatible Format")
def _(target):
    for number in (1, 0xFFFF):
        Queue(target).connect(target.nqn, recfmt=number).expect(nvme.INCOMPATIBLE_FORMAT)


@case("Connect with SQSIZE 0, or more than the controller supports, names byte 44 of the entry")
def _(target):
    for size in (0, 0xFFFF):
        refused(Queue(target).connect(target.nqn, sqsize=size), 44, ENTRY)
    with Association(target, queues=0) as it:
        entries = (it.admin.property(nvme.CAP) & 0xFFFF) + 1
        for size in (0, entries, 0xFFFF):
            refused(it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid, sqsize=size), 44, ENTRY)
        it.add(sqsize=entries - 1).read(0, 1).expect(nvme.SUCCESS)


@case("Connect of an admin queue to any controller but FFFFh names byte 16 of the data")
def _(target):
    for number in (0, 1, 0x1234, 0xFFEF, 0xFFF0, 0xFFFD, 0xFFFE):
        refused(Queue(target).connect(target.nqn, cntlid=number), 16)


@case("Connect to a subsystem that is not there names byte 256 of the data")
def _(target):
    for name in ("nqn.2014-08.org.example:nothing", target.nqn + "x", target.nqn[:-1]):
        refused(Queue(target).connect(name), 256)


@case("Connect with a subsystem's name that is none names byte 256 of the data")
def _(target):
    for name in (b"", b"x" * 223, b"nqn", b"nqn.2014-08.", b"\xff" * 256, target.nqn.encode().upper()):
        refused(Queue(target).connect(name), 256)


@case("Connect with a host's name that is none names byte 512 of the data")
def _(target):
    for name in (b"", b"x", b"\xff" * 256, b"nqn.2014-08.org.example" + b"x" * 233):
        refused(Queue(target).connect(target.nqn, host_nqn=name), 512)


@case("a host's name of 223 bytes is taken")
def _(target):
    Queue(target).connect(
        target.nqn, host_nqn="nqn.2014-08.org.example:".ljust(223, "h")).expect(nvme.SUCCESS)


@case("Connect never answers Invalid Field in Command")
def _(target):
    for fields in ({"flags": 0}, {"flags": 0xC0}, {"flags": 0x41}, {"flags": 0x42}):
        completion = Queue(target).connect(target.nqn, **fields)
        assert completion.status != nvme.INVALID_FIELD, fields


@case("reserved bits of CATTR and reserved bytes of Connect are ignored")
def _(target):
    Queue(target).connect(target.nqn, cattr=0xF0, cdw13=0xFFFFFFFF & 0xFFFF0000).expect(nvme.SUCCESS)


@case("a refused Connect may be tried again on the same connection")
def _(target):
    queue = Queue(target)
    refused(queue.connect("nqn.2014-08.org.example:nothing"), 256)
    queue.connect(target.nqn).expect(nvme.SUCCESS)


@case("a second Connect on a queue is Command Sequence Error")
def _(target):
    with Association(target) as it:
        it.admin.connect(target.nqn).expect(nvme.SEQUENCE_ERROR)
        it.io.connect(target.nqn, qid=1, cntlid=it.cntlid).expect(nvme.SEQUENCE_ERROR)
        it.io.connect(target.nqn, qid=2, cntlid=it.cntlid).expect(nvme.SEQUENCE_ERROR)
        it.io.read(0, 1).expect(nvme.SUCCESS)


@case("Connect of an I/O queue that is there already is Command Sequence Error")
def _(target):
    with Association(target) as it:
        it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid).expect(nvme.SEQUENCE_ERROR)
        it.io.read(0, 1).expect(nvme.SUCCESS)


@case("any command before Connect is Command Sequence Error")
def _(target):
    queue = Queue(target)
    for opcode in (nvme.IDENTIFY, nvme.GET_LOG):
        queue.run(opcode, length=512, cdw10=127 << 16).expect(nvme.SEQUENCE_ERROR)
    for opcode in (nvme.KEEP_ALIVE, nvme.AER, 0xFF):
        queue.run(opcode).expect(nvme.SEQUENCE_ERROR)
    queue.get_property(nvme.CAP).expect(nvme.SEQUENCE_ERROR)
    queue.connect(target.nqn).expect(nvme.SUCCESS)


@case("Connect of an I/O queue before CC.EN is Connect Invalid Parameters")
def _(target):
    admin = Queue(target)
    cntlid = admin.connect(target.nqn).expect(nvme.SUCCESS).result & 0xFFFF
    Queue(target).connect(target.nqn, qid=1, cntlid=cntlid).expect(nvme.CONNECT_INVALID_PARAMETERS)
    admin.enable()
    Queue(target).connect(target.nqn, qid=1, cntlid=cntlid).expect(nvme.SUCCESS)


@case("Connect of an I/O queue to a controller that is not there names byte 16 of the data")
def _(target):
    with Association(target, queues=0) as it:
        for number in (0, it.cntlid + 0x4000, 0xFFEF, 0xFFF0, 0xFFFD, 0xFFFE, 0xFFFF):
            refused(it.queue().connect(target.nqn, qid=1, cntlid=number), 16)


@case("Connect of an I/O queue by another host, or to another subsystem, names that field of the data")
def _(target):
    with Association(target, queues=0) as it:
        refused(it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid, host_id=b"\x55" * 16), 0)
        refused(it.queue().connect(nvme.DISCOVERY_NQN, qid=1, cntlid=it.cntlid), 256)
        refused(it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid, host_nqn="nqn.2014-08.org.example:o"), 512)
        it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid, host_id=bytes(16)).expect(nvme.SUCCESS)


@case("Connect of an I/O queue beyond those that were granted names byte 42 of the entry")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.set_feature(0x07, 0x00010001).expect(nvme.SUCCESS)
        refused(it.queue().connect(target.nqn, qid=3, cntlid=it.cntlid), 42, ENTRY)
        refused(it.queue().connect(target.nqn, qid=0xFFFF, cntlid=it.cntlid), 42, ENTRY)
        it.add(qid=2).read(0, 1).expect(nvme.SUCCESS)


@case("SQ flow control is disabled on request, SQHD FFFFh says so, and reads may end with SUCCESS")
def _(target):
    with Association(target, queues=0) as it:
        queue = it.queue()
        completion = queue.connect(target.nqn, qid=1, cntlid=it.cntlid, cattr=4).expect(nvme.SUCCESS)
        assert completion.sqhd == 0xFFFF
        for _ in range(3):
            queue.read(0, 8).expect(nvme.SUCCESS)
        queue.read(1 << 40, 8).expect(nvme.LBA_RANGE)


@case("SQHD goes round the queue, one for each command")
def _(target):
    with Association(target, sqsize=3) as it:
        heads = [it.io.read(0, 1).expect(nvme.SUCCESS).sqhd for _ in range(8)]
        assert heads == [2, 3, 0, 1, 2, 3, 0, 1], heads


# Disconnect

@case("Disconnect of an I/O queue is its last completion, and the association goes on")
def _(target):
    with Association(target, queues=2) as it:
        it.io.run(nvme.FABRICS, nsid=nvme.DISCONNECT, flags=0).expect(nvme.SUCCESS)
        assert it.io.connection.is_closed()
        it.queues[1].read(0, 1).expect(nvme.SUCCESS)
        it.admin.run(nvme.KEEP_ALIVE).expect(nvme.SUCCESS)
        for _ in range(1000):
            if it.queue().connect(target.nqn, qid=1, cntlid=it.cntlid).status == nvme.SUCCESS:
                return
        raise AssertionError("the deleted queue cannot be connected again")


@case("Disconnect ends the queue's other commands first: each has an answer, Disconnect the last")
def _(target):
    with Association(target) as it:
        # Half of them have no data yet, and will never get it.
        cids = [it.io.submit(nvme.READ if n % 2 else nvme.WRITE, nsid=1, length=512, cdw10=n) for n in range(10)]
        cids.append(it.io.submit(nvme.FABRICS, nsid=nvme.DISCONNECT, flags=0))
        answers = []
        while len(answers) < len(cids):
            pdu = it.io.connection.receive()
            if pdu.type == wire.CAPSULE_RESP:
                answers.append(nvme.Completion(pdu.header[8:24], b""))
        assert sorted(answer.cid for answer in answers) == sorted(cids) and answers[-1].cid == cids[-1]
        answers[-1].expect(nvme.SUCCESS)
        for answer in answers[:-1]:
            answer.expect(nvme.SUCCESS if cids.index(answer.cid) % 2 else nvme.ABORTED_SQ_DELETION)
        assert it.io.connection.is_closed()


@case("Disconnect of an admin queue is Invalid Queue Type")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.run(nvme.FABRICS, nsid=nvme.DISCONNECT, flags=0).expect(nvme.INVALID_QUEUE_TYPE)


@case("Disconnect of another record format is Incompatible Format, and the queue goes on")
def _(target):
    with Association(target) as it:
        it.io.run(nvme.FABRICS, nsid=nvme.DISCONNECT, cdw10=1, flags=0).expect(nvme.INCOMPATIBLE_FORMAT)
        it.io.read(0, 1).expect(nvme.SUCCESS)


@case("Fabrics commands that an I/O queue may not have are Invalid Field in Command")
def _(target):
    with Association(target) as it:
        it.io.get_property(nvme.CAP).expect(nvme.INVALID_FIELD)
        it.io.set_property(nvme.CC, nvme.ENABLE).expect(nvme.INVALID_FIELD)
        it.io.read(0, 1).expect(nvme.SUCCESS)


@case("Fabrics command types that the target does not have are refused")
def _(target):
    with Association(target) as it:
        for kind in (0x02, 0x03, 0x05, 0x07, 0x09, 0x0C, 0x80, 0xC0, 0xFF):
            for queue in (it.admin, it.io):
                status = queue.run(nvme.FABRICS, nsid=kind).status
                assert status in (nvme.INVALID_FIELD, nvme.INVALID_OPCODE), (kind, status)


# Properties

@case("CAP says what the other structures say")
def _(target):
    with Association(target, queues=0) as it:
        cap = it.admin.property(nvme.CAP)
        assert (cap & 0xFFFF) >= 1, "MQES"
        assert cap >> 16 & 1, "CQR is 1 over Fabrics"
        assert cap >> 24 & 0xFF, "TO"
        assert cap >> 32 & 0xF == 0, "DSTRD is 0 over Fabrics"
        assert cap >> 37 & 1, "CSS: the NVM command set"
        assert (cap >> 48 & 0xF) <= (cap >> 52 & 0xF), "MPSMIN and MPSMAX"
        assert cap >> 59 & 1, "CRMS.CRWMS is 1 for controllers of revision 2.0 and later"
        assert cap >> 62 == 0, "reserved"
        crto = it.admin.property(nvme.CRTO)
        assert (cap >> 24 & 0xFF) == min(crto & 0xFFFF, 0xFF), "TO is the lesser of CRWMT and FFh"
        version = it.admin.property(nvme.VS)
        assert version == struct.unpack_from("<I", it.admin.identify(1).data, 80)[0] and version >= 0x20000


@case("properties are read in their own size only")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.get_property(nvme.CAP, 1).expect(nvme.SUCCESS)
        it.admin.get_property(nvme.CAP, 0).expect(nvme.INVALID_FIELD)
        for offset in (nvme.VS, nvme.CC, nvme.CSTS, nvme.CRTO):
            assert it.admin.get_property(offset, 0).expect(nvme.SUCCESS).result >> 32 == 0
            it.admin.get_property(offset, 1).expect(nvme.INVALID_FIELD)
        for size in range(2, 8):
            it.admin.get_property(nvme.VS, size).expect(nvme.INVALID_FIELD)
        it.admin.set_property(nvme.CC, nvme.ENABLE, size=1).expect(nvme.INVALID_FIELD)


@case("offsets without a property are Invalid Field in Command, read and written")
def _(target):
    with Association(target, queues=0) as it:
        for offset in (0x04, 0x0C, 0x10, 0x18, 0x24, 0x28, 0x30, 0x38, 0x3C, 0x40, 0x58, 0x6C, 0x15, 0x1000,
                       0xFFFFFFFC):
            for size in (0, 1):
                it.admin.get_property(offset, size).expect(nvme.INVALID_FIELD)
                it.admin.set_property(offset, 1, size).expect(nvme.INVALID_FIELD)


@case("properties that can't be written are Invalid Field in Command and keep their value")
def _(target):
    with Association(target, queues=0) as it:
        for offset, size in ((nvme.CAP, 1), (nvme.VS, 0), (nvme.CSTS, 0), (nvme.CRTO, 0)):
            before = it.admin.property(offset)
            it.admin.set_property(offset, 0, size).expect(nvme.INVALID_FIELD)
            assert it.admin.property(offset) == before


@case("CSTS is 0 before CC.EN, RDY after, 0 after CC.EN falls, and CC reads as written")
def _(target):
    queue = Queue(target)
    queue.connect(target.nqn).expect(nvme.SUCCESS)
    assert queue.property(nvme.CSTS) == 0 and queue.property(nvme.CC) == 0
    queue.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
    assert queue.property(nvme.CSTS) == 0
    queue.enable()
    assert queue.property(nvme.CC) == nvme.ENABLE and queue.property(nvme.CSTS) == 1
    queue.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
    queue.wait_for(0xF, 0)
    assert queue.property(nvme.CC) == 0, "a reset resets all properties"
    queue.enable()
    queue.identify(1).expect(nvme.SUCCESS)


@case("CC.EN falling together with a shutdown notification is a reset and a shutdown")
def _(target):
    with Association(target) as it:
        it.admin.set_property(nvme.CC, nvme.ENABLE & ~1 | nvme.SHUTDOWN_NORMAL).expect(nvme.SUCCESS)
        it.admin.wait_for(0xD, 0x8)
        it.admin.enable()
        assert it.admin.property(nvme.CSTS) == 1


@case("reserved bits of CC, and CRIME where there is one ready mode only, read as 0")
def _(target):
    queue = Queue(target)
    queue.connect(target.nqn).expect(nvme.SUCCESS)
    queue.set_property(nvme.CC, 0xFF00000E | nvme.ENABLE).expect(nvme.SUCCESS)
    queue.wait_for(1, 1)
    assert queue.property(nvme.CC) == nvme.ENABLE


@case("admin commands while CC.EN is 0 are Command Sequence Error")
def _(target):
    queue = Queue(target)
    queue.connect(target.nqn).expect(nvme.SUCCESS)
    queue.identify(1).expect(nvme.SEQUENCE_ERROR)
    queue.run(nvme.KEEP_ALIVE).expect(nvme.SEQUENCE_ERROR)


@case("CC with 110b for the command sets is taken, as CAP.CSS says")
def _(target):
    queue = Queue(target)
    queue.connect(target.nqn).expect(nvme.SUCCESS)
    if queue.property(nvme.CAP) >> 43 & 1:
        queue.enable(nvme.ENABLE | 6 << 4)
        queue.identify(0x1C, cntid=0xFFFF).expect(nvme.SUCCESS)


@case("a host that enables the controller without entry sizes, as the specification has it, gets its queues")
def _(target):
    queue = Queue(target)
    cntlid = queue.connect(target.nqn).expect(nvme.SUCCESS).result & 0xFFFF
    queue.enable(1 | (6 if queue.property(nvme.CAP) >> 43 & 1 else 0) << 4)
    io = Queue(target)
    io.connect(target.nqn, qid=1, cntlid=cntlid).expect(nvme.SUCCESS)
    io.read(0, 1).expect(nvme.SUCCESS)


@case("CC with entry sizes, pages or arbitration that the controller does not have never becomes RDY")
def _(target):
    for cc in (0x00450001, 0x00360001, nvme.ENABLE | 15 << 7, nvme.ENABLE | 7 << 11, nvme.ENABLE | 1 << 4):
        queue = Queue(target)
        queue.connect(target.nqn).expect(nvme.SUCCESS)
        status = queue.set_property(nvme.CC, cc).status
        assert status in (nvme.SUCCESS, nvme.INVALID_FIELD)
        assert not queue.property(nvme.CSTS) & 1, f"CC {cc:08X}h"


@case("CC.CSS, MPS and AMS can't change while CC.EN is 1")
def _(target):
    with Association(target, queues=0) as it:
        for bits in (6 << 4, 1 << 7, 1 << 11):
            it.admin.set_property(nvme.CC, nvme.ENABLE | bits)
            it.admin.identify(1).expect(nvme.SUCCESS)


@case("CC.EN falling closes the I/O queues and leaves the admin queue")
def _(target):
    with Association(target, queues=2) as it:
        it.admin.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
        for queue in it.queues:
            assert queue.connection.is_closed()
        it.admin.wait_for(1, 0)
        it.admin.enable()
        it.queues = []
        it.add().read(0, 1).expect(nvme.SUCCESS)


def shut_down(target, notification):
    with Association(target) as it:
        it.io.write(0, bytes(512)).expect(nvme.SUCCESS)
        it.admin.set_property(nvme.CC, nvme.ENABLE | notification).expect(nvme.SUCCESS)
        it.admin.wait_for(0xC, 0x8)
        it.admin.identify(1).expect(nvme.SEQUENCE_ERROR)
        assert it.admin.property(nvme.CC) == nvme.ENABLE | notification
        # The way out of a shutdown is a reset.
        it.admin.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
        it.admin.wait_for(1, 0)
        it.admin.enable()
        assert it.admin.property(nvme.CSTS) == 1
        it.admin.identify(1).expect(nvme.SUCCESS)


@case("a normal shutdown is complete in CSTS.SHST, and a reset ends it")
def _(target):
    shut_down(target, nvme.SHUTDOWN_NORMAL)


@case("an abrupt shutdown is complete in CSTS.SHST, and a reset ends it")
def _(target):
    shut_down(target, nvme.SHUTDOWN_ABRUPT)


@case("NSSR reads as 0 and a write of it changes nothing, as CAP.NSSRS is 0")
def _(target):
    with Association(target) as it:
        if it.admin.property(nvme.CAP) >> 36 & 1:
            return
        for value in (0, 1, 0x4E564D65):
            status = it.admin.set_property(nvme.NSSR, value).status
            assert status in (nvme.SUCCESS, nvme.INVALID_FIELD)
        it.io.read(0, 1).expect(nvme.SUCCESS)
        assert it.admin.property(nvme.CSTS) == 1


@case("losing the admin queue closes the I/O queues")
def _(target):
    with Association(target, queues=2) as it:
        it.admin.close()
        for queue in it.queues:
            assert queue.connection.is_closed()


@case("losing an I/O queue ends the association within some seconds")
def _(target):
    it = Association(target, queues=2)
    it.io.close()
    assert it.queues[1].connection.is_closed() and it.admin.connection.is_closed()


@case("losing an I/O queue of a host that deletes them one by one leaves the association", slow=True)
def _(target):
    with Association(target, queues=2, admin_cattr=8) as it:
        it.io.close()
        for _ in range(8):
            it.queues[1].read(0, 1).expect(nvme.SUCCESS)
            time.sleep(0.5)
        it.admin.identify(1).expect(nvme.SUCCESS)


@case("a fatal error on an I/O queue ends its association and no other")
def _(target):
    with Association(target) as other, Association(target) as it:
        it.io.connection.send(wire.pdu(0x55, bytes(16)))
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 0)
        assert it.admin.connection.is_closed()
        other.io.read(0, 1).expect(nvme.SUCCESS)
