"""Cases of the transport: opening a connection, PDU headers, digests, data in capsules and by R2T, fatal errors.

Source: NVMe over TCP Transport Specification.
"""

import struct
import time

import nvme
import wire
from cases import case
from nvme import Association, Queue, sqe


def opened(target, **fields):
    return wire.Connection(target).initialize(**fields)


def refuse(target, bytes_, status, information=None, offender=True, **fields):
    """Sends bytes on an initialized connection that must end with this termination."""
    connection = opened(target, **fields)
    connection.send(bytes_)
    connection.expect_termination(status, information, bytes_ if offender else None)
    connection.close()


# Opening

@case("ICReq is answered with ICResp of 128 bytes that offers at least 4096 bytes of MAXH2CDATA")
def _(target):
    connection = opened(target)
    response = connection.icresp
    assert (response.hlen, response.plen, response.pdo, response.flags) == (128, 128, 0, 0)
    assert response.field("H", 8) == 0 and response.field("B", 10) <= 31
    assert connection.maxh2cdata >= 4096 and connection.maxh2cdata % 4 == 0
    assert not any(response.header[16:]), "reserved bytes of ICResp"


@case("ICResp enables each digest only if the host asked for it")
def _(target):
    for digests in range(4):
        response = opened(target, digests=digests).icresp
        assert response.field("B", 11) & ~digests == 0, f"asked {digests}, got {response.field('B', 11)}"


@case("ICReq sent one byte at a time is answered like one sent at once")
def _(target):
    connection = wire.Connection(target)
    for byte in wire.ic_req():
        connection.send(bytes([byte]))
    assert connection.receive().type == wire.IC_RESP


@case("ICReq and Connect sent in one piece are both answered")
def _(target):
    queue = Queue.__new__(Queue)
    queue.connection, queue.next_cid, queue.has_flow_control = wire.Connection(target), 1, True
    send, held = queue.connection.send, bytearray(wire.ic_req())
    queue.connection.send = held.extend
    data = (nvme.HOST_ID + b"\xff\xff" + bytes(238) + target.nqn.encode().ljust(256, b"\0")
            + nvme.HOST_NQN.encode().ljust(256, b"\0") + bytes(256))
    queue.submit(nvme.FABRICS, data, nsid=nvme.CONNECT, cdw11=31)
    send(bytes(held))
    assert queue.connection.receive().type == wire.IC_RESP
    queue.complete().expect(nvme.SUCCESS)


@case("ICReq with an unknown PFV ends with Unsupported Parameter at byte 8")
def _(target):
    for version in (1, 0xFFFF):
        connection = wire.Connection(target)
        request = wire.ic_req(pfv=version)
        connection.send(request)
        connection.expect_termination(wire.UNSUPPORTED_PARAMETER, 8, request)


@case("ICReq with HPDA above 31 ends with Invalid PDU Header Field at byte 10")
def _(target):
    connection = wire.Connection(target)
    connection.send(wire.ic_req(hpda=32))
    connection.expect_termination(wire.INVALID_HEADER_FIELD, 10)


@case("reserved bytes and digest bits of ICReq are ignored")
def _(target):
    connection = opened(target, reserved=b"\xff" * 112, digests=0xFC)
    assert connection.icresp.field("B", 11) == 0


@case("ICReq takes any MAXR2T")
def _(target):
    for count in (0, 1, 31, 0xFFFF, 0xFFFFFFFF):
        opened(target, maxr2t=count)


@case("ICReq with a wrong HLEN or PLEN ends with Invalid PDU Header Field at that field")
def _(target):
    for fields, where in (({"hlen": 127}, 2), ({"hlen": 24}, 2), ({"hlen": 0}, 2), ({"plen": 127}, 4),
                          ({"plen": 129}, 4), ({"plen": 0}, 4), ({"plen": 0xFFFFFFFF}, 4)):
        connection = wire.Connection(target)
        connection.send(wire.ic_req(**fields))
        connection.expect_termination(wire.INVALID_HEADER_FIELD, where)


