"""Cases of I/O commands: their limits, their namespaces, their fields, and queues that are used to the full.

Source: NVM Command Set Specification; NVM Express Base Specification, "Namespace Identifier".
"""

import struct

import nvme
import wire
from cases import case
from nvme import Association, sqe

BLOCKS = 131072
DISABLE_FLOW_CONTROL = 1 << 2


@case("what is written is read, in capsules, by R2T, at both ends of the namespace")
def _(target):
    with Association(target) as it:
        for size in (512, 4096, 8192, 12288, 65536, 131072):
            data = nvme.pattern(size)
            for lba in (0, 3, BLOCKS - size // 512):
                it.io.write(lba, data, by_r2t=size > 8192).expect(nvme.SUCCESS)
                assert it.io.read(lba, size // 512).expect(nvme.SUCCESS).data == data


@case("ranges that leave the namespace are LBA Out of Range, read, written, compared, zeroed")
def _(target):
    with Association(target) as it:
        for lba, blocks in ((BLOCKS, 1), (BLOCKS - 1, 2), (BLOCKS - 7, 8), (1 << 63, 1), ((1 << 64) - 1, 1),
                            ((1 << 64) - 1, 8)):
            it.io.read(lba, blocks).expect(nvme.LBA_RANGE, dnr=True)
            it.io.write(lba, bytes(512 * blocks)).expect(nvme.LBA_RANGE)
            it.io.write(lba, bytes(512 * blocks), opcode=nvme.COMPARE).expect(nvme.LBA_RANGE)
            it.io.run(nvme.WRITE_ZEROES, nsid=1, cdw10=lba, cdw11=lba >> 32, cdw12=blocks - 1).expect(
                nvme.LBA_RANGE)
        it.io.read(BLOCKS - 1, 1).expect(nvme.SUCCESS)


@case("transfers beyond MDTS are Invalid Field in Command")
def _(target):
    with Association(target) as it:
        most = (4096 << it.admin.identify(1).data[77]) // 512
        it.io.read(0, most).expect(nvme.SUCCESS)
        for opcode in (nvme.READ, nvme.WRITE, nvme.COMPARE):
            it.io.run(opcode, nsid=1, length=(most + 1) * 512, cdw12=most).expect(nvme.INVALID_FIELD, dnr=True)


@case("commands for NSIDs that are invalid, inactive or FFFFFFFFh are refused as the specification says")
def _(target):
    with Association(target) as it:
        for nsid, status in ((0, nvme.INVALID_NAMESPACE), (0xFFFFFFFF, nvme.INVALID_FIELD),
                             (0xFFFFFFFE, nvme.INVALID_NAMESPACE), (1025, nvme.INVALID_NAMESPACE),
                             (3, nvme.INVALID_FIELD), (1000, nvme.INVALID_FIELD)):
            it.io.read(0, 1, nsid=nsid).expect(status, dnr=True)
            it.io.write(0, bytes(512), nsid=nsid).expect(status)
            it.io.write(0, bytes(512), nsid=nsid, opcode=nvme.COMPARE).expect(status)
            it.io.run(nvme.WRITE_ZEROES, nsid=nsid).expect(status)
            it.io.run(nvme.DSM, bytes(16), nsid=nsid, cdw11=4).expect(status)
            if nsid != 0xFFFFFFFF:
                it.io.run(nvme.FLUSH, nsid=nsid).expect(status)


@case("Flush works for one namespace and for all, and moves no data")
def _(target):
    with Association(target) as it:
        for nsid in (1, 2, 0xFFFFFFFF):
            it.io.run(nvme.FLUSH, nsid=nsid).expect(nvme.SUCCESS)
            it.io.run(nvme.FLUSH, nsid=nsid, flags=0).expect(nvme.SUCCESS)


@case("Compare succeeds for the same bytes and is Compare Failure for one other")
def _(target):
    with Association(target) as it:
        data = bytearray(nvme.pattern(4096))
        it.io.write(64, bytes(data)).expect(nvme.SUCCESS)
        for by_r2t in (False, True):
            it.io.write(64, bytes(data), opcode=nvme.COMPARE, by_r2t=by_r2t).expect(nvme.SUCCESS)
        data[-1] ^= 1
        it.io.write(64, bytes(data), opcode=nvme.COMPARE).expect(nvme.COMPARE_FAILURE)


@case("Write Zeroes makes zeroes, with and without Deallocate")
def _(target):
    with Association(target) as it:
        for deallocate in (0, 1 << 25):
            it.io.write(128, b"\xff" * 8192).expect(nvme.SUCCESS)
            it.io.run(nvme.WRITE_ZEROES, nsid=1, cdw10=130, cdw12=deallocate | 3).expect(nvme.SUCCESS)
            wanted = b"\xff" * 1024 + bytes(2048) + b"\xff" * 5120
            assert it.io.read(128, 16).data == wanted
        # Namespace Zeroes: a range is not the namespace.
        oncs = struct.unpack_from("<H", it.admin.identify(1).data, 520)[0]
        if not oncs >> 12 & 1:
            it.io.run(nvme.WRITE_ZEROES, nsid=1, cdw10=128, cdw12=1 << 23).expect(nvme.INVALID_FIELD, dnr=True)
            assert it.io.read(128, 1).data == b"\xff" * 512


def ranges(*pairs):
    return b"".join(struct.pack("<IIQ", 0, count, lba) for lba, count in pairs)


@case("Dataset Management deallocates each range, ignores its hints, and checks all ranges first")
def _(target):
    with Association(target) as it:
        it.io.write(256, b"\xff" * 8192).expect(nvme.SUCCESS)
        it.io.run(nvme.DSM, ranges((256, 4), (268, 4)), nsid=1, cdw10=1, cdw11=4).expect(nvme.SUCCESS)
        data = it.io.read(256, 16).data
        assert data[2048:6144] == b"\xff" * 4096
        it.io.run(nvme.DSM, ranges((0, 8)), nsid=1, cdw11=3).expect(nvme.SUCCESS)
        it.io.write(256, b"\xff" * 8192).expect(nvme.SUCCESS)
        it.io.run(nvme.DSM, ranges((256, 4), (BLOCKS, 1)), nsid=1, cdw10=1, cdw11=4).expect(nvme.LBA_RANGE)
        assert it.io.read(256, 16).data == b"\xff" * 8192, "a range was deallocated before all were checked"
        it.io.run(nvme.DSM, ranges(*[(0, 0)] * 256), nsid=1, cdw10=255, cdw11=4).expect(nvme.SUCCESS)


@case("bits of Read and Write that ask for nothing we have are ignored: PRINFO, DSM, LR, tags")
def _(target):
    with Association(target) as it:
        data = nvme.pattern(512)
        it.io.write(9, data, cdw12=1 << 31 | 1 << 30, cdw13=0xFF, cdw14=1, cdw15=2).expect(nvme.SUCCESS)
        assert it.io.read(9, 1, cdw12=1 << 31 | 1 << 30, cdw13=0xFF).expect(nvme.SUCCESS).data == data


@case("reserved fields and the metadata pointer are ignored")
def _(target):
    with Association(target) as it:
        it.io.read(0, 1, mptr=0x123456789, dword2=0xFFFFFFFF, dword3=0xFFFFFFFF).expect(nvme.SUCCESS)
        it.io.run(nvme.FLUSH, nsid=1, cdw10=1, cdw11=2, cdw15=3).expect(nvme.SUCCESS)


def fill(it, count):
    """Reads that are all sent before any answer is looked at."""
    it.io.connection.send(b"".join(
        it.io.connection.capsule(sqe(nvme.READ, nsid=1, cid=n, length=512, cdw10=n)) for n in range(count)))


@case("a queue filled to its last entry is served")
def _(target):
    for cattr in (0, DISABLE_FLOW_CONTROL):
        with Association(target, sqsize=31, cattr=cattr) as it:
            for _ in range(3):
                fill(it, 31)
                assert sorted(it.io.complete().expect(nvme.SUCCESS).cid for _ in range(31)) == [*range(31)]


@case("a host that sends more commands than its queue has room for loses its association, and no other does")
def _(target):
    for cattr in (0, DISABLE_FLOW_CONTROL):
        with Association(target) as other:
            it = Association(target, queues=2, sqsize=31, cattr=cattr)
            # None completes before its data has come, so that no answer tells of room.
            it.io.connection.send(b"".join(
                it.io.connection.capsule(sqe(nvme.WRITE, nsid=1, cid=n, length=512, cdw10=n)) for n in range(40)))
            try:
                while True:
                    assert it.io.connection.receive().type == wire.R2T
            except wire.Closed:
                pass
            assert it.queues[1].connection.is_closed() and it.admin.connection.is_closed()
            other.io.read(0, 1).expect(nvme.SUCCESS)


@case("a command identifier is free again once its command has completed")
def _(target):
    with Association(target) as it:
        for _ in range(50):
            it.io.read(0, 1, cid=0x1234).expect(nvme.SUCCESS)
        it.io.read(0, 1, cid=0xFFFF).expect(nvme.SUCCESS)
        it.io.read(0, 1, cid=0).expect(nvme.SUCCESS)


@case("two commands with one identifier at a time do no harm")
def _(target):
    with Association(target) as it:
        one = it.io.connection.capsule(sqe(nvme.READ, nsid=1, cid=7, length=512))
        it.io.connection.send(one + one)
        for _ in range(2):
            assert it.io.complete().cid == 7


@case("two queues of two hosts see each other's writes")
def _(target):
    with Association(target, queues=2) as it, Association(target) as other:
        for number, queue in enumerate((it.io, it.queues[1], other.io)):
            data = nvme.pattern(4096)
            queue.write(512 + number, data).expect(nvme.SUCCESS)
            for reader in (it.io, it.queues[1], other.io):
                assert reader.read(512 + number, 8).data == data


@case("reads, writes and refused commands mixed on one queue each get their own answer")
def _(target):
    with Association(target, sqsize=127) as it:
        send = bytearray()
        for n in range(20):
            send += it.io.connection.capsule(sqe(nvme.READ, nsid=1, cid=4 * n, length=4096, cdw12=7))
            send += it.io.connection.capsule(
                sqe(nvme.WRITE, nsid=1, cid=4 * n + 1, length=512, sgl=nvme.IN_CAPSULE, cdw10=700 + n),
                bytes(512))
            send += it.io.connection.capsule(sqe(0xEE, nsid=1, cid=4 * n + 2))
            send += it.io.connection.capsule(
                sqe(nvme.WRITE, nsid=1, cid=4 * n + 3, length=512, sgl=nvme.IN_CAPSULE, cdw10=BLOCKS),
                bytes(512))
        it.io.connection.send(bytes(send))
        statuses = {}
        for _ in range(80):
            completion = it.io.complete()
            statuses[completion.cid] = completion.status
        for n in range(20):
            assert [statuses[4 * n + k] for k in range(4)] == [
                nvme.SUCCESS, nvme.SUCCESS, nvme.INVALID_OPCODE, nvme.LBA_RANGE]
