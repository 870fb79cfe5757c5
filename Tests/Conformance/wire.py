"""NVMe/TCP PDUs as the TCP Transport Specification lays them out: what a host sends and what it reads.

Nothing here is taken from the target's sources. A Connection sends whatever it is told to, right or wrong, and
reads PDUs back; what they mean is for queue.py and the cases to say.
"""

import socket
import struct

IC_REQ, IC_RESP, H2C_TERM, C2H_TERM, CAPSULE_CMD, CAPSULE_RESP, H2C_DATA, C2H_DATA, R2T = 0, 1, 2, 3, 4, 5, 6, 7, 9

HDGSTF, DDGSTF, LAST, SUCCESS = 1, 2, 4, 8

# Fatal Error Status of a termination request.
INVALID_HEADER_FIELD, SEQUENCE_ERROR, HEADER_DIGEST_ERROR = 1, 2, 3
OUT_OF_RANGE, LIMIT_EXCEEDED, UNSUPPORTED_PARAMETER = 4, 5, 6

TIMEOUT_SECONDS = 10


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_TABLE = _crc_table()


def crc32c(data):
    """CRC32C, as header and data digests have it."""
    register = 0xFFFFFFFF
    for byte in data:
        register = register >> 8 ^ _TABLE[(register ^ byte) & 0xFF]
    return register ^ 0xFFFFFFFF


class Closed(Exception):
    """The controller closed the connection where a PDU was expected."""


class PDU:
    """A received PDU: its header's fields, its header as a whole, and its data."""

    def __init__(self, header, data, digests_are_valid):
        self.header = header
        self.type, self.flags, self.hlen, self.pdo, self.plen = struct.unpack_from("<BBBBI", header)
        self.data = data
        self.digests_are_valid = digests_are_valid

    def field(self, layout, offset):
        return struct.unpack_from("<" + layout, self.header, offset)[0]


def pdu(kind, specific, data=b"", flags=0, hdgst=False, ddgst=False, alignment=4, **wrong):
    """A PDU of `kind` whose header goes on with `specific`. `wrong` overrides fields: hlen, pdo, plen, digest,
    data_digest."""
    hlen = 8 + len(specific)
    start = hlen + (4 if hdgst else 0)
    pdo = -(-start // alignment) * alignment if data else 0
    plen = (pdo if data else start) + len(data) + (4 if data and ddgst else 0)
    if hdgst:
        flags |= HDGSTF
    if data and ddgst:
        flags |= DDGSTF
    header = struct.pack(
        "<BBBBI", wrong.get("kind", kind), wrong.get("flags", flags), wrong.get("hlen", hlen),
        wrong.get("pdo", pdo), wrong.get("plen", plen)) + specific
    out = header
    if hdgst:
        out += struct.pack("<I", wrong.get("digest", crc32c(header)))
    if data:
        out += bytes(pdo - start) + data
        if ddgst:
            out += struct.pack("<I", wrong.get("data_digest", crc32c(data)))
    return out


def ic_req(pfv=0, hpda=0, digests=0, maxr2t=0, reserved=bytes(112), **wrong):
    return pdu(IC_REQ, struct.pack("<HBBI", pfv, hpda, digests, maxr2t) + reserved, **wrong)


class Connection:
    """One TCP connection to the controller."""

    def __init__(self, target, port=None):
        self.socket = socket.create_connection((target.host, port or target.port), timeout=TIMEOUT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.hdgst = self.ddgst = False
        self.cpda = 4
        self.maxh2cdata = 0
        self.icresp = None

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def _exactly(self, count):
        got = bytearray()
        while len(got) < count:
            try:
                part = self.socket.recv(count - len(got))
            except ConnectionResetError as error:
                raise Closed("reset") from error
            if not part:
                raise Closed(f"closed after {len(got)} of {count} bytes")
            got += part
        return bytes(got)

    def receive(self):
        """The next PDU."""
        header = self._exactly(8)
        kind, flags, hlen, pdo, plen = struct.unpack("<BBBBI", header)
        assert hlen >= 8 and plen >= hlen, f"PDU type {kind} with HLEN {hlen}, PLEN {plen}"
        header += self._exactly(hlen - 8)
        taken, valid = hlen, True
        if flags & HDGSTF and kind not in (IC_RESP, C2H_TERM):
            valid = struct.unpack("<I", self._exactly(4))[0] == crc32c(header)
            taken += 4
        if kind == C2H_TERM:
            return PDU(header, self._exactly(plen - taken), valid)
        data = b""
        if pdo:
            padding = self._exactly(pdo - taken)
            assert not any(padding), "padding that is not zero"
            digest = 4 if flags & DDGSTF else 0
            data = self._exactly(plen - pdo - digest)
            if digest:
                valid = valid and struct.unpack("<I", self._exactly(4))[0] == crc32c(data)
        else:
            assert plen == taken, f"PDU type {kind} without PDO has PLEN {plen}"
        return PDU(header, data, valid)

    def initialize(self, **fields):
        """ICReq and ICResp."""
        self.send(ic_req(**fields))
        self.icresp = self.receive()
        assert self.icresp.type == IC_RESP, f"ICReq is answered with a PDU of type {self.icresp.type}"
        digests = self.icresp.field("B", 11)
        self.hdgst, self.ddgst = bool(digests & 1), bool(digests & 2)
        self.cpda = (self.icresp.field("B", 10) + 1) * 4
        self.maxh2cdata = self.icresp.field("I", 12)
        return self

    def capsule(self, sqe, data=b"", **wrong):
        """A command capsule's bytes."""
        return pdu(
            CAPSULE_CMD, sqe, data, hdgst=self.hdgst, ddgst=self.ddgst, alignment=self.cpda, **wrong)

    def h2c_data(self, cid, tag, offset, data, last=True, length=None, **wrong):
        """A H2CData PDU's bytes."""
        specific = struct.pack(
            "<HHIII", cid, tag, offset, len(data) if length is None else length, 0)
        return pdu(
            H2C_DATA, specific, data, flags=LAST if last else 0, hdgst=self.hdgst, ddgst=self.ddgst,
            alignment=self.cpda, **wrong)

    def is_closed(self):
        """Whether the controller ends the stream, with nothing more to read."""
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    def expect_termination(self, status, information=None, offender=None):
        """C2HTermReq with this FES and FEI and the header that was wrong, then the end."""
        term = self.receive()
        while term.type != C2H_TERM:
            term = self.receive()
        assert term.hlen == 24 and 24 <= term.plen <= 152, f"HLEN {term.hlen}, PLEN {term.plen}"
        assert term.flags == 0 and term.pdo == 0, "flags and PDO of a termination request are reserved"
        found = (term.field("H", 8), term.field("I", 10))
        wanted = (status, found[1] if information is None else information)
        assert found == wanted, f"FES {found[0]}, FEI {found[1]}; expected FES {wanted[0]}, FEI {wanted[1]}"
        if offender is not None:
            assert term.data and offender.startswith(term.data), "the offending header is not what came back"
        assert self.is_closed(), "the connection stays open after C2HTermReq"