@case("a second ICReq ends with PDU Sequence Error")
def _(target):
    refuse(target, wire.ic_req(), wire.SEQUENCE_ERROR)


@case("any PDU before ICReq ends with PDU Sequence Error")
def _(target):
    for kind, size in ((wire.CAPSULE_CMD, 64), (wire.H2C_DATA, 16)):
        connection = wire.Connection(target)
        connection.send(wire.pdu(kind, bytes(size)))
        connection.expect_termination(wire.SEQUENCE_ERROR)


@case("PDUs that only a controller sends end with PDU Sequence Error")
def _(target):
    for kind, size in ((wire.IC_RESP, 120), (wire.CAPSULE_RESP, 16), (wire.C2H_DATA, 16), (wire.R2T, 16),
                       (wire.C2H_TERM, 16)):
        refuse(target, wire.pdu(kind, bytes(size)), wire.SEQUENCE_ERROR)


@case("PDU types that do not exist end with Invalid PDU Header Field at byte 0")
def _(target):
    for kind in (0x08, 0x0A, 0x0B, 0x10, 0x7F, 0x80, 0xFF):
        refuse(target, wire.pdu(kind, bytes(64)), wire.INVALID_HEADER_FIELD, 0)


@case("a connection that begins with something else ends with a termination request")
def _(target):
    connection = wire.Connection(target)
    connection.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.expect_termination(wire.INVALID_HEADER_FIELD, 0)


# Common headers

@case("a command capsule with a wrong HLEN ends with Invalid PDU Header Field at byte 2")
def _(target):
    for length in (0, 8, 71, 73, 128, 255):
        refuse(target, wire.pdu(wire.CAPSULE_CMD, sqe(0x18), hlen=length), wire.INVALID_HEADER_FIELD, 2)


@case("a command capsule whose PDO points into its header or past its end ends with Invalid PDU Header Field "
      "at byte 3")
def _(target):
    for offset in (0, 4, 71, 73, 255):
        command = sqe(nvme.FABRICS, nsid=nvme.CONNECT, length=8, sgl=nvme.IN_CAPSULE)
        refuse(target, wire.pdu(wire.CAPSULE_CMD, command, bytes(8), pdo=offset), wire.INVALID_HEADER_FIELD, 3)


@case("a command capsule with PLEN below its header ends with Invalid PDU Header Field at byte 4")
def _(target):
    for length in (0, 7, 24, 71):
        refuse(target, wire.pdu(wire.CAPSULE_CMD, sqe(0x18), plen=length), wire.INVALID_HEADER_FIELD, 4)


@case("a command capsule of gigabytes is refused before its data comes")
def _(target):
    connection = opened(target)
    connection.send(wire.pdu(wire.CAPSULE_CMD, sqe(0x18), pdo=72, plen=0x80000000))
    connection.expect_termination(wire.LIMIT_EXCEEDED)


@case("digest flags without digests being negotiated end with Invalid PDU Header Field at byte 1")
def _(target):
    for flags in (wire.HDGSTF, wire.DDGSTF):
        refuse(target, wire.pdu(wire.CAPSULE_CMD, sqe(0x18), flags=flags), wire.INVALID_HEADER_FIELD, 1)


@case("a capsule without HDGSTF ends with Invalid PDU Header Field at byte 1 where header digests are in use")
def _(target):
    refuse(target, wire.pdu(wire.CAPSULE_CMD, sqe(0x18)), wire.INVALID_HEADER_FIELD, 1, digests=1)


@case("a wrong header digest ends with Header Digest Error and the digest that came")
def _(target):
    bad = wire.pdu(wire.CAPSULE_CMD, sqe(0x18), hdgst=True, digest=0x12345678)
    refuse(target, bad, wire.HEADER_DIGEST_ERROR, 0x12345678, digests=1)


@case("the termination request arrives although the host goes on sending")
def _(target):
    for _ in range(5):
        connection = opened(target)
        connection.send(wire.pdu(0x55, bytes(64)) + bytes(1 << 20))
        connection.expect_termination(wire.INVALID_HEADER_FIELD, 0)


