// The features: one row each. Set and Get Features look them up, the Feature Identifiers Supported and
// Effects log is made from them. What a feature's value does is in FeatureHandlers.swift.

internal import NVMeTCP

/// One feature that some controller has.
struct FeatureRow {
    let id: FeatureID
    let name: StaticString
    let controllers: ControllerTypes
    let isNamespaceSpecific: Bool
    /// Whether Set Features can change it.
    let isChangeable: Bool
    /// How much data Set and Get Features move, in bytes; 0 for a value in a dword.
    let dataByteCount: Int

    init(
        _ id: FeatureID, _ name: StaticString, on controllers: ControllerTypes = .io,
        isNamespaceSpecific: Bool = false, isChangeable: Bool = true, dataByteCount: Int = 0
    ) {
        self.id = id
        self.name = name
        self.controllers = controllers
        self.isNamespaceSpecific = isNamespaceSpecific
        self.isChangeable = isChangeable
        self.dataByteCount = dataByteCount
    }

    /// What Get Features answers when asked for the supported capabilities. None is saveable: a gateway's
    /// controllers live as long as an association.
    var capabilities: FeatureCapabilities {
        var capabilities: FeatureCapabilities = []
        if isNamespaceSpecific { capabilities.insert(.namespaceSpecific) }
        if isChangeable { capabilities.insert(.changeable) }
        return capabilities
    }

    /// The row as the Feature Identifiers Supported and Effects log shows it.
    var effects: FeatureEffects {
        var effects = FeatureEffects.supported
        effects.scope = isNamespaceSpecific ? .namespace : .controller
        return effects
    }
}

/// The features of this target: those that a message-based I/O controller must have, those that hosts use,
/// and the two of a discovery controller.
///
/// Source: NVM Express Base Specification, "I/O Controller", "Discovery Controller", Feature Support; NVM
/// Command Set Specification, "Feature Support".
enum FeatureTable {
    static let rows = [
        FeatureRow(.arbitration, "Arbitration"),
        FeatureRow(.powerManagement, "Power Management"),
        FeatureRow(.temperatureThreshold, "Temperature Threshold"),
        FeatureRow(.errorRecovery, "Error Recovery", isNamespaceSpecific: true),
        // Backends have their cache or don't: it can't be switched.
        FeatureRow(.volatileWriteCache, "Volatile Write Cache", isChangeable: false),
        FeatureRow(.numberOfQueues, "Number of Queues"),
        FeatureRow(.writeAtomicityNormal, "Write Atomicity Normal"),
        FeatureRow(.asyncEventConfiguration, "Asynchronous Event Configuration", on: .all),
        FeatureRow(.keepAliveTimer, "Keep Alive Timer", on: .all),
        FeatureRow(
            .hostBehaviorSupport, "Host Behavior Support", dataByteCount: HostBehaviorSupport.byteCount),
        FeatureRow(
            .reservationNotificationMask, "Reservation Notification Mask", isNamespaceSpecific: true),
        FeatureRow(.reservationPersistence, "Reservation Persistence", isNamespaceSpecific: true),
        // CAP.CSS makes hosts select one of the combinations of Identify (CNS 1Ch).
        FeatureRow(.commandSetProfile, "I/O Command Set Profile"),
        // Connect sets it.
        FeatureRow(.hostID, "Host Identifier", isChangeable: false, dataByteCount: 16),
    ]

    /// The row of a feature that such a controller has.
    static func row(_ id: FeatureID, on type: ControllerTypes) -> FeatureRow? {
        rows.first { $0.id == id && $0.controllers.contains(type) }
    }

    /// How much data a Set or Get Features command moves, in bytes.
    ///
    /// - Throws: Invalid Field in Command if such a controller does not have the feature.
    static func dataByteCount(
        of command: SubmissionEntry, on type: ControllerTypes
    ) throws(CommandFailure) -> Int {
        let id = FeatureID(rawValue: UInt8(truncatingIfNeeded: command.dword10))
        guard let row = row(id, on: type) else { throw .invalidField(byte: 40) }
        guard command.opcode == AdminOpcode.getFeatures.rawValue else { return row.dataByteCount }
        let request = GetFeaturesRequest(command)
        if request.select == .supportedCapabilities { return 0 }
        // EXHID: only the extended, 128-bit identifier exists over Fabrics. A host that asks for the other
        // has room for 8 bytes.
        if id == .hostID, request.value & 1 == 0 { throw .invalidField(byte: 44) }
        return row.dataByteCount
    }

    /// The Feature Identifiers Supported and Effects log of such a controller.
    static func effectsLog(on type: ControllerTypes) -> FeatureEffectsLog {
        var log = FeatureEffectsLog()
        for row in rows where row.controllers.contains(type) { log.features[row.id] = row.effects }
        return log
    }
}

/// A Set Features command's fields.
///
/// Source: NVM Express Base Specification, "Set Features command".
struct SetFeaturesRequest {
    let id: FeatureID
    /// Save (SV), CDW10 bit 31.
    let isSaved: Bool
    let namespaceID: UInt32
    /// CDW11.
    let value: UInt32

    init(_ command: SubmissionEntry) {
        id = FeatureID(rawValue: UInt8(truncatingIfNeeded: command.dword10))
        isSaved = command.dword10 & 1 << 31 != 0
        namespaceID = command.namespaceID
        value = command.dword11
    }
}

/// A Get Features command's fields.
///
/// Source: NVM Express Base Specification, "Get Features command".
struct GetFeaturesRequest {
    let id: FeatureID
    /// Select (SEL), CDW10 bits 10:8.
    let select: FeatureSelect
    let namespaceID: UInt32
    /// CDW11.
    let value: UInt32

    init(_ command: SubmissionEntry) {
        id = FeatureID(rawValue: UInt8(truncatingIfNeeded: command.dword10))
        select = FeatureSelect(rawValue: UInt8(truncatingIfNeeded: command.dword10 >> 8) & 0x7)
        namespaceID = command.namespaceID
        value = command.dword11
    }
}
