"""Cases of Copy and Verify: what is copied and read, and each reason to refuse it.

Source: NVM Command Set Specification, "Copy command", "Verify command"; NVM Express Base Specification, "Host
Behavior Support".
"""

import struct

import nvme
from cases import case
from nvme import Association

VERIFY, COPY = 0x0C, 0x19
SIZE_LIMIT, INCOMPATIBLE = (1, 0x83), (1, 0x85)
FAST_COPY, OVERLAP = (1, 0x86), (1, 0x87)
BLOCKS = 131072
FORMAT_2 = 2 << 8


def entries(*ranges):
    """Source Range entries of format 0h or 2h: LBA, blocks, and maybe NSID and options."""
    return b"".join(
        struct.pack("<I4xQH4xH8x", (*more, 0, 0)[0], lba, count - 1, (*more, 0, 0)[1])
        for lba, count, *more in ranges)


def copy(it, to, *ranges, cdw12=0, **more):
    return it.io.run(
        COPY, entries(*ranges), nsid=1, cdw10=to, cdw11=to >> 32, cdw12=len(ranges) - 1 | cdw12, **more)


def enable(it, formats):
    data = struct.pack("<4xH506x", formats)
    return it.admin.run(nvme.SET_FEATURES, data, cdw10=0x16)


def limits(it):
    """MSSRL, MCL and MSRC, the last one counted from 1."""
    single, total, count = struct.unpack_from("<HIB", it.admin.identify(0, nsid=1).data, 74)
    return single, total, count + 1


@case("Copy puts its ranges one behind the other and leaves what is beside them")
def _(target):
    with Association(target) as it:
        source, beside = nvme.pattern(8192), b"\xa5" * 8192
        it.io.write(40000, source).expect(nvme.SUCCESS)
        it.io.write(41000, beside).expect(nvme.SUCCESS)
        copied = copy(it, 41003, (40008, 4), (40000, 1), (40015, 1)).expect(nvme.SUCCESS)
        assert copied.result == 0
        wanted = source[4096:6144] + source[:512] + source[7680:]
        assert it.io.read(41000, 16).data == beside[:1536] + wanted + beside[:8192 - 1536 - len(wanted)]


