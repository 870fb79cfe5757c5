// Set Features and Get Features: the checks that all features have in common, in the order of the command's
// bytes, then each feature's own.

internal import NVMeTCP

extension Controller {
    /// Serves Set Features.
    ///
    /// Source: NVM Express Base Specification, "Set Features command"; each feature's section.
    func setFeatures(
        _ request: SetFeaturesRequest, hostData: RawSpan, at now: Instant
    ) throws(CommandFailure) -> AdminOutcome {
        let row = try featureRow(request.id)
        try checkNamespace(request.namespaceID, of: row)
        guard !request.isSaved else {
            throw CommandFailure(
                .featureNotSaveable.notRetryable, at: ParameterErrorLocation(byte: 43, bit: 7))
        }
        if row.id == .hostID {
            // Over Fabrics Connect gives it.
            throw .outOfSequence
        }
        if row.id == .volatileWriteCache { return try setVolatileWriteCache(request.value) }
        guard row.isChangeable else {
            throw CommandFailure(.featureNotChangeable.notRetryable, at: ParameterErrorLocation(byte: 40))
        }
        switch row.id {
        case .arbitration: features.arbitration = request.value & 0xFFFF_FF07
        case .powerManagement: try setPowerManagement(PowerManagement(rawValue: request.value))
        case .temperatureThreshold: try setTemperature(TemperatureThreshold(rawValue: request.value))
        case .errorRecovery:
            try setErrorRecovery(ErrorRecovery(rawValue: request.value), namespaceID: request.namespaceID)
        case .numberOfQueues: return try setNumberOfQueues(NumberOfQueues(rawValue: request.value))
        case .writeAtomicityNormal: features.writeAtomicity.disableNormal = request.value & 1 != 0
        case .asyncEventConfiguration:
            try setAsyncEvents(AsyncEventConfiguration(rawValue: request.value))
        case .keepAliveTimer:
            // TCP requires the timer: it can't be switched off (Base Specification, "Keep Alive Timer
            // Configuration").
            guard request.value != 0 else {
                throw CommandFailure(
                    .keepAliveInvalid.notRetryable, at: ParameterErrorLocation(byte: 44))
            }
            keepAlive.setTimeout(milliseconds: request.value, activity: queues.commandCount, at: now)
        case .hostBehaviorSupport: try setHostBehavior(hostData)
        case .commandSetProfile:
            // There is one combination: the NVM command set alone.
            guard request.value & 0x1FF == 0 else {
                throw CommandFailure(
                    .commandSetCombinationRejected.notRetryable, at: ParameterErrorLocation(byte: 44))
            }
        case .reservationNotificationMask: try setReservationMask(request)
        case .reservationPersistence: return try setReservationPersistence(request)
        default: preconditionFailure("every changeable feature of the table can be set")
        }
        return .completed
    }

    /// Serves Get Features.
    ///
    /// Source: NVM Express Base Specification, "Get Features command".
    func getFeatures(
        _ request: GetFeaturesRequest, reply: inout MutableRawSpan
    ) throws(CommandFailure) -> AdminOutcome {
        let row = try featureRow(request.id)
        if row.isNamespaceSpecific, request.select != .supportedCapabilities {
            try checkAccess(to: request.namespaceID)
        }
        switch request.select {
        case .supportedCapabilities:
            return .completed(result: UInt64(row.capabilities.rawValue))
        case .current:
            return .completed(result: UInt64(try value(of: row, request, in: features, reply: &reply)))
        case .defaultValue, .saved:
            // A feature that can't be saved answers with its default when asked for the saved value.
            return .completed(
                result: UInt64(try defaultValue(of: row, request, reply: &reply)))
        default:
            throw .invalidField(byte: 41)
        }
    }

    /// The row of a feature that this controller has. Without a volatile write cache there is no such feature
    /// (Base Specification, "Identify Controller data structure", VWC).
    private func featureRow(_ id: FeatureID) throws(CommandFailure) -> FeatureRow {
        guard let row = FeatureTable.row(id, on: type), id != .volatileWriteCache || hasVolatileWriteCache
        else { throw .invalidField(byte: 40) }
        return row
    }

