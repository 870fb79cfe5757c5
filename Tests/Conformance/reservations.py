"""Cases of reservations: what hosts may do while others have reserved, and what the commands and the log tell.

Source: NVM Express Base Specification, "Reservations" and the four reservation commands; "Reservation Notification",
"Reservation Notification Mask", "Reservation Persistence".
"""

import contextlib
import struct

import nvme
from cases import case
from nvme import Association

REGISTER, REPORT, ACQUIRE, RELEASE = 0x0D, 0x0E, 0x11, 0x15
CONFLICT, INCONSISTENT_HOST_ID, NO_HOST_ID = (0, 0x83), (0, 0x18), (0, 0x27)
LOG, EVENT = 0x80, 0x00800006
NSID = 2
TYPES = range(1, 7)


@contextlib.contextmanager
def hosts(target, count=2):
    """So many hosts with an I/O queue each, and a namespace that nobody is registered at."""
    with contextlib.ExitStack() as stack:
        made = [
            stack.enter_context(Association(
                target, host_id=bytes([0xF0 + number]) * 16,
                host_nqn=f"nqn.2014-08.org.nvmexpress:uuid:{number + 1:08d}-0000-4000-8000-000000000000"))
            for number in range(count)]
        clear(made[0])
        yield made
        clear(made[0])


def clear(host):
    register(host, 1, action=2, ignore=1)
    register(host, 1)
    release(host, 1, action=1).expect(nvme.SUCCESS)


def register(host, new, current=0, action=0, ignore=0, persistence=0):
    return host.io.run(REGISTER, struct.pack("<QQ", current, new), nsid=NSID,
                       cdw10=action | ignore << 3 | persistence << 30)


def acquire(host, key, kind, action=0, preempt=0, ignore=0):
    return host.io.run(ACQUIRE, struct.pack("<QQ", key, preempt), nsid=NSID, cdw10=action | ignore << 3 | kind << 8)


def release(host, key, kind=0, action=0, ignore=0):
    return host.io.run(RELEASE, struct.pack("<Q", key), nsid=NSID, cdw10=action | ignore << 3 | kind << 8)