@case("Copy takes as many ranges and blocks as Identify Namespace says, and no more")
def _(target):
    with Association(target) as it:
        single, total, count = limits(it)
        assert single > 0 and total > 0
        copy(it, 1000, *[(n, 1) for n in range(count)]).expect(nvme.SUCCESS)
        if count < 256:
            copy(it, 1000, *[(n, 1) for n in range(count + 1)]).expect(SIZE_LIMIT, dnr=True)
        if single < 65536:
            copy(it, 66000, (0, single + 1)).expect(SIZE_LIMIT, dnr=True)
        copy(it, 65536, (0, min(single, 65535))).expect(nvme.SUCCESS)
        ranges = [(0, single)] * (total // single + 1)
        if len(ranges) <= count:
            copy(it, 0, *ranges).expect(SIZE_LIMIT, dnr=True)


@case("Copy checks every range before it touches anything, and then says that none was copied")
def _(target):
    with Association(target) as it:
        it.io.write(42000, b"\x5a" * 4096).expect(nvme.SUCCESS)
        for to, ranges in ((42000, ((0, 4), (BLOCKS - 1, 2))), (BLOCKS - 3, ((0, 2), (8, 2))),
                           ((1 << 64) - 1, ((0, 2),)), (42000, (((1 << 64) - 1, 1),))):
            assert copy(it, to, *ranges).expect(nvme.LBA_RANGE, dnr=True).result == 0
        assert it.io.read(42000, 8).data == b"\x5a" * 4096


@case("Copy's formats 1h, 3h and beyond are Invalid Field in Command, and so is 2h until it is enabled")
def _(target):
    with Association(target) as it:
        formats = struct.unpack_from("<H", it.admin.identify(1).data, 534)[0]
        assert formats & 1, "format 0h is mandatory"
        for number in range(16):
            if number != 0 and not (number == 2 and formats & 4):
                copy(it, 1000, (0, 1), cdw12=number << 8).expect(nvme.INVALID_FIELD, dnr=True)
        copy(it, 1000, (0, 1, 1), cdw12=FORMAT_2).expect(nvme.INVALID_FIELD, dnr=True)
        if not formats & 4:
            return
        enable(it, 4).expect(nvme.SUCCESS)
        copy(it, 1000, (0, 1, 1), cdw12=FORMAT_2).expect(nvme.SUCCESS)
        enable(it, 0).expect(nvme.SUCCESS)
        copy(it, 1000, (0, 1, 1), cdw12=FORMAT_2).expect(nvme.INVALID_FIELD, dnr=True)


@case("Copy across namespaces finds its sources, and refuses what is none")
def _(target):
    with Association(target) as it:
        enable(it, 4).expect(nvme.SUCCESS)
        data = nvme.pattern(8192)
        it.io.write(43000, data).expect(nvme.SUCCESS)
        it.io.write(43100, data[::-1]).expect(nvme.SUCCESS)
        it.io.write(7, data[:4096], nsid=2).expect(nvme.SUCCESS)
        copy(it, 43000, (7, 8, 2), (43100, 8, 1), cdw12=FORMAT_2).expect(nvme.SUCCESS)
        assert it.io.read(43000, 16).data == data[:4096] + data[:4095:-1]
        for nsid, status in ((0, nvme.INVALID_NAMESPACE), (0xFFFFFFFF, nvme.INVALID_NAMESPACE),
                             (1025, nvme.INVALID_NAMESPACE), (3, nvme.INVALID_FIELD)):
            copy(it, 43000, (7, 8, nsid), cdw12=FORMAT_2).expect(status, dnr=True)
        copy(it, 43000, (7, 8, 2, 0x8000), cdw12=FORMAT_2).expect(FAST_COPY)
        copy(it, 43000, (43007, 2, 1), cdw12=FORMAT_2).expect(nvme.SUCCESS)
        copy(it, 43000, (42999, 2, 1), cdw12=FORMAT_2).expect(OVERLAP, dnr=True)
        copy(it, 43000, (0, 4, 1), (43002, 1, 1), cdw12=FORMAT_2).expect(OVERLAP, dnr=True)


@case("Copy ignores protection information and reserved fields, and refuses directives")
def _(target):
    with Association(target) as it:
        ignored = 1 << 31 | 1 << 30 | 0xF << 26 | 1 << 24 | 0xF << 12
        copy(it, 1000, (0, 1, 0xFFFFFFFF, 0xFFFF), cdw12=ignored, cdw14=1, cdw15=2).expect(nvme.SUCCESS)
        copy(it, 1000, (0, 1), cdw12=1 << 20).expect(nvme.INVALID_FIELD, dnr=True)


@case("Verify reads any range of the namespace, moves no data, and refuses PRACT")
def _(target):
    with Association(target) as it:
        for lba, blocks in ((0, 1), (5, 65536), (BLOCKS - 1, 1)):
            it.io.run(VERIFY, nsid=1, cdw10=lba, cdw12=blocks - 1).expect(nvme.SUCCESS)
            it.io.run(VERIFY, nsid=1, flags=0, cdw10=lba, cdw12=blocks - 1 | 3 << 30).expect(nvme.SUCCESS)
        for lba, blocks in ((BLOCKS, 1), (BLOCKS - 1, 2), ((1 << 64) - 1, 1)):
            it.io.run(VERIFY, nsid=1, cdw10=lba, cdw11=lba >> 32, cdw12=blocks - 1).expect(nvme.LBA_RANGE)
        it.io.run(VERIFY, nsid=1, cdw12=1 << 29).expect(nvme.INVALID_FIELD, dnr=True)
        for nsid, status in ((0, nvme.INVALID_NAMESPACE), (3, nvme.INVALID_FIELD)):
            it.io.run(VERIFY, nsid=nsid).expect(status, dnr=True)
