// What a namespace says of itself: the Identify structures that are filled from its configuration and its
// store's geometry.

internal import NVMeTCP

extension Namespace {
    /// Identify Namespace (CNS 00h).
    ///
    /// Source: NVM Command Set Specification, "Identify Namespace data structure".
    func identifyNamespace(_ limits: Limits) -> IdentifyNamespace {
        let geometry = backend.geometry
        var data = IdentifyNamespace()
        data.size = blockCount
        data.capacity = blockCount
        // How much of a store is used is nothing that it tells: all of it may be.
        data.utilization = blockCount
        data.nvmCapacity = UInt128(blockCount) << UInt128(blockSize.shift)
        data.sharing = .shared
        data.nguid = NGUID(rawValue: nguid)
        data.formats = [LBAFormat(blockSizeShift: blockSize.shift)]
        switch geometry.deallocatedReads {
        case .notReported: break
        // Write Zeroes may deallocate only what then reads as zeroes.
        case .zeroes: data.deallocateFeatures = [.writeZeroesDeallocates, .readsZeroes]
        case .ones: data.deallocateFeatures.insert(.readsOnes)
        }
        if geometry.isReadOnly { data.attributes.insert(.writeProtected) }
        // NACWU, like NAWUN and NAWUPF, is one block: 0.
        if offersCompareAndWrite { data.features.insert(.atomicBoundaries) }
        describeSizes(&data, geometry, limits)
        let copy = CopyLimits(limits, blockShift: blockSize.shift)
        data.copySingleRangeMax = copy.rangeBlocksMax
        data.copyLengthMax = copy.blocksMax
        data.copySourceRangesMax = UInt8(copy.rangesMax - 1)
        return data
    }

    /// Optimal sizes, in blocks, as far as the store has any. The unit that is best written whole is also a
    /// boundary that a request had better not cross: a RADOS object's. A host can't write more of it at once
    /// than a command moves.
    private func describeSizes(_ data: inout IdentifyNamespace, _ geometry: BlockGeometry, _ limits: Limits) {
        let (whole, write, deallocate) = (
            blocks(geometry.optimalWriteByteCount), blocks(geometry.writeGranularityByteCount),
            blocks(geometry.deallocateGranularityByteCount)
        )
        if whole > 0, whole <= UInt16.max { data.optimalIOBoundary = UInt16(whole) }
        guard whole > 0 || write > 0 || deallocate > 0 else { return }
        data.features.insert(.preferredSizes)
        data.preferredWriteGranularity = zeroBased(write)
        data.preferredWriteAlignment = zeroBased(write)
        data.optimalWriteSize = zeroBased(
            max(min(whole, blocks(UInt32(clamping: limits.transferBytesMax))), write))
        data.preferredDeallocateGranularity = zeroBased(deallocate)
        data.preferredDeallocateAlignment = zeroBased(deallocate)
    }

    private func blocks(_ byteCount: UInt32) -> UInt32 { byteCount >> UInt32(blockSize.shift) }

    private func zeroBased(_ blocks: UInt32) -> UInt16 { UInt16(clamping: max(blocks, 1) - 1) }

    /// Identify Namespace of the NVM command set (CNS 05h): no metadata, no protection information.
    func identifyNVM() -> IdentifyNVMNamespace { IdentifyNVMNamespace() }

    /// I/O Command Set Independent Identify Namespace (CNS 08h).
    func identifyIndependent() -> IdentifyIndependentNamespace {
        let geometry = backend.geometry
        var data = IdentifyIndependentNamespace()
        data.sharing = .shared
        if geometry.isReadOnly { data.attributes.insert(.writeProtected) }
        if !geometry.hasVolatileWriteCache { data.features.insert(.writeCacheNotPresent) }
        data.status = .ready
        return data
    }

    /// Namespace Identification Descriptor list (CNS 03h).
    func descriptors() -> NamespaceDescriptors {
        NamespaceDescriptors(
            nguid: NGUID(rawValue: nguid), uuid: NamespaceUUID(rawValue: uuid), commandSet: .nvm)
    }
}
