"""Cases of admin commands: Identify, log pages, features, events, Abort, Keep Alive, and all that is refused.

Source: NVM Express Base Specification, "Admin Command Set".
"""

import struct
import time

import nvme
import wire
from cases import case
from nvme import Association, sqe

ACTIVE, INACTIVE, ALL = 1, 1000, 0xFFFFFFFF


def u16(data, offset):
    return struct.unpack_from("<H", data, offset)[0]


def u32(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


def u64(data, offset):
    return struct.unpack_from("<Q", data, offset)[0]


def is_ascii(field):
    return all(0x20 <= byte <= 0x7E for byte in field) and not field.startswith(b" ")


def nn(it):
    return u32(it.admin.identify(1).data, 516)


# Identify

@case("Identify of reserved CNS values is Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        for cns in (0x21, 0x3F, 0x80, 0xBF, 0xC0, 0xFF):
            it.admin.identify(cns).expect(nvme.INVALID_FIELD, dnr=True)


@case("Identify Controller is consistent in itself and with the properties")
def _(target):
    with Association(target, queues=0) as it:
        data = it.admin.identify(1).expect(nvme.SUCCESS).data
        effects = it.admin.log(5, 4096).expect(nvme.SUCCESS).data
        assert is_ascii(data[4:24]) and data[4:24].strip(), "SN"
        assert is_ascii(data[24:64]) and data[24:64].strip(), "MN"
        assert is_ascii(data[64:72]) and data[64:72].strip(), "FR"
        assert data[76] & 2, "CMIC: each association is a controller of its own"
        assert u16(data, 78) == it.cntlid
        assert u32(data, 80) == it.admin.property(nvme.VS)
        assert u32(data, 88) > 0, "RTD3E is reported since revision 1.2"
        assert u32(data, 92) >> 8 & 1, "OAES: namespace attributes"
        assert u32(data, 96) & 1 and u32(data, 96) >> 6 & 1, "CTRATT: 128-bit host identifier, TBKAS"
        assert data[111] == 1, "CNTRLTYPE"
        assert data[260] & 0xE, "FRMW: at least one slot"
        assert data[261] & 0x22 == 0x22 and data[261] >> 2 & 1, "LPA: effects, extended data, logs of 2.x"
        assert u16(data, 266) and u16(data, 268) > u16(data, 266), "WCTEMP and CCTEMP are not 0 since 1.2"
        assert u16(data, 320) > 0, "KAS: Keep Alive is mandatory over TCP"
        assert data[512] == 0x66 and data[513] == 0x44
        assert u16(data, 514) > 0, "MAXCMD is mandatory over Fabrics"
        assert u32(data, 516) > 0 and u32(data, 540) <= u32(data, 516)
        assert data[525] >> 1 & 3 in (2, 3), "VWC: what Flush of all namespaces does, since revision 1.4"
        assert u32(data, 536) & 3, "SGLS: SGLs are mandatory over Fabrics"
        name = data[768:1024]
        assert name.rstrip(b"\0").decode() == target.nqn and name.endswith(b"\0")
        ioccsz, iorcsz, icdoff = struct.unpack_from("<IIH", data, 1792)
        assert ioccsz >= 4 and iorcsz == 1 and icdoff == 0
        assert data[1802] & 1 == 0, "FCATT: dynamic controllers"
        assert data[1803] == 1, "MSDBD: NVMe/TCP has one descriptor"
        supported = [u32(effects, 4 * opcode) & 1 for opcode in range(512)]
        for bit, opcode in ((0, 0x81), (1, 0x80), (2, 0x10), (3, 0x0D), (4, 0x14), (5, 0x19), (6, 0x1D),
                            (7, 0x1C), (8, 0x7C), (9, 0x86), (10, 0x24)):
            assert u16(data, 256) >> bit & 1 == supported[opcode], f"OACS bit {bit}"
        for bit, opcode in ((0, 5), (1, 4), (2, 9), (3, 8), (5, 0x0D), (7, 0x0C), (8, 0x19)):
            assert u16(data, 520) >> bit & 1 == supported[256 + opcode], f"ONCS bit {bit}"


@case("Identify Namespace of an active NSID has a size, a capacity and a format")
def _(target):
    with Association(target, queues=0) as it:
        data = it.admin.identify(0, nsid=ACTIVE).expect(nvme.SUCCESS).data
        size, capacity, used = struct.unpack_from("<QQQ", data, 0)
        assert size >= capacity >= used and size == 131072
        assert data[25] >= data[26] & 0xF, "FLBAS is one of the formats"
        assert data[130] == 9 and u16(data, 128) == 0
        assert data[27] == 0 and data[28] == 0 and data[29] == 0, "no metadata, no protection information"
        assert any(data[104:120]) or any(data[120:128]), "NGUID or EUI64"
        assert struct.unpack_from("<QQ", data, 48) == (size * 512, 0), "NVMCAP"


@case("Identify Namespace of an inactive NSID is all zeroes, of an invalid one Invalid Namespace or Format")
def _(target):
    with Association(target, queues=0) as it:
        count = nn(it)
        for cns in (0x00, 0x05, 0x08):
            assert not any(it.admin.identify(cns, nsid=INACTIVE).expect(nvme.SUCCESS).data)
            for nsid in (0, count + 1, 0xFFFFFFFE, ALL):
                it.admin.identify(cns, nsid=nsid).expect(nvme.INVALID_NAMESPACE, dnr=True)


@case("the namespace lists are ascending, begin after the NSID that is given, and end with zeroes")
def _(target):
    with Association(target, queues=0) as it:
        for cns in (0x02, 0x07):
            for start, wanted in ((0, (1, 2)), (1, (2,)), (2, ()), (INACTIVE, ()), (nn(it), ())):
                data = it.admin.identify(cns, nsid=start).expect(nvme.SUCCESS).data
                ids = struct.unpack("<1024I", data)
                assert ids == wanted + (0,) * (1024 - len(wanted)), (cns, start, ids[:4])
            for start in (0xFFFFFFFE, ALL):
                it.admin.identify(cns, nsid=start).expect(nvme.INVALID_NAMESPACE)


@case("the descriptors of a namespace are its NGUID, its UUID and its command set, each once")
def _(target):
    with Association(target, queues=0) as it:
        data = it.admin.identify(3, nsid=ACTIVE).expect(nvme.SUCCESS).data
        found, position = {}, 0
        while data[position]:
            kind, length = data[position], data[position + 1]
            assert kind not in found and length in {1: (8,), 2: (16,), 3: (16,), 4: (1,)}[kind]
            found[kind] = data[position + 4:position + 4 + length]
            position += 4 + length
        assert not any(data[position:])
        assert 3 in found and found[4] == b"\0"
        assert found[2] == it.admin.identify(0, nsid=ACTIVE).data[104:120]
        for nsid, status in ((0, nvme.INVALID_NAMESPACE), (nn(it) + 1, nvme.INVALID_NAMESPACE),
                             (INACTIVE, nvme.INVALID_FIELD), (ALL, nvme.INVALID_FIELD)):
            it.admin.identify(3, nsid=nsid).expect(status)


@case("Identify for a command set that is not there is refused")
def _(target):
    with Association(target, queues=0) as it:
        for csi in (1, 2, 3, 0x30, 0xFF):
            for cns in (0x05, 0x06, 0x07):
                status = it.admin.identify(cns, nsid=ACTIVE if cns == 5 else 0, csi=csi).status
                assert status in (nvme.INVALID_COMMAND_SET, nvme.INVALID_FIELD), (cns, csi, status)


@case("Identify ignores NSID, CNTID and CSI where the structure has no use for them")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.identify(1, nsid=0, cntid=0xFFFF, csi=0xFF).expect(nvme.SUCCESS)
        it.admin.identify(0, nsid=ACTIVE, cntid=5, csi=2).expect(nvme.SUCCESS)
        it.admin.identify(6).expect(nvme.SUCCESS)


@case("Identify I/O Command Set has the NVM command set in its first vector")
def _(target):
    with Association(target, queues=0) as it:
        for controller in (0xFFFF, it.cntlid):
            data = it.admin.identify(0x1C, cntid=controller).expect(nvme.SUCCESS).data
            assert u64(data, 0) == 1 and not any(data[8:])


@case("Identify of structures that belong to capabilities the controller does not have is refused")
def _(target):
    with Association(target, queues=0) as it:
        for cns in (0x04, 0x09, 0x0A, 0x10, 0x11, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1D, 0x1E,
                    0x1F, 0x20):
            assert it.admin.identify(cns, nsid=ACTIVE).status in (nvme.INVALID_FIELD, nvme.SUCCESS)


# Log pages

MANDATORY_LOGS = (0x00, 0x01, 0x02, 0x03, 0x05, 0x12)


def supported_logs(queue):
    data = queue.log(0, 1024).expect(nvme.SUCCESS).data
    return [lid for lid in range(256) if u32(data, 4 * lid) & 1]


@case("Supported Log Pages lists what an I/O controller must have, and each page it lists can be read")
def _(target):
    with Association(target, queues=0) as it:
        logs = supported_logs(it.admin)
        assert set(MANDATORY_LOGS) <= set(logs), logs
        for lid in logs:
            it.admin.log(lid, 512).expect(nvme.SUCCESS)


@case("log pages that are not listed are Invalid Log Page, with or without a data pointer that fits")
def _(target):
    with Association(target, queues=0) as it:
        logs = supported_logs(it.admin)
        for lid in range(256):
            if lid not in logs:
                it.admin.log(lid, 512).expect(nvme.INVALID_LOG_PAGE, dnr=True)


@case("a log page may be read in pieces, and past its end there are zeroes")
def _(target):
    with Association(target, queues=0) as it:
        whole = it.admin.log(5, 4096).data
        assert b"".join(it.admin.log(5, 512, offset=part).data for part in range(0, 4096, 512)) == whole
        assert it.admin.log(5, 4, offset=1024 + 4 * 2).data == whole[1032:1036]
        longer = it.admin.log(2, 8192).expect(nvme.SUCCESS).data
        assert not any(longer[512:])


@case("a log page offset that is no multiple of 4, or past the end, is Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        for offset in (1, 2, 3, 510, 4097, 516, 1 << 20, 1 << 32, 0xFFFFFFFFFFFFFFFC):
            it.admin.log(2, 4, offset=offset).expect(nvme.INVALID_FIELD)


@case("an offset that is an index is Invalid Field in Command where the page has none")
def _(target):
    with Association(target, queues=0) as it:
        ios = it.admin.log(0, 1024).data
        for lid in supported_logs(it.admin):
            if not u32(ios, 4 * lid) >> 1 & 1:
                it.admin.log(lid, 512, ot=1).expect(nvme.INVALID_FIELD)


@case("more dwords than MDTS allows are Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        mdts = 4096 << it.admin.identify(1).data[77]
        it.admin.log(2, mdts).expect(nvme.SUCCESS)
        for length in (mdts + 4, 1 << 26, (1 << 32) - 4):
            it.admin.log(2, length).expect(nvme.INVALID_FIELD)


@case("a log page that is about the controller is refused for one namespace, and ignores LSP, LSI and CSI")
def _(target):
    with Association(target, queues=0) as it:
        for nsid in (0, ALL):
            it.admin.log(2, 512, nsid=nsid, lsi=0xFFFF, lsp=0x7F).expect(nvme.SUCCESS)
        it.admin.log(2, 512, nsid=ACTIVE).expect(nvme.INVALID_FIELD)


@case("the Error Information log shows a failed command, newest first, and SMART counts it")
def _(target):
    with Association(target) as it:
        before = u64(it.admin.log(1, 64).data, 0)
        failed = it.admin.identify(0xFF)
        failed.expect(nvme.INVALID_FIELD)
        entry = it.admin.log(1, 64).data
        assert u64(entry, 0) == before + 1
        assert (u16(entry, 8), u16(entry, 10)) == (0, failed.cid)
        assert (u16(entry, 12) >> 1 & 0x7FF) == 2, "the status, as in the completion"
        assert u16(entry, 14) == 40, "CNS is byte 40 of the command"
        bad = it.io.read(1 << 40, 1)
        bad.expect(nvme.LBA_RANGE)
        for _ in range(1000):
            entry = it.admin.log(1, 64).data
            if u16(entry, 8) == 1:
                break
        assert u64(entry, 0) == before + 2 and u16(entry, 10) == bad.cid
        assert u64(entry, 16) == 1 << 40 and u32(entry, 24) == 1
        smart = it.admin.log(2, 512).data
        assert u64(smart, 176) == before + 2, "Number of Error Information Log Entries"


@case("the More bit says that the error log tells more, and only where there is one")
def _(target):
    with Association(target, queues=0) as it:
        assert it.admin.identify(0xFF).more
    discovery = nvme.Queue(target)
    discovery.connect(nvme.DISCOVERY_NQN).expect(nvme.SUCCESS)
    discovery.enable()
    assert not discovery.identify(0xFF).more or 1 in supported_logs(discovery)


@case("SMART counts reads and writes in thousands of 512 bytes, rounded up")
def _(target):
    with Association(target) as it:
        before = it.admin.log(2, 512).data
        it.io.write(0, bytes(512)).expect(nvme.SUCCESS)
        it.io.read(0, 1).expect(nvme.SUCCESS)
        after = it.admin.log(2, 512).data
        assert u64(before, 32) == 0 and u64(after, 32) == 1 and u64(after, 48) == 1
        assert u64(after, 64) == u64(before, 64) + 1 and u64(after, 80) == u64(before, 80) + 1
        assert after[0] == 0 and after[3] == 100


@case("a threshold below the composite temperature is told in SMART's critical warning")
def _(target):
    with Association(target, queues=0) as it:
        smart = it.admin.log(2, 512).data
        kelvins = u16(smart, 1)
        assert 273 < kelvins < u16(it.admin.identify(1).data, 266), f"{kelvins} K"
        default = it.admin.get_feature(0x04).expect(nvme.SUCCESS).result & 0xFFFF
        assert default == u16(it.admin.identify(1).data, 266), "the default is WCTEMP"
        it.admin.set_feature(0x04, kelvins - 1).expect(nvme.SUCCESS)
        assert it.admin.log(2, 512).data[0] & 2, "over"
        it.admin.set_feature(0x04, default).expect(nvme.SUCCESS)
        assert not it.admin.log(2, 512).data[0]
        it.admin.set_feature(0x04, 1 << 20 | kelvins + 1).expect(nvme.SUCCESS)
        assert it.admin.log(2, 512).data[0] & 2, "under"


@case("crossing a temperature threshold is an event of its own, once until the health log is read")
def _(target):
    with Association(target, queues=0) as it:
        kelvins = u16(it.admin.log(2, 512).data, 1)
        it.admin.set_feature(0x0B, 0x02).expect(nvme.SUCCESS)
        cid = it.admin.submit(nvme.AER)
        it.admin.submit(nvme.SET_FEATURES, cdw10=4, cdw11=kelvins - 1)
        event, _ = (it.admin.complete() for _ in range(2))
        event = event if event.cid == cid else _
        event.expect(nvme.SUCCESS)
        assert event.result & 7 == 1 and event.result >> 8 & 0xFF == 1 and event.result >> 16 & 0xFF == 2, hex(
            event.result)


@case("the firmware log shows the revision that Identify Controller shows")
def _(target):
    with Association(target, queues=0) as it:
        log = it.admin.log(3, 512).data
        assert log[0] & 7 == 1 and log[8:16] == it.admin.identify(1).data[64:72]


@case("Commands Supported and Effects lists what a NVM controller must have")
def _(target):
    with Association(target, queues=0) as it:
        log = it.admin.log(5, 4096).data
        admin = [opcode for opcode in range(256) if u32(log, 4 * opcode) & 1]
        io = [opcode for opcode in range(256) if u32(log, 1024 + 4 * opcode) & 1]
        assert {0x02, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x18} <= set(admin), admin
        assert {0x00, 0x01, 0x02} <= set(io), io
        assert u32(log, 1024 + 4) >> 1 & 1, "Write changes logical blocks"
        assert not any(log[2048:])


@case("each admin opcode that the effects log does not list is Invalid Command Opcode")
def _(target):
    with Association(target, queues=0) as it:
        log = it.admin.log(5, 4096).data
        for opcode in range(256):
            if not u32(log, 4 * opcode) & 1 and opcode != nvme.FABRICS:
                it.admin.run(opcode, nsid=1, length=4096 if opcode & 2 else 0).expect(
                    nvme.INVALID_OPCODE, dnr=True)


@case("each I/O opcode that the effects log does not list is Invalid Command Opcode")
def _(target):
    with Association(target) as it:
        log = it.admin.log(5, 4096).data
        for opcode in range(256):
            if not u32(log, 1024 + 4 * opcode) & 1 and opcode != nvme.FABRICS:
                it.io.run(opcode, nsid=1, length=4096 if opcode & 2 else 0).expect(
                    nvme.INVALID_OPCODE, dnr=True)


@case("an opcode that is refused does not stop data in its capsule from being skipped")
def _(target):
    with Association(target) as it:
        it.io.run(0xC1, nvme.pattern(8192), nsid=1).expect(nvme.INVALID_OPCODE)
        it.admin.run(0xC1, nvme.pattern(8192), nsid=1).expect(nvme.INVALID_OPCODE)
        it.io.read(0, 1).expect(nvme.SUCCESS)
        it.admin.identify(1).expect(nvme.SUCCESS)


# Features

VALUES = {0x01, 0x02, 0x04, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x0F, 0x16, 0x19, 0x81}
MANDATORY_FEATURES = {0x01, 0x02, 0x04, 0x05, 0x07, 0x0A, 0x0B, 0x0F}


def feature_length(fid):
    return {0x16: 512, 0x81: 16}.get(fid, 0)


def supported_features(queue):
    log = queue.log(0x12, 1024).expect(nvme.SUCCESS).data
    return {fid for fid in range(256) if u32(log, 4 * fid) & 1}


@case("Feature Identifiers Supported lists what an I/O controller must have")
def _(target):
    with Association(target, queues=0) as it:
        assert MANDATORY_FEATURES <= supported_features(it.admin)


@case("each listed feature has a current, a default and a saved value, and capabilities; reserved selects are "
      "Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        for fid in sorted(supported_features(it.admin) & VALUES):
            length = feature_length(fid)
            for select in (0, 1, 2):
                it.admin.get_feature(
                    fid, select, nsid=1 if fid == 5 else 0, cdw11=1 if fid == 0x81 else 0,
                    length=length).expect(nvme.SUCCESS)
            capabilities = it.admin.get_feature(fid, 3).expect(nvme.SUCCESS).result
            assert capabilities & ~7 == 0 and not capabilities & 1, f"feature {fid:02X}h: {capabilities}"
            for select in (4, 5, 6, 7):
                it.admin.get_feature(fid, select, nsid=1 if fid == 5 else 0, length=length).expect(
                    nvme.INVALID_FIELD)


@case("features that are not listed are Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        known = supported_features(it.admin)
        for fid in range(256):
            if fid not in known:
                it.admin.get_feature(fid).expect(nvme.INVALID_FIELD, dnr=True)
                it.admin.set_feature(fid).expect(nvme.INVALID_FIELD, dnr=True)


@case("Save is Feature Identifier Not Saveable for each feature whose capabilities say so")
def _(target):
    with Association(target, queues=0) as it:
        for fid in sorted(supported_features(it.admin) & VALUES - {0x06}):
            if not it.admin.get_feature(fid, 3).result & 1:
                it.admin.set_feature(
                    fid, save=1, nsid=1 if fid == 5 else 0, data=bytes(feature_length(fid))).expect(
                        nvme.NOT_SAVEABLE)


@case("a namespace for a feature that has none is Feature Not Namespace Specific")
def _(target):
    with Association(target, queues=0) as it:
        for fid in (0x01, 0x02, 0x04, 0x0A, 0x0B):
            it.admin.set_feature(fid, nsid=1).expect(nvme.NOT_NAMESPACE_SPECIFIC)
            it.admin.set_feature(fid, nsid=ALL, value=0 if fid != 4 else 0xFFFF).expect(nvme.SUCCESS)


@case("Error Recovery is kept for each namespace; an inactive or invalid one is refused")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.set_feature(0x05, 100, nsid=1).expect(nvme.SUCCESS)
        assert it.admin.get_feature(0x05, nsid=1).result == 100
        assert it.admin.get_feature(0x05, nsid=2).result == 0
        it.admin.set_feature(0x05, 7, nsid=ALL).expect(nvme.SUCCESS)
        assert [it.admin.get_feature(0x05, nsid=n).result for n in (1, 2)] == [7, 7]
        assert it.admin.get_feature(0x05, 1, nsid=1).result == 0
        it.admin.set_feature(0x05, nsid=INACTIVE).expect(nvme.INVALID_FIELD)
        for nsid in (0, nn(it) + 1, 0xFFFFFFFE):
            it.admin.set_feature(0x05, nsid=nsid).expect(nvme.INVALID_NAMESPACE)
            it.admin.get_feature(0x05, nsid=nsid).expect(nvme.INVALID_NAMESPACE)


@case("what Set Features sets, Get Features gets, until a reset")
def _(target):
    with Association(target, queues=0) as it:
        defaults = {}
        for fid, value in ((0x01, 0x01020303), (0x02, 0x20), (0x04, 0x0150), (0x0A, 1), (0x0B, 0x100)):
            defaults[fid] = it.admin.get_feature(fid).expect(nvme.SUCCESS).result
            it.admin.set_feature(fid, value).expect(nvme.SUCCESS)
            assert it.admin.get_feature(fid).result == value, f"{fid:02X}h"
            assert it.admin.get_feature(fid, 1).result == defaults[fid], f"default of {fid:02X}h"
        it.admin.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
        it.admin.wait_for(1, 0)
        it.admin.enable()
        for fid, value in defaults.items():
            assert it.admin.get_feature(fid).result == value, f"{fid:02X}h after a reset"


@case("values of features that the controller does not have are Invalid Field in Command")
def _(target):
    with Association(target, queues=0) as it:
        for fid, value in ((0x02, 1), (0x04, 2 << 20), (0x04, 3 << 20), (0x04, 9 << 16), (0x07, 0xFFFF),
                           (0x07, 0xFFFF0000), (0x0B, 1 << 30)):
            it.admin.set_feature(fid, value).expect(nvme.INVALID_FIELD)


@case("Number of Queues grants what is asked for up to the most, and not any more once there are I/O queues")
def _(target):
    with Association(target, queues=0) as it:
        assert it.admin.set_feature(0x07, 3 << 16 | 3).expect(nvme.SUCCESS).result == 3 << 16 | 3
        assert it.admin.get_feature(0x07).result == 3 << 16 | 3
        granted = it.admin.set_feature(0x07, 0xFFFE << 16 | 0xFFFE).expect(nvme.SUCCESS).result
        assert granted & 0xFFFF == granted >> 16 and granted & 0xFFFF >= 15
        it.add()
        it.admin.set_feature(0x07, 0).expect(nvme.SEQUENCE_ERROR)


@case("Host Identifier is what Connect gave: Set Features can't, and the 64-bit form does not exist")
def _(target):
    with Association(target, queues=0) as it:
        assert it.admin.get_feature(0x81, cdw11=1, length=16).expect(nvme.SUCCESS).data == nvme.HOST_ID
        it.admin.get_feature(0x81, cdw11=0, length=16).expect(nvme.INVALID_FIELD)
        it.admin.get_feature(0x81, cdw11=0, length=8).expect(nvme.INVALID_FIELD)
        it.admin.set_feature(0x81, 1, data=bytes(16)).expect(nvme.SEQUENCE_ERROR)


@case("the first combination of command sets can be selected, and none that is not in the list")
def _(target):
    with Association(target, queues=0) as it:
        if 0x19 not in supported_features(it.admin):
            return
        it.admin.set_feature(0x19, 0).expect(nvme.SUCCESS)
        combinations = it.admin.identify(0x1C, cntid=0xFFFF).expect(nvme.SUCCESS).data
        empty = next(n for n in range(512) if not any(combinations[8 * n:8 * n + 8]))
        it.admin.set_feature(0x19, empty).expect(nvme.COMBINATION_REJECTED, dnr=True)
        assert it.admin.get_feature(0x19).expect(nvme.SUCCESS).result == 0


@case("Host Behavior Support is set and read as 512 bytes")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.set_feature(0x16, data=b"\x01" + bytes(511)).expect(nvme.SUCCESS)
        assert it.admin.get_feature(0x16, length=512).data == b"\x01" + bytes(511)
        it.admin.set_feature(0x16, data=b"\x02" + bytes(511)).expect(nvme.INVALID_FIELD)


# Events

@case("Asynchronous Event Requests beyond AERL are Limit Exceeded, and the others wait on")
def _(target):
    with Association(target, queues=0, admin_sqsize=63) as it:
        limit = it.admin.identify(1).data[259] + 1
        for _ in range(limit):
            it.admin.submit(nvme.AER)
        it.admin.run(nvme.AER).expect(nvme.AER_LIMIT)
        it.admin.identify(1).expect(nvme.SUCCESS)


@case("Abort of a waiting Asynchronous Event Request ends it with Command Abort Requested before the Abort")
def _(target):
    with Association(target, queues=0) as it:
        event = it.admin.submit(nvme.AER)
        abort = it.admin.submit(nvme.ABORT, cdw10=event << 16)
        first, second = it.admin.complete(), it.admin.complete()
        assert (first.cid, second.cid) == (event, abort)
        first.expect(nvme.ABORTED)
        assert second.expect(nvme.SUCCESS).result & 1 == 0


@case("Abort of a command that is not there succeeds and says that nothing was aborted")
def _(target):
    with Association(target) as it:
        for queue in (0, 1):
            assert it.admin.run(nvme.ABORT, cdw10=0xABCD << 16 | queue).expect(nvme.SUCCESS).result & 1 == 1


@case("Abort on a queue that is not there succeeds and says that nothing was aborted")
def _(target):
    with Association(target) as it:
        assert it.admin.run(nvme.ABORT, cdw10=1 << 16 | 77).expect(nvme.SUCCESS).result & 1 == 1


@case("a reset ends waiting event requests without an answer")
def _(target):
    with Association(target, queues=0) as it:
        it.admin.submit(nvme.AER)
        it.admin.set_property(nvme.CC, nvme.ENABLE & ~1).expect(nvme.SUCCESS)
        it.admin.wait_for(1, 0)
        it.admin.enable()
        it.admin.identify(1).expect(nvme.SUCCESS)


# Keep Alive

@case("Keep Alive succeeds and ignores its reserved fields")
def _(target):
    with Association(target, queues=0, kato=5000) as it:
        it.admin.run(nvme.KEEP_ALIVE, nsid=0, cdw10=0xFFFFFFFF, cdw15=1).expect(nvme.SUCCESS)


@case("the Keep Alive Timer is what Connect asked for, rounded up to KAS; it can be changed, not disabled")
def _(target):
    with Association(target, queues=0, kato=4321) as it:
        unit = u16(it.admin.identify(1).data, 320) * 100
        assert it.admin.get_feature(0x0F).result == -(-4321 // unit) * unit
        it.admin.set_feature(0x0F, 0).expect(nvme.KEEP_ALIVE_INVALID)
        assert it.admin.get_feature(0x0F).result == -(-4321 // unit) * unit
        it.admin.set_feature(0x0F, 60_001).expect(nvme.SUCCESS)
        assert it.admin.get_feature(0x0F).result == -(-60_001 // unit) * unit


@case("without a command for its Keep Alive Timeout an association ends, and not before", slow=True)
def _(target):
    it = Association(target, kato=1500)
    began = time.monotonic()
    assert it.admin.connection.is_closed() and it.io.connection.is_closed()
    took = time.monotonic() - began
    assert 1.4 < took < 8, f"after {took:.1f} s"


@case("I/O commands count for the Keep Alive Timer, as TBKAS says", slow=True)
def _(target):
    with Association(target, kato=1000) as it:
        for _ in range(10):
            it.io.read(0, 1).expect(nvme.SUCCESS)
            time.sleep(0.4)
        it.admin.identify(1).expect(nvme.SUCCESS)


@case("Keep Alive commands keep an association", slow=True)
def _(target):
    with Association(target, queues=0, kato=1000) as it:
        for _ in range(10):
            it.admin.run(nvme.KEEP_ALIVE).expect(nvme.SUCCESS)
            time.sleep(0.4)
        it.admin.identify(1).expect(nvme.SUCCESS)


@case("admin commands glued together with I/O in flight are all answered")
def _(target):
    with Association(target, admin_sqsize=63) as it:
        capsules = b"".join(
            it.admin.connection.capsule(sqe(nvme.IDENTIFY, cid=n, length=4096, cdw10=1)) for n in range(24))
        it.admin.connection.send(capsules)
        assert sorted(one_of_many(it.admin) for _ in range(24)) == list(range(24))


def one_of_many(queue):
    pdu = queue.connection.receive()
    assert pdu.type == wire.C2H_DATA and len(pdu.data) == 4096
    response = queue.connection.receive()
    assert response.type == wire.CAPSULE_RESP
    return nvme.Completion(response.header[8:24]).expect(nvme.SUCCESS).cid