    /// Feature Identifiers Supported and Effects.
    var featureEffects: FeatureEffectsLog {
        var log = FeatureTable.effectsLog(on: type)
        if !hasVolatileWriteCache { log.features[.volatileWriteCache] = nil }
        return log
    }

    private func value(
        of row: FeatureRow, _ request: GetFeaturesRequest, in values: FeatureValues,
        reply: inout MutableRawSpan
    ) throws(CommandFailure) -> UInt32 {
        switch row.id {
        case .arbitration: return values.arbitration
        case .powerManagement: return values.powerManagement.rawValue
        case .temperatureThreshold:
            return try temperature(TemperatureThreshold(rawValue: request.value), in: values)
        case .errorRecovery: return values.errorRecovery[request.namespaceID]?.rawValue ?? 0
        case .volatileWriteCache:
            // It can't be switched off.
            return 1
        case .numberOfQueues: return numberOfQueues(queues.granted).rawValue
        case .writeAtomicityNormal: return values.writeAtomicity.rawValue
        case .commandSetProfile: return 0
        case .asyncEventConfiguration: return values.asyncEvents.rawValue
        case .keepAliveTimer: return keepAlive.timeoutMilliseconds
        case .hostBehaviorSupport:
            values.hostBehavior.encode(into: &reply)
            return 0
        case .reservationNotificationMask:
            return values.reservationMasks[try reservable(request.namespaceID).id]?.rawValue ?? 0
        case .reservationPersistence:
            return try reservationPersistence(of: request.namespaceID).rawValue
        case .hostID:
            reply.store(hostID.rawValue.byteSwapped, at: 0)
            return 0
        default: preconditionFailure("every feature of the table has a value")
        }
    }

    private func defaultValue(
        of row: FeatureRow, _ request: GetFeaturesRequest, reply: inout MutableRawSpan
    ) throws(CommandFailure) -> UInt32 {
        switch row.id {
        case .numberOfQueues: return numberOfQueues(limits.ioQueuesMax).rawValue
        case .keepAliveTimer: return KeepAlive.defaultMilliseconds(limits)
        case .reservationPersistence: return 0
        default: return try value(of: row, request, in: defaultFeatures, reply: &reply)
        }
    }

    /// The namespace rules that Set Features has for all features.
    private func checkNamespace(_ id: UInt32, of row: FeatureRow) throws(CommandFailure) {
        if row.isNamespaceSpecific {
            if id == .broadcastNamespace {
                if let refusal = subsystem?.refusal { throw CommandFailure(refusal) }
            } else {
                try checkAccess(to: id)
            }
        } else if id != 0, id != .broadcastNamespace {
            throw CommandFailure(
                .featureNotNamespaceSpecific.notRetryable, at: ParameterErrorLocation(byte: 4))
        }
    }

    /// Checks that a namespace's features can be had: it is one, is there, and its ANA state lets commands
    /// reach it.
    ///
    /// Source: NVM Express Base Specification and NVM Command Set Specification, "ANA effects on command
    /// processing": Error Recovery and the reservation features, which are all that are a namespace's.
    private func checkAccess(to id: UInt32) throws(CommandFailure) {
        // The value for all namespaces is not supported (Base Specification, "Common Command Format").
        guard id != .broadcastNamespace else { throw .invalidField(byte: 4) }
        guard let subsystem, let namespace = subsystem.namespace(id) else { throw namespaceFailure(id) }
        if let refusal = subsystem.anaState(of: namespace).refusal { throw CommandFailure(refusal) }
    }

    /// Why a command that needs an active namespace can't have this one.
    ///
    /// Source: NVM Express Base Specification, "Namespace Identifier": invalid ones fail with Invalid
    /// Namespace or Format, valid but inactive ones with Invalid Field in Command.
    func namespaceFailure(_ id: UInt32) -> CommandFailure {
        isValidNamespaceID(id) ? .invalidField(byte: 4) : .invalidNamespace
    }

    func isValidNamespaceID(_ id: UInt32) -> Bool {
        guard let subsystem else { return false }
        return id > 0 && id <= subsystem.namespaceIDMax
    }

    // MARK: Each feature's own

    private func setPowerManagement(_ value: PowerManagement) throws(CommandFailure) {
        // There is one power state.
        guard value.powerState == 0 else { throw .invalidField(byte: 44) }
        features.powerManagement.workloadHint = value.workloadHint
    }