@case("a host's termination request closes the connection without an answer")
def _(target):
    for length in (0, 8, 128):
        connection = opened(target)
        body = struct.pack("<HI10x", wire.SEQUENCE_ERROR, 0) + bytes(length)
        connection.send(struct.pack("<BBBBI", wire.H2C_TERM, 0, 24, 0, 8 + len(body)) + body)
        assert connection.is_closed()


@case("a malformed termination request closes the connection without an answer")
def _(target):
    for hlen, plen in ((24, 153), (24, 23), (24, 0), (23, 24), (24, 0xFFFFFFFF)):
        connection = opened(target)
        connection.send(struct.pack("<BBBBI", wire.H2C_TERM, 0, hlen, 0, plen) + bytes(16))
        assert connection.is_closed()


@case("a host may end the connection at any byte of a PDU")
def _(target):
    with Association(target, queues=0) as it:
        capsule = it.admin.connection.capsule(sqe(nvme.KEEP_ALIVE))
    for cut in (0, 1, 7, 8, 71, 72):
        connection = opened(target)
        connection.send(capsule[:cut])
        connection.close()
    for cut in (0, 1, 127):
        connection = wire.Connection(target)
        connection.send(wire.ic_req()[:cut])
        connection.close()
    opened(target)


# Digests and alignment

@case("with each pair of digests reads, writes and admin commands carry right digests")
def _(target):
    for digests in range(4):
        with Association(target, digests=digests) as it:
            for size, by_r2t in ((4096, False), (4096, True), (65536, True)):
                data = nvme.pattern(size)
                it.io.write(8, data, by_r2t=by_r2t).expect(nvme.SUCCESS)
                assert it.io.read(8, size // 512).expect(nvme.SUCCESS).data == data
            it.admin.identify(1).expect(nvme.SUCCESS)


@case("a wrong data digest in a capsule fails its command with Transient Transport Error and nothing else")
def _(target):
    with Association(target, digests=3) as it:
        good = nvme.pattern(512)
        it.io.write(5, good).expect(nvme.SUCCESS)
        command = sqe(nvme.WRITE, nsid=1, cid=9, length=512, sgl=nvme.IN_CAPSULE, cdw10=5)
        it.io.connection.send(it.io.connection.capsule(command, bytes(512), data_digest=1))
        it.io.complete().expect(nvme.TRANSIENT_TRANSPORT, dnr=False)
        assert it.io.read(5, 1).expect(nvme.SUCCESS).data == good, "the data was written all the same"


@case("a wrong data digest in H2CData fails its command with Transient Transport Error and nothing else")
def _(target):
    with Association(target, digests=3) as it:
        cid = it.io.submit(nvme.WRITE, nsid=1, length=8192, cdw10=16, cdw12=15)
        r2t = it.io.connection.receive()
        tag = r2t.field("H", 10)
        it.io.connection.send(it.io.connection.h2c_data(cid, tag, 0, bytes(4096), last=False, data_digest=1))
        it.io.connection.send(it.io.connection.h2c_data(cid, tag, 4096, bytes(4096)))
        it.io.complete().expect(nvme.TRANSIENT_TRANSPORT, dnr=False)
        it.io.read(5, 1).expect(nvme.SUCCESS)


@case("data to the host starts at a multiple of HPDA in each PDU")
def _(target):
    for hpda in (0, 1, 2, 7, 31):
        for digests in (0, 3):
            with Association(target, hpda=hpda, digests=digests) as it:
                it.io.submit(nvme.READ, nsid=1, length=4096, cdw12=7)
                pdu = it.io.connection.receive()
                assert pdu.type == wire.C2H_DATA and pdu.pdo % ((hpda + 1) * 4) == 0, f"PDO {pdu.pdo}"
                assert pdu.digests_are_valid


@case("padding before in-capsule data beyond what CPDA asks for is skipped")
def _(target):
    with Association(target) as it:
        data = nvme.pattern(512)
        command = sqe(nvme.WRITE, nsid=1, cid=3, length=512, sgl=nvme.IN_CAPSULE, cdw10=77)
        header = struct.pack("<BBBBI", wire.CAPSULE_CMD, 0, 72, 128, 128 + 512) + command
        it.io.connection.send(header + b"\xaa" * 56 + data)
        it.io.complete().expect(nvme.SUCCESS)
        assert it.io.read(77, 1).data == data


# Data by R2T

def begun(it, length=8192, lba=0):
    """A write whose R2T has come."""
    cid = it.io.submit(nvme.WRITE, nsid=1, length=length, cdw10=lba, cdw12=length // 512 - 1)
    r2t = it.io.connection.receive()
    assert r2t.type == wire.R2T and r2t.field("H", 8) == cid and r2t.field("I", 12) == 0
    assert r2t.field("I", 16) % 4 == 0 and not any(r2t.header[20:24])
    return cid, r2t.field("H", 10)


@case("data comes in any number of H2CData PDUs")
def _(target):
    with Association(target) as it:
        for size, chunk in ((512, 4), (8192, 512), (8192, 8188), (131072, 4096), (131072, 100_000)):
            data = nvme.pattern(size)
            it.io.write(0, data, by_r2t=True, chunk=chunk).expect(nvme.SUCCESS)
            assert it.io.read(0, size // 512).data == data


@case("H2CData of an unknown tag ends with Invalid PDU Header Field at byte 10")
def _(target):
    with Association(target) as it:
        cid, tag = begun(it)
        for wrong in (tag ^ 0x55, 0xFFFF):
            pass
        it.io.connection.send(it.io.connection.h2c_data(cid, tag ^ 0x3FF, 0, bytes(8192)))
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 10)


@case("H2CData without any R2T ends with Invalid PDU Header Field at byte 10")
def _(target):
    with Association(target) as it:
        it.io.connection.send(it.io.connection.h2c_data(1, 0, 0, bytes(512)))
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 10)


@case("H2CData of another command ends with Invalid PDU Header Field at byte 8")
def _(target):
    with Association(target) as it:
        cid, tag = begun(it)
        it.io.connection.send(it.io.connection.h2c_data(cid + 1, tag, 0, bytes(8192)))
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 8)


