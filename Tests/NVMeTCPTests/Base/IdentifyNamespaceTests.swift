// The Identify structures of namespaces and of the NVM command set against libnvme's: each field with a value
// of its own.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Identify Namespace and its relatives")
struct IdentifyNamespaceTests {
    @Test("IdentifyNamespace is libnvme's nvme_id_ns, byte for byte")
    func identifyNamespaceLayout() {
        let value = Self.filledIdentifyNamespace()
        let ours = encoded(IdentifyNamespace.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirIdentifyNamespace()
        #expect(theirs.count == 4096)
        #expect(MemoryLayout<nvme_id_ns>.size == 4096)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("IdentifyNamespace reads back what it wrote, and refuses a byte too few")
    func identifyNamespaceReadBack() {
        let value = Self.filledIdentifyNamespace()
        let bytes = encoded(IdentifyNamespace.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { IdentifyNamespace($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { IdentifyNamespace($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { IdentifyNamespace($0) } == nil)
        let zeroes = encoded(IdentifyNamespace.byteCount) { IdentifyNamespace().encode(into: &$0) }
        #expect(zeroes.allSatisfy { $0 == 0 })
    }

    @Test("IdentifyNVMNamespace is libnvme's nvme_nvm_id_ns, byte for byte")
    func identifyNVMNamespaceLayout() {
        let value = Self.filledIdentifyNVMNamespace()
        let ours = encoded(IdentifyNVMNamespace.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirIdentifyNVMNamespace()
        #expect(theirs.count == 4096)
        #expect(MemoryLayout<nvme_nvm_id_ns>.size == 4096)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("IdentifyNVMNamespace reads back what it wrote, and refuses a byte too few")
    func identifyNVMNamespaceReadBack() {
        let value = Self.filledIdentifyNVMNamespace()
        let bytes = encoded(IdentifyNVMNamespace.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { IdentifyNVMNamespace($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { IdentifyNVMNamespace($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { IdentifyNVMNamespace($0) } == nil)
        let zeroes = encoded(IdentifyNVMNamespace.byteCount) { IdentifyNVMNamespace().encode(into: &$0) }
        #expect(zeroes.allSatisfy { $0 == 0 })
    }

    @Test("IdentifyNVMController is libnvme's nvme_id_ctrl_nvm, byte for byte")
    func identifyNVMControllerLayout() {
        let value = Self.filledIdentifyNVMController()
        let ours = encoded(IdentifyNVMController.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirIdentifyNVMController()
        #expect(theirs.count == 4096)
        #expect(MemoryLayout<nvme_id_ctrl_nvm>.size == 4096)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("IdentifyNVMController reads back what it wrote, and refuses a byte too few")
    func identifyNVMControllerReadBack() {
        let value = Self.filledIdentifyNVMController()
        let bytes = encoded(IdentifyNVMController.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { IdentifyNVMController($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { IdentifyNVMController($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { IdentifyNVMController($0) } == nil)
        let zeroes = encoded(IdentifyNVMController.byteCount) { IdentifyNVMController().encode(into: &$0) }
        #expect(zeroes.allSatisfy { $0 == 0 })
    }

    @Test("IdentifyIndependentNamespace is libnvme's nvme_id_independent_id_ns, byte for byte")
    func identifyIndependentNamespaceLayout() {
        let value = Self.filledIdentifyIndependentNamespace()
        let ours = encoded(IdentifyIndependentNamespace.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirIdentifyIndependentNamespace()
        #expect(theirs.count == 4096)
        #expect(MemoryLayout<nvme_id_independent_id_ns>.size == 4096)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("IdentifyIndependentNamespace reads back what it wrote, and refuses a byte too few")
    func identifyIndependentNamespaceReadBack() {
        let value = Self.filledIdentifyIndependentNamespace()
        let bytes = encoded(IdentifyIndependentNamespace.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { IdentifyIndependentNamespace($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { IdentifyIndependentNamespace($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { IdentifyIndependentNamespace($0) } == nil)
        let zeroes = encoded(IdentifyIndependentNamespace.byteCount) {
            IdentifyIndependentNamespace().encode(into: &$0)
        }
        #expect(zeroes.allSatisfy { $0 == 0 })
    }

    @Test("A namespace that counts too many formats is read as far as there are any")
    func tooManyFormats() {
        var bytes = [UInt8](repeating: 0, count: IdentifyNamespace.byteCount)
        bytes[25] = 0xFF
        bytes[82] = 0xFF
        #expect(decoded(bytes) { IdentifyNamespace($0) }?.formats.count == 64)
    }

    private static func filledIdentifyNamespace() -> IdentifyNamespace {
        var value = IdentifyNamespace()
        value.size = 0xE1C4A78A6D503316
        value.capacity = 0xE8CBAE9174573A1D
        value.utilization = 0xEFD2B5987B5E4124
        value.features = NamespaceFeatures(rawValue: 0x2B)
        value.formattedLBASize = 0x32
        value.metadataCapabilities = 0x39
        value.protectionCapabilities = 0x40
        value.protectionSettings = 0x47
        value.sharing = NamespaceSharing(rawValue: 0x4E)
        value.reservationCapabilities = ReservationCapabilities(rawValue: 0x55)
        value.formatProgress = 0x5C
        value.deallocateFeatures = DeallocateFeatures(rawValue: 0x63)
        value.atomicWriteUnitNormal = 0x876A
        value.atomicWriteUnitPowerFail = 0x8E71
        value.atomicCompareAndWriteUnit = 0x9578
        value.atomicBoundarySizeNormal = 0x9C7F
        value.atomicBoundaryOffset = 0xA386
        value.atomicBoundarySizePowerFail = 0xAA8D
        value.optimalIOBoundary = 0xB194
        value.nvmCapacity = 0x583B1E01DFC2A5886B4E3114F2D5B89B
        value.preferredWriteGranularity = 0xBFA2
        value.preferredWriteAlignment = 0xC6A9
        value.preferredDeallocateGranularity = 0xCDB0
        value.preferredDeallocateAlignment = 0xD4B7
        value.optimalWriteSize = 0xDBBE
        value.copySingleRangeMax = 0xE2C5
        value.copyLengthMax = 0x280BE9CC
        value.copySourceRangesMax = 0xD3
        value.keyPerIO = 0xDA
        value.keyPerIOAlignment = 0x3D2003E1
        value.anaGroupID = 0x44270AE8
        value.attributes = NamespaceAttributes(rawValue: 0xEF)
        value.nvmSetID = 0x18F6
        value.enduranceGroupID = 0x1F02
        value.nguid = NGUID(rawValue: 0xC1A4876A4D3013F1D4B79A7D60432609)
        value.eui64 = EUI64(rawValue: 0xDBBEA184674A2D10)
        value.uniqueAttributeFormats = 1
        value.formats = [LBAFormat(blockSizeShift: 9), LBAFormat(blockSizeShift: 12), LBAFormat()]
        value.formats[2].metadataByteCount = 0x1234
        value.formats[2].relativePerformance = 3
        return value
    }

    private static func theirIdentifyNamespace() -> [UInt8] {
        var bytes = cBytes(of: nvme_id_ns()) {
            $0.nsze = 0xE1C4A78A6D503316
            $0.ncap = 0xE8CBAE9174573A1D
            $0.nuse = 0xEFD2B5987B5E4124
            $0.nsfeat = 0x2B
            $0.flbas = 0x32
            $0.mc = 0x39
            $0.dpc = 0x40
            $0.dps = 0x47
            $0.nmic = 0x4E
            $0.rescap = 0x55
            $0.fpi = 0x5C
            $0.dlfeat = 0x63
            $0.nawun = 0x876A
            $0.nawupf = 0x8E71
            $0.nacwu = 0x9578
            $0.nabsn = 0x9C7F
            $0.nabo = 0xA386
            $0.nabspf = 0xAA8D
            $0.noiob = 0xB194
            fill(
                &$0.nvmcap,
                [
                    0x9B, 0xB8, 0xD5, 0xF2, 0x14, 0x31, 0x4E, 0x6B, 0x88, 0xA5, 0xC2, 0xDF, 0x01, 0x1E, 0x3B,
                    0x58,
                ])
            $0.npwg = 0xBFA2
            $0.npwa = 0xC6A9
            $0.npdg = 0xCDB0
            $0.npda = 0xD4B7
            $0.nows = 0xDBBE
            $0.mssrl = 0xE2C5
            $0.mcl = 0x280BE9CC
            $0.msrc = 0xD3
            $0.anagrpid = 0x44270AE8
            $0.nsattr = 0xEF
            $0.nvmsetid = 0x18F6
            $0.endgid = 0x1F02
            fill(
                &$0.nguid,
                [
                    0xC1, 0xA4, 0x87, 0x6A, 0x4D, 0x30, 0x13, 0xF1, 0xD4, 0xB7, 0x9A, 0x7D, 0x60, 0x43, 0x26,
                    0x09,
                ])
            fill(&$0.eui64, [0xDB, 0xBE, 0xA1, 0x84, 0x67, 0x4A, 0x2D, 0x10])
            $0.nlbaf = 1
            $0.nulbaf = 1
            $0.lbaf.0.ds = 9
            $0.lbaf.1.ds = 12
            $0.lbaf.2.ms = 0x1234
            $0.lbaf.2.rp = 3
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0xDA, 1, at: 81, in: &bytes)  // kpios
        place(0x3D2003E1, 4, at: 84, in: &bytes)  // kpiodaag
        return bytes
    }

    private static func filledIdentifyNVMNamespace() -> IdentifyNVMNamespace {
        var value = IdentifyNVMNamespace()
        value.storageTagMask = 0xE1C4A78A6D503316
        value.protectionCapabilities = 0x1D
        value.protectionAttributes = 0x24
        value.preferredDeallocateGranularityLong = 0x8265482B
        value.preferredReadGranularity = 0x896C4F32
        value.preferredReadAlignment = 0x90735639
        value.optimalReadSize = 0x977A5D40
        value.preferredDeallocateAlignmentLong = 0x9E816447
        value.blockPlacementSize = 0xA5886B4E
        value.trackedAllocationGranularity = 0xAC8F7255
        value.extendedFormats[63] = 0x1122_3344
        value.extendedFormats[0] = 0x5566_7788
        return value
    }

    private static func theirIdentifyNVMNamespace() -> [UInt8] {
        var bytes = cBytes(of: nvme_nvm_id_ns()) {
            $0.lbstm = 0xE1C4A78A6D503316
            $0.pic = 0x1D
            $0.elbaf.63 = 0x1122_3344
            $0.elbaf.0 = 0x5566_7788
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0x24, 1, at: 9, in: &bytes)  // pifa
        place(0x8265482B, 4, at: 268, in: &bytes)  // npdgl
        place(0x896C4F32, 4, at: 272, in: &bytes)  // nprg
        place(0x90735639, 4, at: 276, in: &bytes)  // npra
        place(0x977A5D40, 4, at: 280, in: &bytes)  // nors
        place(0x9E816447, 4, at: 284, in: &bytes)  // npdal
        place(0xA5886B4E, 4, at: 288, in: &bytes)  // lbapss
        place(0xAC8F7255, 4, at: 292, in: &bytes)  // tlbaag
        return bytes
    }

    private static func filledIdentifyNVMController() -> IdentifyNVMController {
        var value = IdentifyNVMController()
        value.verifySizeShift = 0x16
        value.writeZeroesSizeShift = 0x1D
        value.writeUncorrectableSizeShift = 0x24
        value.datasetRangesMax = 0x2B
        value.datasetRangeBlocksMax = 0x896C4F32
        value.datasetBlocksMax = 0x09E7CAAD90735639
        value.keyPerIOCapabilities = 0x40
        value.writeZeroesDeallocateSizeShift = 0x47
        value.adminOptions = 0x6B4E
        value.version = Version(rawValue: 0xAC8F7255)
        value.migrationFormats = 0x5C
        return value
    }

    private static func theirIdentifyNVMController() -> [UInt8] {
        var bytes = cBytes(of: nvme_id_ctrl_nvm()) {
            $0.vsl = 0x16
            $0.wzsl = 0x1D
            $0.wusl = 0x24
            $0.dmrl = 0x2B
            $0.dmrsl = 0x896C4F32
            $0.dmsl = 0x09E7CAAD90735639
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0x40, 1, at: 16, in: &bytes)  // kpiocap
        place(0x47, 1, at: 17, in: &bytes)  // wzdsl
        place(0x6B4E, 2, at: 18, in: &bytes)  // aocs
        place(0xAC8F7255, 4, at: 20, in: &bytes)  // ver
        place(0x5C, 1, at: 24, in: &bytes)  // lbamqf
        return bytes
    }

    private static func filledIdentifyIndependentNamespace() -> IdentifyIndependentNamespace {
        var value = IdentifyIndependentNamespace()
        value.features = IndependentNamespaceFeatures(rawValue: 0x16)
        value.sharing = NamespaceSharing(rawValue: 0x1D)
        value.reservationCapabilities = ReservationCapabilities(rawValue: 0x24)
        value.formatProgress = 0x2B
        value.anaGroupID = 0x896C4F32
        value.attributes = NamespaceAttributes(rawValue: 0x39)
        value.nvmSetID = 0x5D40
        value.enduranceGroupID = 0x6447
        value.status = IndependentNamespaceStatus(rawValue: 0x4E)
        value.keyPerIO = 0x55
        value.keyTagMax = 0x795C
        value.reachabilityGroupID = 0xBA9D8063
        return value
    }

    private static func theirIdentifyIndependentNamespace() -> [UInt8] {
        var bytes = cBytes(of: nvme_id_independent_id_ns()) {
            $0.nsfeat = 0x16
            $0.nmic = 0x1D
            $0.rescap = 0x24
            $0.fpi = 0x2B
            $0.anagrpid = 0x896C4F32
            $0.nsattr = 0x39
            $0.nvmsetid = 0x5D40
            $0.endgid = 0x6447
            $0.nstat = 0x4E
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0x55, 1, at: 15, in: &bytes)  // kpios
        place(0x795C, 2, at: 16, in: &bytes)  // maxkt
        place(0xBA9D8063, 4, at: 20, in: &bytes)  // rgrpid
        return bytes
    }

}
