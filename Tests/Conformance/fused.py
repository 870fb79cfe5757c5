"""Cases of fused Compare and Write: both halves, one without the other, and what is not a half.

Source: NVM Express Base Specification, "Fused Operations"; NVM Command Set Specification, "Compare and Write".
"""

import nvme
from cases import case
from nvme import Association

FIRST, SECOND = 0x41, 0x42
FAILED_FUSED, MISSING_FUSED, UNIT_EXCEEDED = (0, 0x09), (0, 0x0A), (0, 0x14)


class Pair:
    """Sends commands in one go and reads their completions, in whatever order those come."""

    def __init__(self, queue):
        self.queue = queue
        self.payloads = {}

    def send(self, opcode, flags, data, by_r2t=False, lba=0, nsid=1):
        fields = {"flags": flags, "nsid": nsid, "cdw10": lba, "cdw12": len(data) // 512 - 1}
        if by_r2t:
            cid = self.queue.submit(opcode, length=len(data), **fields)
        else:
            cid = self.queue.submit(opcode, data, **fields)
        self.payloads[cid] = data
        return cid

    def complete(self, *cids):
        """The completions of these commands, and their order."""
        done = {}
        while len(done) < len(cids):
            pdu = self.queue.connection.receive()
            if pdu.type == nvme.wire.R2T:
                cid = int.from_bytes(pdu.header[8:10], "little")
                self.queue.answer(pdu, self.payloads[cid])
            else:
                assert pdu.type == nvme.wire.CAPSULE_RESP, f"a PDU of type {pdu.type}"
                completion = nvme.Completion(pdu.header[8:24])
                done[completion.cid] = completion
        return [done[cid] for cid in cids], list(done)

    def expect(self, cids, *statuses):
        completions, order = self.complete(*cids)
        for completion, status in zip(completions, statuses):
            completion.expect(status)
        assert order == list(cids), f"completions of {order} instead of {list(cids)}"


@case("a fused Compare and Write is offered, one block at a time")
def _(target):
    with Association(target) as it:
        data = it.admin.identify(1).data
        assert data[522] & 1, "FUSES"
        assert data[532:534] == bytes(2), "ACWU"
        data = it.admin.identify(0, nsid=1).data
        assert data[24] >> 1 & 1 and data[38:40] == bytes(2), "NACWU"


@case("a fused Compare and Write writes if the block is as expected, in capsules and by R2T, and not else")
def _(target):
    with Association(target) as it:
        known = it.io.read(9000, 1).expect(nvme.SUCCESS).data
        for by_r2t in ((False, False), (False, True), (True, False), (True, True)):
            new = nvme.pattern(512)
            pair = Pair(it.io)
            cids = (pair.send(nvme.COMPARE, FIRST, known, by_r2t[0], lba=9000),
                    pair.send(nvme.WRITE, SECOND, new, by_r2t[1], lba=9000))
            pair.expect(cids, nvme.SUCCESS, nvme.SUCCESS)
            cids = (pair.send(nvme.COMPARE, FIRST, known, by_r2t[0], lba=9000),
                    pair.send(nvme.WRITE, SECOND, known, by_r2t[1], lba=9000))
            pair.expect(cids, nvme.COMPARE_FAILURE, FAILED_FUSED)
            assert it.io.read(9000, 1).expect(nvme.SUCCESS).data == new
            known = new


@case("half of a fused operation without the other is Command Aborted due to Missing Fused Command")
def _(target):
    with Association(target) as it:
        pair = Pair(it.io)
        block = bytes(512)
        for by_r2t in (False, True):
            pair.expect((pair.send(nvme.WRITE, SECOND, block, by_r2t, lba=9100),), MISSING_FUSED)
            cids = (pair.send(nvme.COMPARE, FIRST, block, by_r2t, lba=9100), it.io.submit(nvme.FLUSH, nsid=1))
            completions, _ = pair.complete(*cids)
            completions[0].expect(MISSING_FUSED)
            completions[1].expect(nvme.SUCCESS)
            pair.expect((pair.send(nvme.WRITE, SECOND, block, by_r2t, lba=9100),), MISSING_FUSED)


@case("halves that differ are both Invalid Field in Command; more than a block is Atomic Write Unit Exceeded")
def _(target):
    with Association(target) as it:
        pair = Pair(it.io)
        for fields in ({"lba": 9201}, {"nsid": 2}):
            second = {"lba": 9200, "nsid": 1, **fields}
            cids = (pair.send(nvme.COMPARE, FIRST, bytes(512), lba=9200),
                    pair.send(nvme.WRITE, SECOND, bytes(512), **second))
            pair.expect(cids, nvme.INVALID_FIELD, nvme.INVALID_FIELD)
        cids = (pair.send(nvme.COMPARE, FIRST, bytes(1024), lba=9200),
                pair.send(nvme.WRITE, SECOND, bytes(1024), lba=9200))
        pair.expect(cids, UNIT_EXCEEDED, FAILED_FUSED)


@case("FUSE on any other command is Invalid Field in Command")
def _(target):
    with Association(target) as it:
        for opcode, flags in ((nvme.WRITE, FIRST), (nvme.COMPARE, SECOND), (nvme.WRITE, 0x43), (nvme.COMPARE, 0x43)):
            it.io.write(9300, bytes(512), opcode=opcode, flags=flags).expect(nvme.INVALID_FIELD, dnr=True)
        for flags in (FIRST, SECOND, 0x43):
            it.io.read(9300, 1, flags=flags).expect(nvme.INVALID_FIELD, dnr=True)
            it.io.run(nvme.FLUSH, nsid=1, flags=flags).expect(nvme.INVALID_FIELD, dnr=True)
            it.admin.run(nvme.KEEP_ALIVE, flags=flags).expect(nvme.INVALID_FIELD, dnr=True)
