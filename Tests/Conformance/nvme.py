"""Queues and commands as the Base and NVM Command Set Specifications lay them out."""

import os
import struct

import wire

HOST_NQN = "nqn.2014-08.org.nvmexpress:uuid:0f4d3a7a-52f7-4b71-9f5e-2f3f1f0c9a11"
HOST_ID = bytes(range(1, 17))
DISCOVERY_NQN = "nqn.2014-08.org.nvmexpress.discovery"

# Admin opcodes.
GET_LOG, IDENTIFY, ABORT, SET_FEATURES, GET_FEATURES, AER, KEEP_ALIVE = 0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18
# NVM opcodes.
FLUSH, WRITE, READ, COMPARE, WRITE_ZEROES, DSM = 0x00, 0x01, 0x02, 0x05, 0x08, 0x09
FABRICS = 0x7F
PROPERTY_SET, CONNECT, PROPERTY_GET, AUTH_SEND, AUTH_RECEIVE, DISCONNECT = 0x00, 0x01, 0x04, 0x05, 0x06, 0x08
# Properties.
CAP, VS, CC, CSTS, NSSR, CRTO = 0x00, 0x08, 0x14, 0x1C, 0x20, 0x68

# Statuses: status code type and code.
SUCCESS = (0, 0x00)
INVALID_OPCODE, INVALID_FIELD, ABORTED, ABORTED_SQ_DELETION = (0, 0x01), (0, 0x02), (0, 0x07), (0, 0x08)
INVALID_NAMESPACE, SEQUENCE_ERROR = (0, 0x0B), (0, 0x0C)
SGL_LENGTH, SGL_TYPE, SGL_OFFSET = (0, 0x0F), (0, 0x11), (0, 0x16)
KEEP_ALIVE_INVALID = (0, 0x1A)
TRANSIENT_TRANSPORT, LBA_RANGE = (0, 0x22), (0, 0x80)
ABORT_LIMIT, AER_LIMIT, INVALID_LOG_PAGE = (1, 0x03), (1, 0x05), (1, 0x09)
NOT_SAVEABLE, NOT_CHANGEABLE, NOT_NAMESPACE_SPECIFIC = (1, 0x0D), (1, 0x0E), (1, 0x0F)
COMBINATION_REJECTED, INVALID_COMMAND_SET = (1, 0x2B), (1, 0x2C)
INCOMPATIBLE_FORMAT, CONTROLLER_BUSY, CONNECT_INVALID_PARAMETERS = (1, 0x80), (1, 0x81), (1, 0x82)
CONNECT_INVALID_HOST, INVALID_QUEUE_TYPE = (1, 0x84), (1, 0x85)
COMPARE_FAILURE = (2, 0x85)

ENABLE = 0x00460001
SHUTDOWN_NORMAL, SHUTDOWN_ABRUPT = 0x4000, 0x8000

IN_CAPSULE, TRANSPORT = 0x01, 0x5A


def sqe(opcode, nsid=0, cid=0, length=0, sgl=None, address=0, flags=0x40, mptr=0, dword2=0, dword3=0, **dwords):
    """A submission queue entry. `dwords` are cdw10 to cdw15."""
    kind = sgl if sgl is not None else (TRANSPORT if length else 0)
    return struct.pack(
        "<BBHIIIQQI3xB6I", opcode, flags, cid, nsid, dword2, dword3, mptr, address, length, kind,
        *(dwords.get(f"cdw{number}", 0) & 0xFFFFFFFF for number in range(10, 16)))


class Completion:
    """A completion queue entry, and the data that came before it."""

    def __init__(self, entry, data=b""):
        self.result, self.sqhd, self.sqid, self.cid, status = struct.unpack("<QHHHH", entry)
        self.phase = status & 1
        self.status = (status >> 9 & 7, status >> 1 & 0xFF)
        self.crd = status >> 12 & 3
        self.more = bool(status >> 14 & 1)
        self.dnr = bool(status >> 15 & 1)
        self.data = data

    def expect(self, status, dnr=None):
        assert self.status == status, (
            f"status type {self.status[0]} code {self.status[1]:02X}h, "
            f"expected type {status[0]} code {status[1]:02X}h")
        if dnr is not None:
            assert self.dnr == dnr, f"Do Not Retry is {self.dnr}"
        return self