@case("H2CData that leaves a gap or goes back ends with PDU Sequence Error")
def _(target):
    for offset in (512, 4):
        with Association(target) as it:
            cid, tag = begun(it)
            it.io.connection.send(it.io.connection.h2c_data(cid, tag, offset, bytes(512), last=False))
            it.io.connection.expect_termination(wire.SEQUENCE_ERROR)
    with Association(target) as it:
        cid, tag = begun(it)
        first = it.io.connection.h2c_data(cid, tag, 0, bytes(512), last=False)
        it.io.connection.send(first + first)
        it.io.connection.expect_termination(wire.SEQUENCE_ERROR)


@case("H2CData beyond what the R2T asked for ends with Data Transfer Out of Range")
def _(target):
    for offset, length in ((0, 12288), (8192, 512), (0xFFFFFE00, 512)):
        with Association(target) as it:
            cid, tag = begun(it)
            it.io.connection.send(it.io.connection.h2c_data(cid, tag, offset, bytes(length)))
            it.io.connection.expect_termination(wire.OUT_OF_RANGE)


@case("H2CData longer than MAXH2CDATA ends with Data Transfer Limit Exceeded")
def _(target):
    with Association(target) as it:
        limit = it.io.connection.maxh2cdata
        mdts = 4096 << it.admin.identify(1).data[77]
        if mdts <= limit:
            # No command is long enough: what a R2T asks for bounds it first.
            return
        cid, tag = begun(it, length=mdts)
        it.io.connection.send(it.io.connection.h2c_data(cid, tag, 0, bytes(limit + 512), last=False))
        it.io.connection.expect_termination(wire.LIMIT_EXCEEDED)


@case("H2CData whose LAST_PDU comes too early or not at all ends with PDU Sequence Error")
def _(target):
    for length, last in ((4096, True), (8192, False)):
        with Association(target) as it:
            cid, tag = begun(it)
            it.io.connection.send(it.io.connection.h2c_data(cid, tag, 0, bytes(length), last=last))
            it.io.connection.expect_termination(wire.SEQUENCE_ERROR)