    /// Threshold Temperature Select: all sensors that there are.
    private static let allSensors: UInt8 = 0xF

    private func setTemperature(_ value: TemperatureThreshold) throws(CommandFailure) {
        guard value.sensor == 0 || value.sensor == Self.allSensors else { throw .invalidField(byte: 46) }
        switch value.kind {
        case 0: features.temperatureOver = value.kelvins
        case 1: features.temperatureUnder = value.kelvins
        default: throw .invalidField(byte: 46, bit: 4)
        }
        judgeTemperature()
    }

    private func temperature(
        _ asked: TemperatureThreshold, in values: FeatureValues
    ) throws(CommandFailure) -> UInt32 {
        guard asked.sensor == 0 else { throw .invalidField(byte: 46) }
        switch asked.kind {
        case 0: return UInt32(values.temperatureOver)
        case 1: return UInt32(values.temperatureUnder)
        default: throw .invalidField(byte: 46, bit: 4)
        }
    }

    private func setErrorRecovery(_ value: ErrorRecovery, namespaceID: UInt32) throws(CommandFailure) {
        // No namespace reports deallocated blocks as errors (NSFEAT bit 2 is 0).
        guard !value.reportsUnwrittenBlocks else { throw .invalidField(byte: 46) }
        let kept = ErrorRecovery(rawValue: value.rawValue & 0xFFFF)
        if namespaceID == .broadcastNamespace {
            for namespace in subsystem?.namespaces ?? [] { features.errorRecovery[namespace.id] = kept }
        } else {
            features.errorRecovery[namespaceID] = kept
        }
    }

    /// Whether any namespace's store may lose acknowledged writes until a flush.
    var hasVolatileWriteCache: Bool {
        subsystem?.namespaces.contains { $0.backend.geometry.hasVolatileWriteCache } ?? false
    }

    private func setVolatileWriteCache(_ value: UInt32) throws(CommandFailure) -> AdminOutcome {
        guard VolatileWriteCache(rawValue: value).enabled else {
            throw CommandFailure(.featureNotChangeable.notRetryable, at: ParameterErrorLocation(byte: 44))
        }
        return .completed
    }

    private func numberOfQueues(_ count: Int) -> NumberOfQueues {
        var value = NumberOfQueues(rawValue: 0)
        value.submissionQueues = count
        value.completionQueues = count
        return value
    }

    private func setNumberOfQueues(_ asked: NumberOfQueues) throws(CommandFailure) -> AdminOutcome {
        guard asked.submissionQueues <= 0xFFFF else { throw .invalidField(byte: 44) }
        guard asked.completionQueues <= 0xFFFF else { throw .invalidField(byte: 46) }
        guard queues.isEmpty else { throw .outOfSequence }
        // Over Fabrics a queue is a pair: as many as both numbers allow.
        queues.granted = min(asked.submissionQueues, asked.completionQueues, limits.ioQueuesMax)
        return .completed(result: UInt64(numberOfQueues(queues.granted).rawValue))
    }

    private func setAsyncEvents(_ wanted: AsyncEventConfiguration) throws(CommandFailure) {
        // Bits 7:0 are critical warnings, which all controllers with a health log have; above are notices,
        // which a host may only want if OAES has them.
        let warnings = AsyncEventConfiguration(rawValue: type == .discovery ? 0 : 0xFF)
        let unsupported = wanted.subtracting(warnings.union(EventKind.supported(on: type)))
        guard unsupported.isEmpty else {
            let bit = unsupported.rawValue.trailingZeroBitCount
            throw .invalidField(byte: 44 + UInt8(bit / 8), bit: UInt8(bit % 8))
        }
        features.asyncEvents = wanted
        judgeTemperature()
    }

    private func setHostBehavior(_ data: RawSpan) throws(CommandFailure) {
        guard let value = HostBehaviorSupport(data) else {
            throw CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
        }
        // ACRE is 0 or 1, and what the controller does not have stays off: extended LBA formats, dispersed
        // namespaces.
        guard value.advancedCommandRetry <= 1, value.lbaFormatExtension == 0, value.dispersedNamespaces == 0
        else { throw CommandFailure(.invalidField.notRetryable) }
        features.hostBehavior = value
    }
}
