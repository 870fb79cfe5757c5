// The Discovery log against libnvme's nvmf_discovery_log and nvmf_disc_log_entry.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Discovery log")
struct DiscoveryLogTests {
    @Test("The header is libnvme's nvmf_discovery_log")
    func header() {
        var value = DiscoveryLogHeader()
        value.generation = 0x0102_0304_0506_0708
        value.recordCount = 0x1112_1314_1516_1718
        value.recordFormat = 0x2122
        let theirs = cBytes(of: nvmf_discovery_log()) {
            $0.genctr = 0x0102_0304_0506_0708
            $0.numrec = 0x1112_1314_1516_1718
            $0.recfmt = 0x2122
        }
        #expect(theirs.count == DiscoveryLogHeader.byteCount)
        let ours = encoded(DiscoveryLogHeader.byteCount) { value.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { DiscoveryLogHeader($0) } == value)
        #expect(decoded(Array(theirs.dropLast())) { DiscoveryLogHeader($0) } == nil)
    }

    @Test("An entry is libnvme's nvmf_disc_log_entry")
    func entry() {
        var value = DiscoveryLogEntry()
        value.transportType = .tcp
        value.addressFamily = .ipv6
        value.subsystemType = .nvm
        value.requirements = [.secureChannelRequired, .canDisableFlowControl]
        value.portID = 0x0102
        value.controllerID = 0x0304
        value.adminQueueSizeMax = 0x0506
        value.flags = [.duplicateInformation, .explicitPersistentConnections, .noCentralController]
        value.serviceID = "4420"
        value.subsystemNQN = "nqn.2016-06.io.example:subsystem"
        value.address = "fd00::1"
        value.security = .tls13

        let theirs = cBytes(of: nvmf_disc_log_entry()) {
            $0.trtype = UInt8(NVMF_TRTYPE_TCP.rawValue)
            $0.adrfam = UInt8(NVMF_ADDR_FAMILY_IP6.rawValue)
            $0.subtype = UInt8(NVME_NQN_NVME.rawValue)
            $0.treq = UInt8(NVMF_TREQ_REQUIRED.rawValue | NVMF_TREQ_DISABLE_SQFLOW.rawValue)
            $0.portid = 0x0102
            $0.cntlid = 0x0304
            $0.asqsz = 0x0506
            $0.eflags = UInt16(
                NVMF_DISC_EFLAGS_DUPRETINFO.rawValue | NVMF_DISC_EFLAGS_EPCSD.rawValue
                    | NVMF_DISC_EFLAGS_NCC.rawValue)
            fill(&$0.trsvcid, "4420", padding: 0x20)
            fill(&$0.subnqn, "nqn.2016-06.io.example:subsystem", padding: 0)
            fill(&$0.traddr, "fd00::1", padding: 0x20)
            $0.tsas.tcp.sectype = UInt8(NVMF_TCP_SECTYPE_TLS13.rawValue)
        }
        #expect(theirs.count == DiscoveryLogEntry.byteCount)
        let ours = encoded(DiscoveryLogEntry.byteCount) { value.encode(into: &$0, at: 0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { DiscoveryLogEntry($0, at: 0) } == value)
    }

    @Test("Entries stand one behind the other, at any offset")
    func entriesInALog() {
        var value = DiscoveryLogEntry()
        value.address = "192.0.2.1"
        let bytes = encoded(3072) { bytes in
            bytes.zero()
            value.encode(into: &bytes, at: 2048)
        }
        #expect(bytes[..<2048].allSatisfy { $0 == 0 })
        #expect(decoded(bytes) { DiscoveryLogEntry($0, at: 2048) } == value)
    }

    @Test("Addresses that a target padded with zeroes read the same")
    func zeroPadding() {
        let theirs = cBytes(of: nvmf_disc_log_entry()) {
            fill(&$0.trsvcid, "8009", padding: 0)
            fill(&$0.traddr, "192.0.2.1", padding: 0)
        }
        let entry = decoded(theirs) { DiscoveryLogEntry($0, at: 0) }
        #expect(entry.serviceID == "8009")
        #expect(entry.address == "192.0.2.1")
    }

    @Test("The enumerations are libnvme's")
    func enumerations() {
        #expect(UInt32(TransportType.rdma.rawValue) == NVMF_TRTYPE_RDMA.rawValue)
        #expect(UInt32(TransportType.fibreChannel.rawValue) == NVMF_TRTYPE_FC.rawValue)
        #expect(UInt32(TransportType.tcp.rawValue) == NVMF_TRTYPE_TCP.rawValue)
        #expect(UInt32(TransportType.loopback.rawValue) == NVMF_TRTYPE_LOOP.rawValue)
        #expect(UInt32(AddressFamily.ipv4.rawValue) == NVMF_ADDR_FAMILY_IP4.rawValue)
        #expect(UInt32(AddressFamily.ipv6.rawValue) == NVMF_ADDR_FAMILY_IP6.rawValue)
        #expect(UInt32(AddressFamily.infiniBand.rawValue) == NVMF_ADDR_FAMILY_IB.rawValue)
        #expect(UInt32(AddressFamily.fibreChannel.rawValue) == NVMF_ADDR_FAMILY_FC.rawValue)
        #expect(UInt32(AddressFamily.loopback.rawValue) == NVMF_ADDR_FAMILY_LOOP.rawValue)
        #expect(UInt32(DiscoverySubsystemType.referral.rawValue) == NVME_NQN_DISC.rawValue)
        #expect(UInt32(DiscoverySubsystemType.nvm.rawValue) == NVME_NQN_NVME.rawValue)
        #expect(UInt32(DiscoverySubsystemType.currentDiscovery.rawValue) == NVME_NQN_CURR.rawValue)
        #expect(
            UInt32(TransportRequirements.secureChannelNotRequired.rawValue) == NVMF_TREQ_NOT_REQUIRED.rawValue
        )
        #expect(UInt32(TCPSecurity.none.rawValue) == NVMF_TCP_SECTYPE_NONE.rawValue)
        #expect(UInt32(TCPSecurity.tls12.rawValue) == NVMF_TCP_SECTYPE_TLS.rawValue)
    }
}
