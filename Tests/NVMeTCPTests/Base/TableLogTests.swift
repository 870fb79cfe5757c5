// The log pages that are tables or lists (supported pages, effects, firmware slots, ANA) against libnvme's
// structures.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Log pages that list")
struct TableLogTests {
    @Test("Supported log pages are libnvme's nvme_supported_log_pages")
    func supportedPages() {
        var discovery = SupportedLogPages.Support.supported
        discovery.parameter = UInt16(NVMF_LOG_DISC_LID_ALLSUBES.rawValue)
        var persistent = SupportedLogPages.Support(rawValue: 0)
        persistent.isSupported = true
        persistent.indexOffset = true
        let log = SupportedLogPages([
            .health: .supported, .discovery: discovery, .persistentEvent: persistent,
        ])
        let theirs = cBytes(of: nvme_supported_log_pages()) {
            $0.lid_support.2 = 1
            $0.lid_support.13 = 3
            $0.lid_support.112 = 1 | 1 << 18
        }
        let ours = encoded(SupportedLogPages.byteCount) { log.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { SupportedLogPages($0) } == log)
        #expect(decoded(Array(theirs.dropLast())) { SupportedLogPages($0) } == nil)
        #expect(discovery.parameter == 4)
        #expect(persistent.indexOffset)
        #expect(persistent.isSupported)
    }

    @Test("A command's effects have libnvme's bits")
    func commandEffectBits() {
        func value(_ set: (inout CommandEffects) -> Void) -> UInt32 {
            var effects = CommandEffects(rawValue: 0)
            set(&effects)
            return effects.rawValue
        }
        #expect(CommandEffects.supported.rawValue == NVME_CMD_EFFECTS_CSUPP.rawValue)
        #expect(value { $0.isSupported = true } == NVME_CMD_EFFECTS_CSUPP.rawValue)
        #expect(value { $0.changesBlocks = true } == NVME_CMD_EFFECTS_LBCC.rawValue)
        #expect(value { $0.changesNamespace = true } == NVME_CMD_EFFECTS_NCC.rawValue)
        #expect(value { $0.changesInventory = true } == NVME_CMD_EFFECTS_NIC.rawValue)
        #expect(value { $0.changesController = true } == NVME_CMD_EFFECTS_CCC.rawValue)
        #expect(value { $0.relaxations = 3 } == 3 << 14)
        // Debian 12's libnvme masks two bits of CSE; libnvme 1.16 has the three of revision 2 (7 << 16).
        #expect(value { $0.execution = 3 } == NVME_CMD_EFFECTS_CSE_MASK.rawValue)
        #expect(value { $0.execution = 7 } == 7 << 16)
        #expect(value { $0.selectsUUID = true } == NVME_CMD_EFFECTS_UUID_SEL.rawValue)
        #expect(value { $0.scope = [.namespace, .controllerDataQueue] } == 1 << 20 | 1 << 26)
    }

    @Test("The command effects log is libnvme's nvme_cmd_effects_log")
    func commandEffects() {
        var write = CommandEffects.supported
        write.changesBlocks = true
        write.scope = .namespace
        let log = CommandEffectsLog(
            admin: [.identify: .supported, .fabrics: .supported], io: [.write: write])
        let theirs = cBytes(of: nvme_cmd_effects_log()) {
            $0.acs.6 = 1
            $0.acs.127 = 1
            $0.iocs.1 = 0x0010_0003
        }
        let ours = encoded(CommandEffectsLog.byteCount) { log.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { CommandEffectsLog($0) } == log)
        #expect(decoded(Array(theirs.dropLast())) { CommandEffectsLog($0) } == nil)
    }

    @Test("The feature effects log is libnvme's nvme_fid_supported_effects_log")
    func featureEffects() {
        var cache = FeatureEffects.supported
        cache.scope = .controller
        var host = FeatureEffects(rawValue: 0)
        host.isSupported = true
        host.changesController = true
        host.changesNamespace = true
        host.changesInventory = true
        host.changesData = true
        host.selectsUUID = true
        host.scope = .subsystem
        let log = FeatureEffectsLog([.volatileWriteCache: cache, .hostID: host])
        let scopeShift = NVME_FID_SUPPORTED_EFFECTS_SCOPE_SHIFT.rawValue
        let theirs = cBytes(of: nvme_fid_supported_effects_log()) {
            $0.fid_support.6 =
                NVME_FID_SUPPORTED_EFFECTS_FSUPP.rawValue
                | NVME_FID_SUPPORTED_EFFECTS_SCOPE_CTRL.rawValue << scopeShift
            $0.fid_support.129 =
                NVME_FID_SUPPORTED_EFFECTS_FSUPP.rawValue
                | NVME_FID_SUPPORTED_EFFECTS_UDCC.rawValue | NVME_FID_SUPPORTED_EFFECTS_NCC.rawValue
                | NVME_FID_SUPPORTED_EFFECTS_NIC.rawValue | NVME_FID_SUPPORTED_EFFECTS_CCC.rawValue
                | NVME_FID_SUPPORTED_EFFECTS_UUID_SEL.rawValue
                | NVME_FID_SUPPORTED_EFFECTS_SCOPE_NSS.rawValue << scopeShift
        }
        let ours = encoded(FeatureEffectsLog.byteCount) { log.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { FeatureEffectsLog($0) } == log)
        #expect(decoded(Array(theirs.dropLast())) { FeatureEffectsLog($0) } == nil)
    }

