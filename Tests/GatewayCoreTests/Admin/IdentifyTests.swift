// Identify: each CNS value, each namespace rule, and the structures as libnvme reads them.

import CLibnvme
import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Identify")
struct IdentifyTests {
    func identify(
        _ fixture: ControllerFixture, _ cns: UInt32, namespaceID: UInt32 = 0, controller: UInt32 = 0,
        commandSet: UInt32 = 0
    ) -> (answer: Answer?, reply: [UInt8]) {
        fixture.exchange(
            entry(
                .identify, namespaceID: namespaceID, dword10: cns | controller << 16,
                dword11: commandSet << 24))
    }

    func read<Value>(_ reply: [UInt8], as type: Value.Type) -> Value {
        reply.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }

    func text<Value>(_ field: Value) -> String {
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    @Test("Each of the 256 CNS values is served or answers Invalid Field at CNS", arguments: [false, true])
    func sweep(isDiscovery: Bool) throws {
        let fixture = try ControllerFixture(discovery: isDiscovery)
        let known: Set<UInt32> = isDiscovery ? [1] : [0, 1, 2, 3, 5, 6, 7, 8, 0x1C]
        for cns in UInt32(0)...255 {
            let answer = identify(fixture, cns, namespaceID: 1, controller: 0xFFFF).answer
            #expect(answer == (known.contains(cns) ? .success() : .failure(.invalidField, byte: 40)))
        }
    }

    @Test("A command set that is not there answers Invalid I/O Command Set", arguments: [5, 6, 7])
    func commandSets(cns: UInt32) throws {
        let fixture = try ControllerFixture()
        let answer = identify(fixture, cns, namespaceID: 1, commandSet: 2).answer
        #expect(answer == .failure(.invalidCommandSet, byte: 47))
    }

    @Test(
        "A namespace's structure is zeroes for a valid, inactive NSID, and refused for an invalid one",
        arguments: [0, 5, 8])
    func namespaceRules(cns: UInt32) throws {
        let fixture = try ControllerFixture()
        for id in [2, 1024] as [UInt32] {
            let (answer, reply) = identify(fixture, cns, namespaceID: id)
            #expect(answer == .success())
            #expect(reply.allSatisfy { $0 == 0 })
        }
        for id in [0, 1025, 0xFFFF_FFFE, 0xFFFF_FFFF] as [UInt32] {
            let answer = identify(fixture, cns, namespaceID: id).answer
            #expect(answer == .failure(.invalidNamespaceOrFormat, byte: 4))
        }
    }

    @Test("Descriptors are for active namespaces alone")
    func descriptors() throws {
        let fixture = try ControllerFixture()
        for (id, status) in [
            (0, .invalidNamespaceOrFormat), (2, .invalidField), (1025, .invalidNamespaceOrFormat),
            (0xFFFF_FFFF, .invalidField),
        ] as [(UInt32, Status)] {
            #expect(identify(fixture, 3, namespaceID: id).answer == .failure(status, byte: 4))
        }
        let reply = identify(fixture, 3, namespaceID: 3).reply
        let identifier: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0xAB, 0xCD]
        let nguid = [UInt8(NVME_NIDT_NGUID.rawValue), 16, 0, 0] + identifier
        let uuid = [UInt8(NVME_NIDT_UUID.rawValue), 16, 0, 0] + identifier
        let commandSet = [UInt8(NVME_NIDT_CSI.rawValue), 1, 0, 0, 0]
        #expect(Array(reply.prefix(46)) == nguid + uuid + commandSet + [0])
    }

    @Test("Active namespaces are listed after an NSID, at most 1,024 of them", arguments: [2, 7])
    func lists(cns: UInt32) throws {
        func list(_ fixture: ControllerFixture, after id: UInt32) -> [UInt32] {
            let reply = identify(fixture, cns, namespaceID: id).reply
            return read(reply, as: nvme_ns_list.self).ids
        }
        let fixture = try ControllerFixture()
        #expect(list(fixture, after: 0) == [1, 3])
        #expect(list(fixture, after: 1) == [3])
        #expect(list(fixture, after: 3) == [])
        #expect(list(fixture, after: 0xFFFF_FFFD) == [])
        for id in [0xFFFF_FFFE, 0xFFFF_FFFF] as [UInt32] {
            let answer = identify(fixture, cns, namespaceID: id).answer
            #expect(answer == .failure(.invalidNamespaceOrFormat, byte: 4))
        }
        let many = try ControllerFixture(namespaces: (1...1500).map { ControllerFixture.namespace($0) })
        #expect(list(many, after: 0) == Array(1...1024))
        #expect(list(many, after: 1024) == Array(1025...1500))
        #expect(identify(many, 0, namespaceID: 1500).answer == .success())
    }

