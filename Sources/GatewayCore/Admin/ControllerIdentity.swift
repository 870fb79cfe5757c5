// What a controller says of itself: Identify Controller and its NVM part. Everything optional that is
// claimed here is served somewhere; what is not, is 0.

internal import NVMeTCP

extension Controller {
    /// The longest Write Zeroes that hosts should send, as a power of two times 4 KiB: 65,536 blocks of the
    /// smallest size.
    private static let writeZeroesShift: UInt8 = 13

    /// Firmware Revision (FR): the target's own version.
    static let firmwareRevision = "0.1"

    /// Identify Controller (CNS 01h).
    ///
    /// Source: NVM Express Base Specification, "Identify Controller data structure".
    func identifyController() -> IdentifyController {
        var data = IdentifyController()
        data.firmwareRevision = Self.firmwareRevision
        data.controllerID = id
        data.version = Spec.baseVersion
        data.maximumDataTransferShift = limits.transferShift
        data.optionalAsyncEvents = EventKind.supported(on: type)
        data.attributes = [.hostID128, .trafficBasedKeepAlive]
        data.asyncEventRequestLimit = UInt8(limits.asyncEventRequestsMax - 1)
        data.errorLogPageEntries = UInt8(limits.errorLogEntriesMax - 1)
        data.keepAliveGranularity = limits.keepAliveGranularity
        data.subsystemNQN = subsystemNQN
        data.sgls = [.supported, .offset, .transportDataBlock]
        data.dataBlockDescriptorsMax = 1
        if let subsystem {
            describeIO(&data, subsystem.subsystem)
            describeANA(&data, subsystem.subsystem)
        } else {
            describeDiscovery(&data)
        }
        return data
    }

    private func describeDiscovery(_ data: inout IdentifyController) {
        data.controllerType = .discovery
        data.discoveryControllerType = .direct
        data.modelNumber = "gatewayd discovery"
        data.logPageAttributes = [.commandEffects, .extendedData, .multipleLogPages]
        data.outstandingCommandsMax = UInt16(clamping: limits.adminQueueEntriesMax)
    }

    private func describeIO(_ data: inout IdentifyController, _ subsystem: Subsystem) {
        data.controllerType = .io
        // Hosts without an identifier can't be told apart: they have no reservations.
        data.attributes.insert(.reservationsHostID)
        data.serialNumber = subsystem.serialNumber
        data.modelNumber = subsystem.modelNumber
        data.recommendedArbitrationBurst = 6
        // Each association is a controller of its own.
        data.multipath = .multipleControllers
        let portCount = model.ports.count(where: subsystem.isServed(at:)) + subsystem.portsElsewhere.count
        if portCount > 1 { data.multipath.insert(.multiplePorts) }
        data.entryLatencyMicroseconds = 10_000_000
        data.abortCommandLimit = UInt8(limits.abortsMax - 1)
        // One slot, read only: a gateway is not updated by its hosts.
        data.firmwareUpdates = 0b0011
        data.logPageAttributes = [.commandEffects, .extendedData, .multipleLogPages]
        data.warningTemperatureKelvins = CompositeTemperature.warningKelvins
        data.criticalTemperatureKelvins = CompositeTemperature.criticalKelvins
        data.outstandingCommandsMax = UInt16(clamping: limits.queueEntriesMax)
        data.namespaceIDMax = subsystem.namespaceIDMax
        data.optionalNVMCommands = optionalCommands
        data.copyDescriptorFormats = CopyCommand.formats
        data.retryDelay1 = limits.retryDelay
        // Compare and Write; ACWU is one block: 0.
        if subsystem.namespaces.contains(where: \.offersCompareAndWrite) { data.fusedOperations = 1 }
        // Flush with FFFFFFFFh flushes all namespaces, whether there is a cache or not.
        data.volatileWriteCache = hasVolatileWriteCache ? [.present, .flushAllSupported] : .flushAllSupported
        // Reserved where there are no I/O queues.
        data.submissionEntrySizes = 0x66
        data.completionEntrySizes = 0x44
        data.ioCapsuleResponseSize = 1
        data.ioCapsuleCommandSize = UInt32(64 + limits.inCapsuleBytesMax) / 16
        // Disconnect: I/O queues can be deleted one by one.
        data.optionalFabricsCommands = 1
    }

    /// What a subsystem with ANA says of it. Linux refuses a controller whose MNAN is 0 or above NN, and
    /// leaves ANA alone if a log of so many groups and namespaces is longer than MDTS.
    private func describeANA(_ data: inout IdentifyController, _ subsystem: Subsystem) {
        guard let reporting = subsystem.anaReporting else { return }
        data.multipath.insert(.asymmetricNamespaceAccess)
        data.anaTransitionTimeSeconds = reporting.transitionSeconds
        // A namespace's group may be changed while hosts are attached.
        data.anaCapabilities = [.optimized, .nonOptimized, .inaccessible, .persistentLoss, .change]
        data.anaGroupIDMax = limits.anaGroupsMax
        data.anaGroupCount = limits.anaGroupsMax
        data.allowedNamespacesMax = subsystem.namespaceIDMax
    }

    /// ONCS: from the command table.
    private var optionalCommands: OptionalNVMCommands {
        // What a Copy writes is as atomic as what one Write does: block by block. All controllers that comply
        // with more than revision 1.0 say so (NVM Command Set Specification, "Copy atomicity").
        var all: OptionalNVMCommands = [.saveAndSelect, .copySingleAtomicity]
        let optional: [(IOOpcode, OptionalNVMCommands)] = [
            (.compare, .compare), (.writeUncorrectable, .writeUncorrectable),
            (.datasetManagement, .datasetManagement), (.writeZeroes, .writeZeroes),
            (.reservationRegister, .reservations), (.verify, .verify), (.copy, .copy),
        ]
        for (opcode, bit) in optional where CommandTable.io(opcode.rawValue)?.isImplemented == true {
            all.insert(bit)
        }
        return all
    }

    /// Identify Controller of the NVM command set (CNS 06h).
    ///
    /// Source: NVM Command Set Specification, "I/O Command Set Specific Identify Controller data structure".
    func identifyNVMController() -> IdentifyNVMController {
        var data = IdentifyNVMController()
        // Write Zeroes has no limit but its 16-bit block count; 0 would make hosts that know no better keep
        // to MDTS. Linux goes by this field alone and cuts the block count off at 16 bits: told of more than
        // 65,536 blocks of 512 bytes, 32 MiB, it would leave all beyond as it was and call it zeroed.
        // Verify has no limit either: a longer one takes several reads.
        data.verifySizeShift = limits.transferShift
        data.writeZeroesSizeShift = Self.writeZeroesShift
        data.writeZeroesDeallocateSizeShift = Self.writeZeroesShift
        data.version = Version(major: 1, minor: 1, tertiary: 0)
        return data
    }
}