@case("H2CData whose DATAL is not its data's length, 0 or no multiple of 4 ends with Invalid PDU Header Field "
      "at byte 16")
def _(target):
    for length, data in ((4096, 512), (512, 4096), (0, 512), (510, 510), (6, 6)):
        with Association(target) as it:
            cid, tag = begun(it)
            it.io.connection.send(
                it.io.connection.h2c_data(cid, tag, 0, bytes(data), last=False, length=length))
            it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 16)


@case("H2CData without data ends with a termination request")
def _(target):
    with Association(target) as it:
        cid, tag = begun(it)
        it.io.connection.send(it.io.connection.h2c_data(cid, tag, 0, b""))
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD)


@case("H2CData again after the transfer is complete ends with Invalid PDU Header Field at byte 10")
def _(target):
    with Association(target) as it:
        cid, tag = begun(it)
        data = it.io.connection.h2c_data(cid, tag, 0, bytes(8192))
        it.io.connection.send(data + data)
        it.io.connection.expect_termination(wire.INVALID_HEADER_FIELD, 10)


@case("R2Ts of several commands may be answered in any order and piece by piece")
def _(target):
    with Association(target, maxr2t=7) as it:
        data = [nvme.pattern(8192) for _ in range(4)]
        tags = [(n, *begun_many(it, n)) for n in range(4)]
        for half in (0, 4096):
            for number, cid, tag in reversed(tags):
                it.io.connection.send(
                    it.io.connection.h2c_data(cid, tag, half, data[number][half:half + 4096], last=half > 0))
        for _ in range(4):
            it.io.complete().expect(nvme.SUCCESS)
        for number in range(4):
            assert it.io.read(number * 16, 16).data == data[number]


def begun_many(it, number):
    return begun(it, lba=number * 16)


@case("a read between a R2T and its data is served")
def _(target):
    with Association(target) as it:
        data = nvme.pattern(8192)
        cid, tag = begun(it, lba=32)
        it.io.read(0, 1).expect(nvme.SUCCESS)
        it.io.connection.send(it.io.connection.h2c_data(cid, tag, 0, data))
        it.io.complete().expect(nvme.SUCCESS)
        assert it.io.read(32, 16).data == data


@case("losing the connection between a R2T and its data leaves the target serving")
def _(target):
    with Association(target) as it:
        begun(it)
    with Association(target) as it:
        it.io.read(0, 1).expect(nvme.SUCCESS)


# Data in capsules, SGLs