class Queue:
    """A queue pair: a connection after ICReq, or after Connect."""

    def __init__(self, target, port=None, **initialize):
        self.connection = wire.Connection(target, port).initialize(**initialize)
        self.next_cid = 1
        self.has_flow_control = True

    def close(self):
        self.connection.close()

    def take_cid(self):
        self.next_cid = self.next_cid % 0xFF00 + 1
        return self.next_cid

    def submit(self, opcode, data=b"", cid=None, **fields):
        """Sends a command, with its data in the capsule if there is any; returns its identifier."""
        cid = self.take_cid() if cid is None else cid
        if data:
            fields.setdefault("sgl", IN_CAPSULE)
            fields.setdefault("length", len(data))
        self.connection.send(self.connection.capsule(sqe(opcode, cid=cid, **fields), data))
        return cid

    def complete(self, payload=b"", chunk=None):
        """Reads until a command completes; answers R2Ts from `payload`, in pieces of `chunk` bytes."""
        data = bytearray()
        while True:
            pdu = self.connection.receive()
            assert pdu.digests_are_valid, f"a wrong digest in a PDU of type {pdu.type}"
            if pdu.type == wire.CAPSULE_RESP:
                return Completion(pdu.header[8:24], bytes(data))
            if pdu.type == wire.R2T:
                self.answer(pdu, payload, chunk)
            elif pdu.type == wire.C2H_DATA:
                cid, _, offset, length = struct.unpack_from("<HHII", pdu.header, 8)
                assert length == len(pdu.data), f"DATAL {length} for {len(pdu.data)} bytes"
                assert offset == len(data), f"C2HData at {offset} after {len(data)} bytes"
                data += pdu.data
                if pdu.flags & wire.SUCCESS:
                    assert not self.has_flow_control, "SUCCESS although SQ flow control is in use"
                    assert pdu.flags & wire.LAST, "SUCCESS without LAST_PDU"
                    return Completion(struct.pack("<QHHHH", 0, 0, 0, cid, 0), bytes(data))
            else:
                raise AssertionError(f"a PDU of type {pdu.type} where a command completes")

    def answer(self, r2t, payload, chunk=None):
        """Sends what a R2T asks for."""
        cid, tag, offset, length = struct.unpack_from("<HHII", r2t.header, 8)
        assert offset + length <= len(payload), f"R2T for {length} bytes at {offset} of {len(payload)}"
        step = chunk or self.connection.maxh2cdata
        for start in range(offset, offset + length, step):
            end = min(start + step, offset + length)
            self.connection.send(
                self.connection.h2c_data(cid, tag, start, payload[start:end], last=end == offset + length))

    def run(self, opcode, data=b"", payload=b"", chunk=None, **fields):
        """A command from its capsule to its completion; `payload` goes by R2T."""
        if payload:
            fields.setdefault("length", len(payload))
        cid = self.submit(opcode, data, **fields)
        completion = self.complete(payload, chunk)
        assert completion.cid == cid, f"completion of {completion.cid} instead of {cid}"
        return completion

    # Fabrics

    def connect(self, nqn, qid=0, sqsize=31, cntlid=0xFFFF, kato=0, cattr=0, recfmt=0, host_nqn=HOST_NQN,
                host_id=HOST_ID, **fields):
        name = nqn if isinstance(nqn, bytes) else nqn.encode()
        host = host_nqn if isinstance(host_nqn, bytes) else host_nqn.encode()
        data = (host_id + struct.pack("<H", cntlid) + bytes(238) + name.ljust(256, b"\0")
                + host.ljust(256, b"\0") + bytes(256))
        completion = self.run(
            FABRICS, data, nsid=CONNECT, cdw10=recfmt | qid << 16, cdw11=sqsize | cattr << 16, cdw12=kato,
            **fields)
        self.has_flow_control = not (completion.status == SUCCESS and completion.sqhd == 0xFFFF)
        return completion

    def get_property(self, offset, size=None):
        size = (1 if offset == CAP else 0) if size is None else size
        return self.run(FABRICS, nsid=PROPERTY_GET, cdw10=size, cdw11=offset, flags=0)

    def set_property(self, offset, value, size=0):
        return self.run(
            FABRICS, nsid=PROPERTY_SET, cdw10=size, cdw11=offset, cdw12=value, cdw13=value >> 32, flags=0)

    def property(self, offset):
        return self.get_property(offset).expect(SUCCESS).result

    def wait_for(self, mask, value):
        """Reads CSTS until it says so."""
        for _ in range(10_000):
            if self.property(CSTS) & mask == value:
                return
        raise AssertionError(f"CSTS & {mask:X}h does not become {value:X}h")

    def enable(self, cc=ENABLE):
        self.set_property(CC, cc).expect(SUCCESS)
        self.wait_for(1, 1)

    # Admin

    def identify(self, cns, nsid=0, cntid=0, csi=0):
        return self.run(IDENTIFY, nsid=nsid, length=4096, cdw10=cns | cntid << 16, cdw11=csi << 24)

    def log(self, lid, length, nsid=0xFFFFFFFF, offset=0, rae=0, lsp=0, lsi=0, ot=0, csi=0):
        count = length // 4 - 1
        return self.run(
            GET_LOG, nsid=nsid, length=length, cdw10=lid | lsp << 8 | rae << 15 | (count & 0xFFFF) << 16,
            cdw11=count >> 16 & 0xFFFF | lsi << 16, cdw12=offset, cdw13=offset >> 32,
            cdw14=csi << 24 | ot << 23)

    def get_feature(self, fid, select=0, nsid=0, cdw11=0, length=0):
        return self.run(GET_FEATURES, nsid=nsid, cdw10=fid | select << 8, cdw11=cdw11, length=length)

    def set_feature(self, fid, value=0, nsid=0, save=0, data=b""):
        return self.run(SET_FEATURES, data, nsid=nsid, cdw10=fid | save << 31, cdw11=value)

    # I/O

    def read(self, lba, blocks, nsid=1, block=512, **fields):
        return self.run(
            READ, nsid=nsid, length=fields.pop("length", blocks * block), cdw10=lba, cdw11=lba >> 32,
            cdw12=(blocks - 1) | fields.pop("cdw12", 0), **fields)

    def write(self, lba, data, nsid=1, block=512, by_r2t=False, opcode=WRITE, chunk=None, **fields):
        how = {"payload": data} if by_r2t else {"data": data}
        return self.run(
            opcode, nsid=nsid, chunk=chunk, cdw10=lba, cdw11=lba >> 32,
            cdw12=(len(data) // block - 1) | fields.pop("cdw12", 0), **how, **fields)


class Association:
    """An enabled controller with an admin queue and some I/O queues."""

    def __init__(self, target, queues=1, nqn=None, port=None, kato=0, sqsize=31, admin_sqsize=31, cattr=0,
                 admin_cattr=0, host_nqn=HOST_NQN, host_id=HOST_ID, **initialize):
        self.target, self.port, self.nqn, self.initialize = target, port, nqn or target.nqn, initialize
        self.host = {"host_nqn": host_nqn, "host_id": host_id}
        self.admin = Queue(target, port, **initialize)
        self.queues = []
        connected = self.admin.connect(
            self.nqn, kato=kato, sqsize=admin_sqsize, cattr=admin_cattr, **self.host).expect(SUCCESS)
        self.cntlid = connected.result & 0xFFFF
        self.admin.enable()
        for _ in range(queues):
            self.add(sqsize=sqsize, cattr=cattr)

    def queue(self):
        """A connection that is no queue yet."""
        return Queue(self.target, self.port, **self.initialize)

    def add(self, qid=None, **fields):
        queue = self.queue()
        fields.setdefault("cntlid", self.cntlid)
        queue.connect(self.nqn, qid=qid or len(self.queues) + 1, **{**self.host, **fields}).expect(SUCCESS)
        self.queues.append(queue)
        return queue

    @property
    def io(self):
        return self.queues[0]

    def close(self):
        for queue in [*self.queues, self.admin]:
            queue.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def pattern(count):
    return os.urandom(count)