def report(host, length=4096):
    """GEN, RTYPE, PTPLS, and (RCSTS, RKEY, HOSTID) of each registrant."""
    data = host.io.run(REPORT, nsid=NSID, length=length, cdw10=length // 4 - 1, cdw11=1).expect(nvme.SUCCESS).data
    generation, kind, count = struct.unpack_from("<IBH", data)
    registrants = []
    for index in range(count):
        cntlid, status, key, host_id = struct.unpack_from("<HB5xQ16s", data, 64 + 64 * index)
        assert cntlid == 0xFFFF, "controllers are dynamic"
        registrants.append((status, key, host_id))
    assert not any(data[10:64]) and not any(data[64 + 64 * count:]), "reserved bytes"
    return generation, kind, data[9], registrants


@case("RESCAP of a namespace has every type, and says whether reservations persist")
def _(target):
    with Association(target, queues=0) as it:
        rescap = it.admin.identify(0, nsid=NSID).expect(nvme.SUCCESS).data[31]
        assert rescap & 0xFE == 0xFE, f"RESCAP {rescap:02X}h"
        assert it.admin.identify(8, nsid=NSID).expect(nvme.SUCCESS).data[2] == rescap, "CNS 08h says something else"
        status = it.admin.set_feature(0x83, 1, nsid=NSID)
        status.expect(nvme.SUCCESS if rescap & 1 else nvme.INVALID_FIELD)
        it.admin.set_feature(0x83, 0, nsid=NSID).expect(nvme.SUCCESS)


@case("under each type of reservation others read and write as the specification's table says")
def _(target):
    for kind in TYPES:
        with hosts(target, 3) as (holder, registrant, other):
            register(registrant, 0xB2B2B2B2B2B2B2B2).expect(nvme.SUCCESS)
            register(holder, 1).expect(nvme.SUCCESS)
            acquire(holder, 1, kind).expect(nvme.SUCCESS)
            for host, reads, writes in (
                    (holder, True, True),
                    (registrant, kind != 2, kind >= 3),
                    (other, kind in (1, 3, 5), False)):
                for run, is_allowed in (
                        (lambda: host.io.read(0, 1, nsid=NSID), reads),
                        (lambda: host.io.run(0x0C, nsid=NSID), reads),
                        (lambda: host.io.write(0, bytes(512), nsid=NSID), writes),
                        (lambda: host.io.run(nvme.WRITE_ZEROES, nsid=NSID), writes),
                        (lambda: host.io.run(nvme.DSM, bytes(16), nsid=NSID, cdw11=4), writes),
                        (lambda: host.io.run(nvme.DSM, bytes(16), nsid=NSID, cdw11=1), writes),
                        (lambda: host.io.run(nvme.FLUSH, nsid=NSID), writes)):
                    run().expect(nvme.SUCCESS if is_allowed else CONFLICT)
                host.io.read(0, 1, nsid=1).expect(nvme.SUCCESS)


@case("registering twice, replacing and unregistering ask for the key that the host has")
def _(target):
    with hosts(target) as (first, second):
        register(second, 5).expect(nvme.SUCCESS)
        register(second, 5).expect(nvme.SUCCESS)
        register(second, 6).expect(CONFLICT, dnr=True)
        register(second, 6, current=7, action=2).expect(CONFLICT)
        register(second, 6, current=5, action=2).expect(nvme.SUCCESS)
        register(second, 7, action=2, ignore=1).expect(nvme.SUCCESS)
        register(second, 0, current=5, action=1).expect(CONFLICT)
        register(second, 0, current=7, action=1).expect(nvme.SUCCESS)
        register(second, 0, current=7, action=1).expect(CONFLICT)
        register(second, 8, current=7, action=2).expect(CONFLICT)
        register(first, 1).expect(nvme.SUCCESS)


@case("a host that ignores existing keys registers by replacing none, and may unregister as often as it likes")
def _(target):
    with hosts(target) as (first, second):
        before = report(first)[0]
        register(second, 0, action=1, ignore=1).expect(nvme.SUCCESS)
        assert report(first)[0] == before + 1 and not report(first)[3], "nobody was registered"
        register(second, 8, current=7, action=2, ignore=1).expect(nvme.SUCCESS)
        assert report(first)[3] == [(0, 8, b"\xF1" * 16)], report(first)
        acquire(second, 8, 1).expect(nvme.SUCCESS)
        register(second, 0, action=1, ignore=1).expect(nvme.SUCCESS)
        assert report(first)[1] == 0, "the holder is gone"
        register(second, 0, action=1, ignore=1).expect(nvme.SUCCESS)
        register(first, 1).expect(nvme.SUCCESS)


@case("the report has generation, type and registrants, and is cut at the length that was asked for")
def _(target):
    with hosts(target) as (first, second):
        register(first, 1).expect(nvme.SUCCESS)
        before = report(first)[0]
        register(second, 0xB2B2B2B2B2B2B2B2).expect(nvme.SUCCESS)
        acquire(second, 0xB2B2B2B2B2B2B2B2, 3).expect(nvme.SUCCESS)
        generation, kind, _, registrants = report(first)
        assert generation == before + 1 and kind == 3, (before, generation, kind)
        assert registrants == [(0, 1, b"\xF0" * 16), (1, 0xB2B2B2B2B2B2B2B2, b"\xF1" * 16)], registrants
        data = first.io.run(REPORT, nsid=NSID, length=64, cdw10=15, cdw11=1).expect(nvme.SUCCESS).data
        assert struct.unpack_from("<IBH", data) == (generation, 3, 2)
        first.io.run(REPORT, nsid=NSID, length=64, cdw10=15).expect(INCONSISTENT_HOST_ID, dnr=True)


@case("a holder's type is kept, and a release must name it")
def _(target):
    with hosts(target) as (first, second):
        register(first, 1).expect(nvme.SUCCESS)
        register(second, 2).expect(nvme.SUCCESS)
        for kind in TYPES:
            acquire(first, 1, kind).expect(nvme.SUCCESS)
            acquire(first, 1, kind).expect(nvme.SUCCESS)
            acquire(first, 1, kind % 6 + 1).expect(CONFLICT)
            acquire(second, 2, kind).expect(nvme.SUCCESS if kind >= 5 else CONFLICT)
            acquire(first, 9, kind).expect(CONFLICT)
            release(first, 9, kind).expect(CONFLICT)
            release(first, 1, kind % 6 + 1).expect(nvme.INVALID_FIELD)
            if kind < 5:
                release(second, 2, kind).expect(nvme.SUCCESS)
                assert report(second)[1] == kind, "who does not hold it has released it"
            release(first, 1, kind).expect(nvme.SUCCESS)
            assert report(second)[1] == 0
        release(first, 1, 1).expect(nvme.SUCCESS)


@case("Release takes its key alone, and as Linux sends it: 16 bytes of which the first 8 are the key")
def _(target):
    with hosts(target) as (first, _):
        for length in (8, 16):
            register(first, 1).expect(nvme.SUCCESS)
            acquire(first, 1, 1).expect(nvme.SUCCESS)
            data = struct.pack("<QQ", 1, 0xFFFFFFFFFFFFFFFF)[:length]
            first.io.run(RELEASE, data, nsid=NSID, cdw10=1 << 8).expect(nvme.SUCCESS)
            assert report(first)[1] == 0, "it is not released"
        for length in (4, 12, 24):
            first.io.run(RELEASE, bytes(length), nsid=NSID, cdw10=1 << 8).expect(nvme.SGL_LENGTH, dnr=True)


@case("Preempt takes the reservation with the holder's key, and registrations with any other")
def _(target):
    for action in (1, 2):
        with hosts(target, 3) as (first, second, third):
            for host, key in ((first, 1), (second, 2), (third, 3)):
                register(host, key).expect(nvme.SUCCESS)
            acquire(first, 1, 1).expect(nvme.SUCCESS)
            acquire(second, 2, 2, action, preempt=3).expect(nvme.SUCCESS)
            assert report(first)[1] == 1 and len(report(first)[3]) == 2
            acquire(second, 2, 2, action, preempt=0).expect(nvme.INVALID_FIELD)
            acquire(second, 2, 2, action, preempt=77).expect(CONFLICT)
            acquire(third, 3, 2, action, preempt=1).expect(CONFLICT)
            acquire(second, 2, 2, action, preempt=1).expect(nvme.SUCCESS)
            assert report(first)[1] == 2 and report(first)[3] == [(1, 2, b"\xF1" * 16)]
            first.io.write(0, bytes(512), nsid=NSID).expect(CONFLICT)
            release(second, 2, action=1).expect(nvme.SUCCESS)
            for host, key in ((first, 1), (second, 2), (third, 3)):
                register(host, key).expect(nvme.SUCCESS)
            acquire(first, 1, 5).expect(nvme.SUCCESS)
            acquire(third, 3, 6, action, preempt=0).expect(nvme.SUCCESS)
            assert report(first)[1] == 6 and report(first)[3] == [(1, 3, b"\xF2" * 16)]
            release(third, 3, action=1).expect(nvme.SUCCESS)
            register(first, 1).expect(nvme.SUCCESS)


@case("fields of the reservation commands that mean nothing are Invalid Field in Command")
def _(target):
    with hosts(target) as (first, _):
        register(first, 1).expect(nvme.SUCCESS)
        for action in range(3, 8):
            register(first, 1, action=action).expect(nvme.INVALID_FIELD, dnr=True)
            acquire(first, 1, 1, action).expect(nvme.INVALID_FIELD)
        for action in range(2, 8):
            release(first, 1, 1, action).expect(nvme.INVALID_FIELD)
        register(first, 1, persistence=1).expect(nvme.INVALID_FIELD)
        for kind in (0, 7, 255):
            acquire(first, 1, kind).expect(nvme.INVALID_FIELD)
        acquire(first, 1, 1, ignore=1).expect(nvme.INVALID_FIELD)
        release(first, 1, 1, ignore=1).expect(nvme.INVALID_FIELD)


@case("a host is told of its reservation by an event and one log page a notification, unless it masks them")
def _(target):
    with hosts(target) as (first, second):
        def page():
            data = second.admin.log(LOG, 64).expect(nvme.SUCCESS).data
            return struct.unpack_from("<QBBxxI", data)
        while page()[0]:
            pass
        register(first, 1).expect(nvme.SUCCESS)
        register(second, 2).expect(nvme.SUCCESS)
        waiting = second.admin.submit(nvme.AER)
        acquire(first, 1, 3).expect(nvme.SUCCESS)
        release(first, 1, 3).expect(nvme.SUCCESS)
        event = second.admin.complete()
        assert event.cid == waiting and event.result == EVENT, f"{event.result:X}h"
        acquire(first, 1, 3, 1, preempt=2).expect(nvme.SUCCESS)
        retained = second.admin.log(LOG, 64, rae=1).expect(nvme.SUCCESS).data
        count, kind, more, nsid = struct.unpack_from("<QBBxxI", retained)
        assert (kind, more, nsid) == (2, 1, NSID), (kind, more, nsid)
        assert page() == (count + 1, 1, 0, NSID)
        assert page() == (0, 0, 0, 0)
        register(second, 2).expect(nvme.SUCCESS)
        second.admin.set_feature(0x82, 1 << 3, nsid=NSID).expect(nvme.SUCCESS)
        assert second.admin.get_feature(0x82, nsid=NSID).expect(nvme.SUCCESS).result == 1 << 3
        release(first, 1, action=1).expect(nvme.SUCCESS)
        assert page() == (0, 0, 0, 0)
        second.admin.set_feature(0x82, 1, nsid=NSID).expect(nvme.INVALID_FIELD)
        for feature in (0x82, 0x83):
            second.admin.get_feature(feature, nsid=0xFFFFFFFF).expect(nvme.INVALID_FIELD, dnr=True)
        register(first, 1).expect(nvme.SUCCESS)


@case("a host without an identifier may not reserve: Host Identifier Not Initialized")
def _(target):
    with Association(target, queues=0) as it:
        if not struct.unpack_from("<I", it.admin.identify(1).data, 96)[0] >> 18 & 1:
            return
    with Association(target, host_id=bytes(16)) as it:
        register(it, 1).expect(NO_HOST_ID, dnr=True)
        it.io.read(0, 1, nsid=NSID).expect(nvme.SUCCESS)