@case("8192 bytes fit an I/O command's capsule as IOCCSZ says, and one byte more ends the connection")
def _(target):
    with Association(target) as it:
        ioccsz = struct.unpack_from("<I", it.admin.identify(1).data, 1792)[0] * 16
        data = nvme.pattern(ioccsz - 64)
        it.io.write(0, data).expect(nvme.SUCCESS)
        assert it.io.read(0, len(data) // 512).data == data
        command = sqe(nvme.WRITE, nsid=1, length=len(data) + 512, sgl=nvme.IN_CAPSULE, cdw12=len(data) // 512)
        it.io.connection.send(it.io.connection.capsule(command, bytes(len(data) + 512)))
        it.io.connection.expect_termination(wire.LIMIT_EXCEEDED)


@case("Connect takes its data by R2T as well")
def _(target):
    queue = Queue(target)
    data = (nvme.HOST_ID + b"\xff\xff" + bytes(238) + target.nqn.encode().ljust(256, b"\0")
            + nvme.HOST_NQN.encode().ljust(256, b"\0") + bytes(256))
    queue.run(nvme.FABRICS, payload=data, nsid=nvme.CONNECT, cdw11=31).expect(nvme.SUCCESS)


@case("SGL descriptors other than the two of NVMe/TCP are SGL Descriptor Type Invalid")
def _(target):
    with Association(target) as it:
        for kind in (0x00, 0x02, 0x0A, 0x10, 0x11, 0x20, 0x30, 0x40, 0x4F, 0x50, 0x51, 0x5B, 0x60, 0xF0):
            it.io.read(0, 1, sgl=kind).expect(nvme.SGL_TYPE, dnr=True)
            it.admin.run(nvme.IDENTIFY, length=4096, sgl=kind, cdw10=1).expect(nvme.SGL_TYPE)
        it.io.read(0, 1, sgl=nvme.IN_CAPSULE).expect(nvme.SGL_TYPE)


@case("a data pointer of PRPs (PSDT 00b) or a reserved PSDT is Invalid Field in Command")
def _(target):
    with Association(target) as it:
        for flags in (0x00, 0xC0):
            it.io.read(0, 1, flags=flags).expect(nvme.INVALID_FIELD, dnr=True)
            it.admin.run(nvme.IDENTIFY, length=4096, flags=flags, cdw10=1).expect(nvme.INVALID_FIELD)
        # 10b is about metadata, which there is none of: taken as 01b or refused.
        assert it.io.read(0, 1, flags=0x80).status in (nvme.SUCCESS, nvme.INVALID_FIELD)


@case("an SGL shorter or longer than the command's data is Data SGL Length Invalid")
def _(target):
    with Association(target) as it:
        for length in (0, 256, 511, 513, 1024, 0xFFFFFFFF):
            it.io.read(0, 1, length=length, sgl=nvme.TRANSPORT).expect(nvme.SGL_LENGTH, dnr=True)
            it.io.run(nvme.WRITE, nsid=1, length=length, sgl=nvme.TRANSPORT).expect(nvme.SGL_LENGTH)
        it.admin.run(nvme.IDENTIFY, length=4092, cdw10=1).expect(nvme.SGL_LENGTH)


@case("a capsule with other data than its SGL says is Data SGL Length Invalid, and the queue goes on")
def _(target):
    with Association(target) as it:
        for length in (4, 256, 1024):
            it.io.run(nvme.WRITE, bytes(length), nsid=1, length=512).expect(nvme.SGL_LENGTH)
        it.io.run(nvme.READ, bytes(512), nsid=1, length=512, sgl=nvme.TRANSPORT).expect(nvme.SGL_LENGTH)
        it.io.run(nvme.WRITE, nsid=1, length=512, sgl=nvme.IN_CAPSULE).expect(nvme.SGL_LENGTH)
        it.io.read(0, 1).expect(nvme.SUCCESS)


@case("in-capsule data at an offset beyond the capsule is SGL Offset Invalid")
def _(target):
    with Association(target) as it:
        it.io.write(0, bytes(512), address=8192).expect(nvme.SGL_OFFSET, dnr=True)


@case("a capsule split at each byte is one command")
def _(target):
    with Association(target) as it:
        data = nvme.pattern(512)
        command = sqe(nvme.WRITE, nsid=1, cid=1, length=512, sgl=nvme.IN_CAPSULE, cdw10=3)
        capsule = it.io.connection.capsule(command, data)
        for cut in [*range(1, 80), 300, len(capsule) - 1]:
            it.io.connection.send(capsule[:cut])
            it.io.connection.send(capsule[cut:])
            it.io.complete().expect(nvme.SUCCESS)
        assert it.io.read(3, 1).data == data


@case("commands glued together in one segment are all served")
def _(target):
    with Association(target, sqsize=63) as it:
        capsules = b"".join(
            it.io.connection.capsule(sqe(nvme.READ, nsid=1, cid=n, length=512, cdw10=n)) for n in range(32))
        it.io.connection.send(capsules)
        assert sorted(it.io.complete().expect(nvme.SUCCESS).cid for _ in range(32)) == list(range(32))


@case("a silent connection is closed within some seconds, and no earlier than a slow host needs", slow=True)
def _(target):
    connection = wire.Connection(target)
    began = time.monotonic()
    connection.socket.settimeout(30)
    assert connection.is_closed()
    took = time.monotonic() - began
    assert took > 3, f"closed after {took:.1f} s"