    @Test("I/O command sets: NVM, for this controller or any")
    func combinations() throws {
        let fixture = try ControllerFixture()
        let reply = identify(fixture, 0x1C, controller: 0xFFFF).reply
        #expect(reply[0] == 1)
        #expect(reply.dropFirst().allSatisfy { $0 == 0 })
        #expect(identify(fixture, 0x1C, controller: 5).answer == .success())
        #expect(identify(fixture, 0x1C, controller: 6).answer == .failure(.invalidField, byte: 42))
    }

    @Test("Identify Controller says what a Linux host needs to hear")
    func controller() throws {
        let fixture = try ControllerFixture()
        let data = read(identify(fixture, 1).reply, as: nvme_id_ctrl.self)
        #expect(text(data.sn) == "SN0001" + String(repeating: " ", count: 14))
        #expect(text(data.mn) == "Model" + String(repeating: " ", count: 35))
        #expect(text(data.subnqn) == ControllerFixture.nqn)
        #expect(data.cntlid == 5)
        #expect(data.ver == 0x20100)
        #expect(data.mdts == 5)
        #expect(data.cntrltype == UInt8(NVME_CTRL_CNTRLTYPE_IO.rawValue))
        #expect(data.cmic == UInt8(NVME_CTRL_CMIC_MULTI_CTRL.rawValue))
        #expect(data.oaes == UInt32(NVME_CTRL_OAES_NA.rawValue))
        // RHII, bit 18, is newer than Debian 12's libnvme.
        #expect(
            data.ctratt
                == UInt32(NVME_CTRL_CTRATT_128_ID.rawValue | NVME_CTRL_CTRATT_TBKAS.rawValue) | 1 << 18)
        #expect(data.oacs == 0)
        #expect(data.acl == 3)
        #expect(data.aerl == 7)
        #expect(data.elpe == 63)
        #expect(data.frmw == 3)
        #expect(data.lpa == 0b100110)
        #expect(data.kas == 10)
        #expect(data.sqes == 0x66)
        #expect(data.cqes == 0x44)
        #expect(data.maxcmd == 1024)
        #expect(data.nn == 1024)
        let commands = [
            NVME_CTRL_ONCS_COMPARE, NVME_CTRL_ONCS_DSM, NVME_CTRL_ONCS_WRITE_ZEROES,
            NVME_CTRL_ONCS_SAVE_FEATURES, NVME_CTRL_ONCS_VERIFY, NVME_CTRL_ONCS_COPY,
            NVME_CTRL_ONCS_RESERVATIONS,
        ].reduce(0) { $0 | $1.rawValue }
        // And bit 9, Copy Single Atomicity, which this libnvme has no name for.
        #expect(UInt32(data.oncs) == UInt32(commands) | 1 << 9)
        #expect(data.ocfs == 0b101)
        #expect(data.crdt1 == 10 && data.crdt2 == 0 && data.crdt3 == 0)
        #expect(data.fuses == 0)
        #expect(data.vwc == 0b110)
        #expect(data.sgls == 1 | 1 << 20 | 1 << 21)
        #expect(data.mnan == 0)
        #expect(data.ioccsz == (64 + 8192) / 16)
        #expect(data.iorcsz == 1)
        #expect(data.icdoff == 0)
        #expect(data.fcatt == 0)
        #expect(data.msdbd == 1)
        #expect(data.ofcs == 1)
    }

    @Test("A write cache in any namespace is reported")
    func writeCache() throws {
        let cached = ControllerFixture.namespace(2, backend: ShapeBackend(hasCache: true))
        let fixture = try ControllerFixture(namespaces: [ControllerFixture.namespace(1), cached])
        #expect(read(identify(fixture, 1).reply, as: nvme_id_ctrl.self).vwc == 0b111)
        #expect(identify(fixture, 8, namespaceID: 1).reply[0] == 1 << 5)
        #expect(identify(fixture, 8, namespaceID: 2).reply[0] == 0)
    }

    @Test("A discovery controller says that it is one, and has no I/O")
    func discovery() throws {
        let fixture = try ControllerFixture(discovery: true)
        let data = read(identify(fixture, 1).reply, as: nvme_id_ctrl.self)
        #expect(data.cntrltype == UInt8(NVME_CTRL_CNTRLTYPE_DISCOVERY.rawValue))
        #expect(data.dctype == 1)
        #expect(text(data.subnqn) == "nqn.2014-08.org.nvmexpress.discovery")
        #expect(data.oaes == 1 << 31)
        #expect(data.nn == 0)
        #expect(data.oncs == 0)
        #expect(data.kas == 10)
    }

    @Test("Identify Namespace tells size, blocks and sharing")
    func namespace() throws {
        let backend = ShapeBackend(
            byteCount: 10 * 4096 + 17, optimalWrite: 4 << 20, deallocate: 65536, reads: .zeroes,
            isReadOnly: true)
        let namespace = ControllerFixture.namespace(
            1, blockSize: .bytes4096, uuid: 0x00112233_44556677_8899AABB_CCDDEEFF, backend: backend)
        let fixture = try ControllerFixture(namespaces: [namespace])
        let data = read(identify(fixture, 0, namespaceID: 1).reply, as: nvme_id_ns.self)
        #expect(data.nsze == 10)
        #expect(data.ncap == 10)
        #expect(data.nuse == 10)
        #expect(data.nlbaf == 0)
        #expect(data.flbas == 0)
        #expect(data.lbaf.0.ds == 12)
        #expect(data.lbaf.0.ms == 0)
        #expect(data.nmic == 1)
        // All types, and Ignore Existing Key as of 1.3; nothing persists without a store.
        #expect(data.rescap == 0xFE)
        #expect(data.dlfeat == 0b1001)
        #expect(data.nsattr == 1)
        #expect(data.nsfeat == 1 << 4)
        #expect(data.noiob == 1024)
        #expect(data.npwg == 0)
        // No more than a command moves: 128 KiB.
        #expect(data.nows == 31)
        #expect(data.npdg == 15)
        #expect(data.npda == 15)
        #expect(withUnsafeBytes(of: data.nguid) { $0[0] == 0x00 && $0[1] == 0x11 && $0[15] == 0xFF })
        #expect(withUnsafeBytes(of: data.eui64) { $0.allSatisfy { $0 == 0 } })
        let plain = try ControllerFixture()
        let simple = read(identify(plain, 0, namespaceID: 1).reply, as: nvme_id_ns.self)
        #expect(simple.nsze == 2048)
        #expect(simple.lbaf.0.ds == 9)
        // Write Zeroes does not deallocate what would not read as zeroes then.
        #expect(simple.dlfeat == 0)
        #expect(simple.nsfeat == 0)
        #expect(simple.noiob == 0)
        #expect(simple.nsattr == 0)
    }

    @Test("Sizes that a store prefers are told in blocks, 0's based, for both block sizes")
    func preferredSizes() throws {
        func sizes(_ blockSize: BlockSize, _ backend: ShapeBackend) throws -> [UInt16] {
            let namespace = ControllerFixture.namespace(1, blockSize: blockSize, backend: backend)
            let fixture = try ControllerFixture(namespaces: [namespace])
            let data = read(identify(fixture, 0, namespaceID: 1).reply, as: nvme_id_ns.self)
            #expect(data.nsfeat == 1 << 4)
            return [data.npwg, data.npwa, data.npdg, data.npda, data.nows, data.noiob]
        }
        // An RBD image: objects of 4 MiB, BlueStore's blocks, librbd's discards.
        let image = ShapeBackend(optimalWrite: 4 << 20, write: 4096, deallocate: 65536)
        #expect(try sizes(.bytes512, image) == [7, 7, 127, 127, 255, 8192])
        #expect(try sizes(.bytes4096, image) == [0, 0, 15, 15, 31, 1024])
        // A file: blocks of a file system, and no boundary that hosts should cut their requests at.
        let file = ShapeBackend(write: 4096, deallocate: 4096)
        #expect(try sizes(.bytes512, file) == [7, 7, 7, 7, 7, 0])
        #expect(try sizes(.bytes4096, file) == [0, 0, 0, 0, 0, 0])
        // Objects of 32 MiB: more blocks of 512 bytes than the boundary's field can say.
        let large = ShapeBackend(optimalWrite: 32 << 20)
        #expect(try sizes(.bytes512, large) == [0, 0, 0, 0, 255, 0])
        #expect(try sizes(.bytes4096, large) == [0, 0, 0, 0, 31, 8192])
    }

    @Test("Write Zeroes is limited to what Linux can count, in blocks of 512 bytes")
    func writeZeroesLimit() throws {
        let fixture = try ControllerFixture()
        let data = read(identify(fixture, 6).reply, as: nvme_id_ctrl_nvm.self)
        #expect((4096 << UInt64(data.wzsl)) / 512 == 65_536)
        #expect(data.wzsl == identify(fixture, 6).reply[17])
    }

    @Test("The independent structure says ready, shared and write protected")
    func independent() throws {
        let fixture = try ControllerFixture(
            namespaces: [ControllerFixture.namespace(1, backend: ShapeBackend(isReadOnly: true))])
        let data = read(
            identify(fixture, 8, namespaceID: 1).reply, as: nvme_id_independent_id_ns.self)
        #expect(data.nmic == 1)
        #expect(data.nsattr == 1)
        #expect(data.nstat == 1)
        #expect(data.anagrpid == 0)
    }
}

extension nvme_ns_list {
    /// The identifiers before the first 0.
    fileprivate var ids: [UInt32] {
        withUnsafeBytes(of: ns) { bytes in
            (0..<1024).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }.prefix { $0 != 0 }
        }.map { $0 }
    }
}