    @Test("Scopes are libnvme's bits")
    func scopes() {
        let pairs: [(EffectScope, nvme_fid_supported_effects)] = [
            (.namespace, NVME_FID_SUPPORTED_EFFECTS_SCOPE_NS),
            (.controller, NVME_FID_SUPPORTED_EFFECTS_SCOPE_CTRL),
            (.nvmSet, NVME_FID_SUPPORTED_EFFECTS_SCOPE_NVM_SET),
            (.enduranceGroup, NVME_FID_SUPPORTED_EFFECTS_SCOPE_ENDGRP),
            (.domain, NVME_FID_SUPPORTED_EFFECTS_SCOPE_DOMAIN),
            (.subsystem, NVME_FID_SUPPORTED_EFFECTS_SCOPE_NSS),
        ]
        for (ours, theirs) in pairs { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
    }

    @Test("Firmware slots are libnvme's nvme_firmware_slot, empty ones zeroes")
    func firmwareSlots() {
        var slots = FirmwareSlots(["1.0", "", "12345678"])
        slots.active = 3
        slots.next = 1
        let theirs = cBytes(of: nvme_firmware_slot()) {
            $0.afi = 0x13
            fill(&$0.frs.0, "1.0", padding: 0x20)
            fill(&$0.frs.2, "12345678", padding: 0x20)
        }
        let ours = encoded(FirmwareSlots.byteCount) { slots.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { FirmwareSlots($0) } == slots)
        #expect(decoded(Array(theirs.dropLast())) { FirmwareSlots($0) } == nil)
    }
}

@Suite("Asymmetric Namespace Access log")
struct ANALogTests {
    static let log = ANALog(
        changeCount: 0x0102_0304_0506_0708,
        groups: [
            ANAGroupDescriptor(
                groupID: 1, changeCount: 9, state: .optimized, namespaceIDs: [1, 0x1122_3344]),
            ANAGroupDescriptor(groupID: 0x5566_7788, changeCount: 0x1112_1314_1516_1718, state: .change),
        ])

    /// The log out of libnvme's header and descriptors.
    static func theirs() -> [UInt8] {
        var bytes = cBytes(of: nvme_ana_log()) {
            $0.chgcnt = 0x0102_0304_0506_0708
            $0.ngrps = 2
        }
        bytes += cBytes(of: nvme_ana_group_desc()) {
            $0.grpid = 1
            $0.nnsids = 2
            $0.chgcnt = 9
            $0.state = UInt8(NVME_ANA_STATE_OPTIMIZED.rawValue)
        }
        bytes += [1, 0, 0, 0, 0x44, 0x33, 0x22, 0x11]
        bytes += cBytes(of: nvme_ana_group_desc()) {
            $0.grpid = 0x5566_7788
            $0.chgcnt = 0x1112_1314_1516_1718
            $0.state = UInt8(NVME_ANA_STATE_CHANGE.rawValue)
        }
        return bytes
    }

    @Test("The log is libnvme's nvme_ana_log and its descriptors")
    func layout() {
        #expect(Self.log.byteCount == 16 + 32 + 8 + 32)
        let ours = encoded(Self.log.byteCount) { Self.log.encode(into: &$0) }
        #expect(firstDifference(ours, Self.theirs()) == nil)
        #expect(decoded(Self.theirs()) { ANALog($0) } == Self.log)
        #expect(decoded(Self.theirs() + [0, 0, 0, 0]) { ANALog($0) } == Self.log)
    }

    @Test("A log cut at any byte is refused")
    func truncation() {
        let bytes = Self.theirs()
        for count in bytes.indices { #expect(decoded(Array(bytes.prefix(count))) { ANALog($0) } == nil) }
    }

    @Test("A group that counts more namespaces than can follow is refused")
    func overlongGroup() {
        var bytes = Self.theirs()
        for index in 20..<24 { bytes[index] = 0xFF }
        #expect(decoded(bytes) { ANALog($0) } == nil)
    }

    @Test("ANA states are libnvme's")
    func states() {
        let pairs: [(ANAState, nvme_ana_state)] = [
            (.optimized, NVME_ANA_STATE_OPTIMIZED), (.nonOptimized, NVME_ANA_STATE_NONOPTIMIZED),
            (.inaccessible, NVME_ANA_STATE_INACCESSIBLE), (.persistentLoss, NVME_ANA_STATE_PERSISTENT_LOSS),
            (.change, NVME_ANA_STATE_CHANGE),
        ]
        for (ours, theirs) in pairs { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
    }
}
