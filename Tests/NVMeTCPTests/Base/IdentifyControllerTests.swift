// Identify Controller against libnvme's nvme_id_ctrl: each field with a value of its own.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Identify Controller")
struct IdentifyControllerTests {
    @Test("IdentifyController is libnvme's nvme_id_ctrl, byte for byte")
    func identifyControllerLayout() {
        let value = Self.filledIdentifyController()
        let ours = encoded(IdentifyController.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirIdentifyController()
        #expect(theirs.count == 4096)
        #expect(MemoryLayout<nvme_id_ctrl>.size == 4096)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("IdentifyController reads back what it wrote, and refuses a byte too few")
    func identifyControllerReadBack() {
        let value = Self.filledIdentifyController()
        let bytes = encoded(IdentifyController.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { IdentifyController($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { IdentifyController($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { IdentifyController($0) } == nil)
        let zeroes = encoded(IdentifyController.byteCount) { IdentifyController().encode(into: &$0) }
        #expect(zeroes.filter { $0 != 0 }.count == 68)  // SN, MN and FR are spaces
    }

    @Test("NPSS counts the power states, which libnvme's psd array holds")
    func powerStates() throws {
        var value = IdentifyController()
        value.powerStates = [PowerState(), PowerState(), PowerState()]
        value.powerStates[2].maximumPower = 0x1234
        let bytes = encoded(IdentifyController.byteCount) { value.encode(into: &$0) }
        #expect(MemoryLayout<nvme_id_ctrl>.offset(of: \.npss) == 263)
        #expect(bytes[263] == 2)
        let third = try #require(MemoryLayout<nvme_id_ctrl>.offset(of: \.psd.2))
        #expect(bytes[third] == 0x34)
        #expect(bytes[third + 1] == 0x12)
        #expect(decoded(bytes) { IdentifyController($0) }?.powerStates == value.powerStates)
    }

    @Test("A controller that counts too many power states is read as far as there are any")
    func tooManyPowerStates() {
        var bytes = [UInt8](repeating: 0, count: IdentifyController.byteCount)
        bytes[263] = 0xFF
        #expect(decoded(bytes) { IdentifyController($0) }?.powerStates.count == 32)
    }

    @Test("Texts are cut to their field, and padded with spaces")
    func texts() {
        var value = IdentifyController()
        value.serialNumber = "0123456789012345678901234"
        value.modelNumber = "gatewayd"
        let bytes = encoded(IdentifyController.byteCount) { value.encode(into: &$0) }
        #expect(Array(bytes[4..<24]) == Array("01234567890123456789".utf8))
        #expect(Array(bytes[24..<64]) == Array("gatewayd                                ".utf8))
        #expect(decoded(bytes) { IdentifyController($0) }?.modelNumber == "gatewayd")
    }

    @Test("A power state is libnvme's nvme_id_psd")
    func powerState() {
        var value = PowerState()
        value.maximumPower = 0x3316
        value.flags = 0x1D
        value.entryLatencyMicroseconds = 0x7B5E4124
        value.exitLatencyMicroseconds = 0x8265482B
        value.relativeReadThroughput = 0x32
        value.relativeReadLatency = 0x39
        value.relativeWriteThroughput = 0x40
        value.relativeWriteLatency = 0x47
        value.idlePower = 0x6B4E
        value.idlePowerScale = 0x55
        value.activePower = 0x795C
        value.activePowerScale = 0x63
        let theirs = cBytes(of: nvme_id_psd()) {
            $0.mp = 0x3316
            $0.flags = 0x1D
            $0.enlat = 0x7B5E4124
            $0.exlat = 0x8265482B
            $0.rrt = 0x32
            $0.rrl = 0x39
            $0.rwt = 0x40
            $0.rwl = 0x47
            $0.idlp = 0x6B4E
            $0.ips = 0x55
            $0.actp = 0x795C
            $0.apws = 0x63
        }
        #expect(encoded(PowerState.byteCount) { value.encode(into: &$0, at: 0) } == theirs)
        #expect(decoded(theirs) { PowerState($0, at: 0) } == value)
    }

    private static func filledIdentifyController() -> IdentifyController {
        var value = IdentifyController()
        fillIdentifyController1(&value)
        fillIdentifyController2(&value)
        fillIdentifyController3(&value)
        return value
    }

    private static func fillIdentifyController1(_ value: inout IdentifyController) {
        value.pciVendorID = 0x3316
        value.pciSubsystemVendorID = 0x3A1D
        value.serialNumber = "text of serialNumb"
        value.modelNumber = "text of modelNumber"
        value.firmwareRevision = "text o"
        value.recommendedArbitrationBurst = 0x39
        value.ieeeOUI = 0x7A5D40
        value.multipath = MultipathCapabilities(rawValue: 0x47)
        value.maximumDataTransferShift = 0x4E
        value.controllerID = 0x7255
        value.version = Version(rawValue: 0xB396795C)
        value.resumeLatencyMicroseconds = 0xBA9D8063
        value.entryLatencyMicroseconds = 0xC1A4876A
        value.optionalAsyncEvents = AsyncEventConfiguration(rawValue: 0xC8AB8E71)
        value.attributes = ControllerAttributes(rawValue: 0xCFB29578)
        value.readRecoveryLevels = 0x9C7F
        value.bootPartitionCapabilities = 0x86
        value.subsystemShutdownLatencyMicroseconds = 0xE4C7AA8D
        value.powerLossSignaling = 0x94
        value.controllerType = ControllerType(rawValue: 0x9B)
        value.fruGUID = 0x5F422508E6C9AC8F7255381BF9DCBFA2
        value.retryDelay1 = 0xC6A9
        value.retryDelay2 = 0xCDB0
        value.retryDelay3 = 0xD4B7
        value.reachabilityCapabilities = 0xBE
        value.subsystemReport = 0xC5
        value.vpdWriteCycles = 0xCC
        value.managementEndpoints = 0xD3
        value.optionalAdminCommands = OptionalAdminCommands(rawValue: 0xF7DA)
        value.abortCommandLimit = 0xE1
        value.asyncEventRequestLimit = 0xE8
        value.firmwareUpdates = 0xEF
        value.logPageAttributes = LogPageAttributes(rawValue: 0xF6)
        value.errorLogPageEntries = 0x02
        value.adminVendorSpecificConfiguration = 0x09
        value.autonomousPowerStates = 0x10
        value.warningTemperatureKelvins = 0x3417
        value.criticalTemperatureKelvins = 0x3B1E
        value.firmwareActivationTime = 0x4225
        value.hostMemoryBufferPreferred = 0x8366492C
    }

    private static func fillIdentifyController2(_ value: inout IdentifyController) {
        value.hostMemoryBufferMinimum = 0x8A6D5033
        value.totalCapacity = 0xF2D5B89B7E6144270AE8CBAE9174573A
        value.unallocatedCapacity = 0xF9DCBFA285684B2E11EFD2B5987B5E41
        value.replayProtectedMemory = 0x9F826548
        value.extendedSelfTestMinutes = 0x6C4F
        value.selfTestOptions = 0x56
        value.firmwareUpdateGranularity = 0x5D
        value.keepAliveGranularity = 0x8164
        value.hostThermalManagement = 0x886B
        value.thermalMinimumKelvins = 0x8F72
        value.thermalMaximumKelvins = 0x9679
        value.sanitizeCapabilities = 0xD7BA9D80
        value.hostMemoryDescriptorMinimum = 0xDEC1A487
        value.hostMemoryDescriptorsMax = 0xAB8E
        value.nvmSetIDMax = 0xB295
        value.enduranceGroupIDMax = 0xB99C
        value.anaTransitionTimeSeconds = 0xA3
        value.anaCapabilities = ANACapabilities(rawValue: 0xAA)
        value.anaGroupIDMax = 0x0DEBCEB1
        value.anaGroupCount = 0x14F2D5B8
        value.persistentEventLogSize = 0x1BF9DCBF
        value.domainID = 0xE3C6
        value.keyPerIO = 0xCD
        value.firmwareTimeWithoutReset = 0xF1D4
        value.maximumEnduranceGroupCapacity = 0x987B5E412407E5C8AB8E7154371AF8DB
        value.temperatureHysteresis = 0xE2
        value.commandQuiesceTime = 0x0BE9
        value.submissionEntrySizes = 0xF0
        value.completionEntrySizes = 0xF7
        value.outstandingCommandsMax = 0x2003
        value.namespaceIDMax = 0x6144270A
        value.optionalNVMCommands = OptionalNVMCommands(rawValue: 0x2E11)
        value.fusedOperations = 0x3518
        value.formatAttributes = 0x1F
        value.volatileWriteCache = VolatileWriteCacheSupport(rawValue: 0x26)
        value.atomicWriteUnitNormal = 0x4A2D
        value.atomicWriteUnitPowerFail = 0x5134
        value.ioVendorSpecificConfiguration = 0x3B
        value.namespaceWriteProtection = 0x42
        value.atomicCompareAndWriteUnit = 0x6649
    }

    private static func fillIdentifyController3(_ value: inout IdentifyController) {
        value.copyDescriptorFormats = CopyFormats(rawValue: 0x6D50)
        value.sgls = SGLSupport(rawValue: 0xAE917457)
        value.allowedNamespacesMax = 0xB5987B5E
        value.domainNamespaceAttachmentsMax = 0x2205E3C6A98C6F523518F6D9BC9F8265
        value.ioNamespaceAttachmentsMax = 0xC3A6896C
        value.optimalAggregatedQueueDepth = 0xCAAD9073
        value.hostInitiatedRefreshInterval = 0x7A
        value.hostInitiatedRefreshTime = 0x81
        value.memoryRangeTrackingDescriptorsMax = 0xA588
        value.subsystemMemoryRangeTrackingDescriptorsMax = 0xAC8F
        value.memoryRangeGranularityMin = 0x96
        value.memoryRangeGranularityMax = 0x9D
        value.trackingAttributes = 0xA4
        value.userDataMigrationQueuesMax = 0xC8AB
        value.subsystemUserDataMigrationQueuesMax = 0xCFB2
        value.memoryRangesMax = 0xD6B9
        value.subsystemMemoryRangesMax = 0xDDC0
        value.dataQueuePRPCountMax = 0xE4C7
        value.subsystemNQN = "text of subsystemNQN"
        value.ioCapsuleCommandSize = 0x3114F2D5
        value.ioCapsuleResponseSize = 0x381BF9DC
        value.inCapsuleDataOffset = 0x05E3
        value.fabricsAttributes = 0xEA
        value.dataBlockDescriptorsMax = 0xF1
        value.optionalFabricsCommands = 0x1AF8
        value.discoveryControllerType = DiscoveryControllerType(rawValue: 0x04)
    }

    private static func theirIdentifyController() -> [UInt8] {
        var bytes = cBytes(of: nvme_id_ctrl()) {
            theirIdentifyController1(&$0)
            theirIdentifyController2(&$0)
            theirIdentifyController3(&$0)
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0x86, 1, at: 102, in: &bytes)  // bpcap
        place(0xE4C7AA8D, 4, at: 104, in: &bytes)  // nssl
        place(0x94, 1, at: 110, in: &bytes)  // plsi
        place(0xBE, 1, at: 134, in: &bytes)  // crcap
        place(0xCD, 1, at: 358, in: &bytes)  // kpioc
        place(0xF1D4, 2, at: 360, in: &bytes)  // mptfawr
        place(0xE2, 1, at: 384, in: &bytes)  // tmpthha
        place(0x0BE9, 2, at: 386, in: &bytes)  // cqt
        place(0xCAAD9073, 4, at: 564, in: &bytes)  // oaqd
        place(0x7A, 1, at: 568, in: &bytes)  // rhiri
        place(0x81, 1, at: 569, in: &bytes)  // hirt
        place(0xA588, 2, at: 570, in: &bytes)  // cmmrtd
        place(0xAC8F, 2, at: 572, in: &bytes)  // nmmrtd
        place(0x96, 1, at: 574, in: &bytes)  // minmrtg
        place(0x9D, 1, at: 575, in: &bytes)  // maxmrtg
        place(0xA4, 1, at: 576, in: &bytes)  // trattr
        place(0xC8AB, 2, at: 578, in: &bytes)  // mcudmq
        place(0xCFB2, 2, at: 580, in: &bytes)  // mnsudmq
        place(0xD6B9, 2, at: 582, in: &bytes)  // mcmr
        place(0xDDC0, 2, at: 584, in: &bytes)  // nmcmr
        place(0xE4C7, 2, at: 586, in: &bytes)  // mcdqpc
        return bytes
    }

    private static func theirIdentifyController1(_ value: inout nvme_id_ctrl) {
        value.vid = 0x3316
        value.ssvid = 0x3A1D
        fill(&value.sn, "text of serialNumb", padding: 0x20)
        fill(&value.mn, "text of modelNumber", padding: 0x20)
        fill(&value.fr, "text o", padding: 0x20)
        value.rab = 0x39
        fill(&value.ieee, [0x40, 0x5D, 0x7A])
        value.cmic = 0x47
        value.mdts = 0x4E
        value.cntlid = 0x7255
        value.ver = 0xB396795C
        value.rtd3r = 0xBA9D8063
        value.rtd3e = 0xC1A4876A
        value.oaes = 0xC8AB8E71
        value.ctratt = 0xCFB29578
        value.rrls = 0x9C7F
        value.cntrltype = 0x9B
        fill(
            &value.fguid,
            [0x5F, 0x42, 0x25, 0x08, 0xE6, 0xC9, 0xAC, 0x8F, 0x72, 0x55, 0x38, 0x1B, 0xF9, 0xDC, 0xBF, 0xA2])
        value.crdt1 = 0xC6A9
        value.crdt2 = 0xCDB0
        value.crdt3 = 0xD4B7
        value.nvmsr = 0xC5
        value.vwci = 0xCC
        value.mec = 0xD3
        value.oacs = 0xF7DA
        value.acl = 0xE1
        value.aerl = 0xE8
        value.frmw = 0xEF
        value.lpa = 0xF6
        value.elpe = 0x02
        value.avscc = 0x09
        value.apsta = 0x10
        value.wctemp = 0x3417
        value.cctemp = 0x3B1E
        value.mtfa = 0x4225
        value.hmpre = 0x8366492C
        value.hmmin = 0x8A6D5033
        fill(
            &value.tnvmcap,
            [0x3A, 0x57, 0x74, 0x91, 0xAE, 0xCB, 0xE8, 0x0A, 0x27, 0x44, 0x61, 0x7E, 0x9B, 0xB8, 0xD5, 0xF2])
        fill(
            &value.unvmcap,
            [0x41, 0x5E, 0x7B, 0x98, 0xB5, 0xD2, 0xEF, 0x11, 0x2E, 0x4B, 0x68, 0x85, 0xA2, 0xBF, 0xDC, 0xF9])
        value.rpmbs = 0x9F826548
    }

    private static func theirIdentifyController2(_ value: inout nvme_id_ctrl) {
        value.edstt = 0x6C4F
        value.dsto = 0x56
        value.fwug = 0x5D
        value.kas = 0x8164
        value.hctma = 0x886B
        value.mntmt = 0x8F72
        value.mxtmt = 0x9679
        value.sanicap = 0xD7BA9D80
        value.hmminds = 0xDEC1A487
        value.hmmaxd = 0xAB8E
        value.nsetidmax = 0xB295
        value.endgidmax = 0xB99C
        value.anatt = 0xA3
        value.anacap = 0xAA
        value.anagrpmax = 0x0DEBCEB1
        value.nanagrpid = 0x14F2D5B8
        value.pels = 0x1BF9DCBF
        value.domainid = 0xE3C6
        fill(
            &value.megcap,
            [0xDB, 0xF8, 0x1A, 0x37, 0x54, 0x71, 0x8E, 0xAB, 0xC8, 0xE5, 0x07, 0x24, 0x41, 0x5E, 0x7B, 0x98])
        value.sqes = 0xF0
        value.cqes = 0xF7
        value.maxcmd = 0x2003
        value.nn = 0x6144270A
        value.oncs = 0x2E11
        value.fuses = 0x3518
        value.fna = 0x1F
        value.vwc = 0x26
        value.awun = 0x4A2D
        value.awupf = 0x5134
        value.icsvscc = 0x3B
        value.nwpc = 0x42
        value.acwu = 0x6649
        value.ocfs = 0x6D50
        value.sgls = 0xAE917457
        value.mnan = 0xB5987B5E
        fill(
            &value.maxdna,
            [0x65, 0x82, 0x9F, 0xBC, 0xD9, 0xF6, 0x18, 0x35, 0x52, 0x6F, 0x8C, 0xA9, 0xC6, 0xE3, 0x05, 0x22])
        value.maxcna = 0xC3A6896C
        fill(&value.subnqn, "text of subsystemNQN", padding: 0)
        value.ioccsz = 0x3114F2D5
        value.iorcsz = 0x381BF9DC
    }

    private static func theirIdentifyController3(_ value: inout nvme_id_ctrl) {
        value.icdoff = 0x05E3
        value.fcatt = 0xEA
        value.msdbd = 0xF1
        value.ofcs = 0x1AF8
        value.dctype = 0x04
    }

}
