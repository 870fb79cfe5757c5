"""Cases that send what is right in its form and random in its fields: whatever comes, the target must go on serving.

Each run has a seed of its own, which a failure shows; `FUZZ_SEED` in the environment repeats one.
"""

import os
import random
import select
import struct

import nvme
import wire
from cases import case
from nvme import Association, sqe

SEED = int(os.environ.get("FUZZ_SEED", random.SystemRandom().randrange(1 << 32)))

EDGES = (0, 1, 2, 3, 4, 7, 8, 0x7F, 0xFF, 0x100, 0x1FF, 0x200, 0x3FF, 0x400, 0xFFF, 0x1000, 0xFFFF, 0x10000, 131071,
         131072, 131073, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)


def number(random_, bits=32):
    """Small, an edge, or anything."""
    kind = random_.randrange(4)
    if kind < 2:
        return random_.choice(EDGES) & (1 << bits) - 1
    return random_.getrandbits(bits) if kind == 2 else 1 << random_.randrange(bits)


def command(random_, opcodes):
    """An entry, and the data of its capsule."""
    length = random_.choice((0, 16, 32, 256, 512, 1024, 4096, 8192, 131072, number(random_)))
    sgl = random_.choice((nvme.TRANSPORT,) * 4 + (nvme.IN_CAPSULE,) * 4 + (random_.getrandbits(8),))
    data = b""
    if sgl == nvme.IN_CAPSULE:
        length = min(length, 8192)
        data = random_.randbytes(length if random_.randrange(8) else random_.randrange(8192))
    opcode = random_.choice(opcodes) if random_.randrange(4) else random_.getrandbits(8)
    fields = {f"cdw{n}": number(random_) if random_.randrange(2) else random_.choice((0, 1, 7, 15))
              for n in range(10, 16)}
    entry = sqe(
        opcode, nsid=random_.choice((0, 1, 1, 1, 2, 3, 0xFFFFFFFF, number(random_))), cid=random_.getrandbits(16),
        length=length, sgl=sgl, flags=random_.choice((0x40,) * 8 + (0x41, 0x42, random_.getrandbits(8))),
        address=0 if random_.randrange(8) else number(random_, 64), **fields)
    return entry, data


def drain(connection, random_):
    """Reads what is there, answers some R2Ts; False once the connection has ended."""
    while select.select([connection.socket], [], [], 0.002)[0]:
        try:
            pdu = connection.receive()
        except (wire.Closed, ConnectionError):
            return False
        if pdu.type == wire.C2H_TERM:
            return False
        if pdu.type == wire.R2T and random_.randrange(4):
            cid, tag, offset, length = struct.unpack_from("<HHII", pdu.header, 8)
            data = random_.randbytes(length)
            if random_.randrange(16) == 0:
                tag, offset = random_.choice(((tag ^ 1, offset), (tag, offset ^ 4), (tag, offset)))
            connection.send(connection.h2c_data(cid, tag, offset, data))
    return True


def storm(target, random_, opcodes, is_admin):
    """An association, and many commands on one of its queues."""
    digests = random_.randrange(4)
    with Association(target, queues=1, sqsize=63, digests=digests, cattr=random_.choice((0, 4))) as it:
        connection = (it.admin if is_admin else it.io).connection
        try:
            for _ in range(150):
                entry, data = command(random_, opcodes)
                connection.send(connection.capsule(entry, data))
                if random_.randrange(4) == 0 and not drain(connection, random_):
                    return
            drain(connection, random_)
        except (BrokenPipeError, ConnectionResetError):
            pass


def storms(target, name, opcodes, is_admin):
    random_ = random.Random(f"{name} {SEED}")
    try:
        for _ in range(12):
            storm(target, random_, opcodes, is_admin)
        with Association(target) as it:
            it.io.read(0, 8).expect(nvme.SUCCESS)
    except Exception as error:
        raise AssertionError(f"FUZZ_SEED={SEED}: {type(error).__name__}: {error}") from error


@case("commands with random fields on admin queues leave the target serving")
def _(target):
    storms(target, "admin", (0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18, 0x7F), True)


@case("commands with random fields on I/O queues leave the target serving")
def _(target):
    storms(target, "io", (0x00, 0x01, 0x02, 0x05, 0x08, 0x09, 0x0C, 0x0D, 0x0E, 0x11, 0x15, 0x19), False)


def damaged(random_, bytes_):
    """The bytes with some bits changed, some left out, or some put in."""
    bytes_ = bytearray(bytes_)
    for _ in range(random_.randrange(1, 4)):
        place = random_.randrange(min(len(bytes_), 96)) if random_.randrange(2) else random_.randrange(len(bytes_))
        kind = random_.randrange(4)
        if kind < 2:
            bytes_[place] ^= 1 << random_.randrange(8)
        elif kind == 2:
            del bytes_[place:place + random_.choice((1, 4, 8))]
            if not bytes_:
                return b""
        else:
            bytes_[place:place] = random_.randbytes(random_.choice((1, 4, 8)))
    return bytes(bytes_)


def damaged_stream(target, random_):
    """A stream that is right up to somewhere."""
    digests = random_.randrange(4)
    if random_.randrange(6) == 0:
        connection = wire.Connection(target)
        connection.send(damaged(random_, wire.ic_req(digests=digests)))
        drain(connection, random_)
        connection.close()
        return
    with Association(target, queues=1, digests=digests, maxr2t=random_.randrange(4)) as it:
        connection = random_.choice((it.admin, it.io)).connection
        for _ in range(random_.randrange(6)):
            lba = random_.randrange(1000)
            connection.send(connection.capsule(
                sqe(nvme.WRITE, nsid=1, cid=random_.getrandbits(16), length=8192, cdw10=lba, cdw12=15)))
        capsule = connection.capsule(
            sqe(nvme.WRITE, nsid=1, cid=1, length=512, sgl=nvme.IN_CAPSULE), random_.randbytes(512))
        data = connection.h2c_data(random_.randrange(4), random_.randrange(6), 0, random_.randbytes(8192))
        connection.send(damaged(random_, random_.choice((capsule, data, capsule + data, data + capsule))))
        drain(connection, random_)


@case("PDUs with bits changed, left out or put in leave the target serving")
def _(target):
    random_ = random.Random(f"damage {SEED}")
    try:
        for _ in range(60):
            try:
                damaged_stream(target, random_)
            except (BrokenPipeError, ConnectionResetError):
                pass
        with Association(target) as it:
            it.io.read(0, 8).expect(nvme.SUCCESS)
    except Exception as error:
        raise AssertionError(f"FUZZ_SEED={SEED}: {type(error).__name__}: {error}") from error
