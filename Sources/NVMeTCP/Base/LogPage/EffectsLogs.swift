// What commands and features do to a controller: the Commands Supported and Effects log (LID 05h) and the
// Feature Identifiers Supported and Effects log (LID 12h). GatewayCore derives both from its tables.

/// What a command or feature affects: bits 31:20 of its effects.
///
/// Source: NVM Express Base Specification, "Commands Supported and Effects", Command Scope (CSP); "Feature
/// Identifiers Supported and Effects", FID Scope (FSP).
public struct EffectScope: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Namespace Scope, bit 0.
    public static let namespace = EffectScope(rawValue: 1 << 0)
    /// Controller Scope, bit 1.
    public static let controller = EffectScope(rawValue: 1 << 1)
    /// NVM Set Scope, bit 2.
    public static let nvmSet = EffectScope(rawValue: 1 << 2)
    /// Endurance Group Scope, bit 3.
    public static let enduranceGroup = EffectScope(rawValue: 1 << 3)
    /// Domain Scope, bit 4.
    public static let domain = EffectScope(rawValue: 1 << 4)
    /// NVM Subsystem Scope, bit 5.
    public static let subsystem = EffectScope(rawValue: 1 << 5)
    /// Controller Data Queue Scope, bit 6.
    public static let controllerDataQueue = EffectScope(rawValue: 1 << 6)
}

/// What one command does: 4 bytes.
///
/// Source: NVM Express Base Specification, "Commands Supported and Effects", Commands Supported and Effects
/// data structure.
public struct CommandEffects: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Command Supported (CSUPP), bit 0, and nothing else.
    public static let supported = CommandEffects(rawValue: 1)

    /// Command Supported (CSUPP), bit 0.
    public var isSupported: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }

    /// Logical Block Content Change (LBCC), bit 1: it may change data.
    public var changesBlocks: Bool {
        get { rawValue.bit(1) }
        set { rawValue.setBit(1, to: newValue) }
    }

    /// Namespace Capability Change (NCC), bit 2.
    public var changesNamespace: Bool {
        get { rawValue.bit(2) }
        set { rawValue.setBit(2, to: newValue) }
    }

    /// Namespace Inventory Change (NIC), bit 3.
    public var changesInventory: Bool {
        get { rawValue.bit(3) }
        set { rawValue.setBit(3, to: newValue) }
    }

    /// Controller Capability Change (CCC), bit 4.
    public var changesController: Bool {
        get { rawValue.bit(4) }
        set { rawValue.setBit(4, to: newValue) }
    }

    /// Command Submission and Execution Relaxations (CSER), bits 15:14: 0 not reported, 1 no restriction need
    /// be kept.
    public var relaxations: UInt8 {
        get { UInt8(rawValue.bits(14, 2)) }
        set { rawValue.setBits(14, 2, to: UInt32(newValue)) }
    }

    /// Command Submission and Execution (CSE), bits 18:16: 0 none, 1 alone on its namespace, 2 alone on all
    /// namespaces.
    public var execution: UInt8 {
        get { UInt8(rawValue.bits(16, 3)) }
        set { rawValue.setBits(16, 3, to: UInt32(newValue)) }
    }

    /// UUID Selection Supported (USS), bit 19.
    public var selectsUUID: Bool {
        get { rawValue.bit(19) }
        set { rawValue.setBit(19, to: newValue) }
    }

    /// Command Scope (CSP), bits 31:20; empty is not reported.
    public var scope: EffectScope {
        get { EffectScope(rawValue: UInt16(rawValue.bits(20, 12))) }
        set { rawValue.setBits(20, 12, to: UInt32(newValue.rawValue)) }
    }
}

/// The Commands Supported and Effects log page: 4,096 bytes, four for each opcode of the Admin and of one I/O
/// command set.
///
/// Source: NVM Express Base Specification, "Commands Supported and Effects".
public struct CommandEffectsLog: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// Bytes 1023:0 (ACS0 to ACS255). Admin commands; one that is not here is not supported.
    public var admin: [AdminOpcode: CommandEffects]
    /// Bytes 2047:1024 (IOCS0 to IOCS255). I/O commands; one that is not here is not supported.
    public var io: [IOOpcode: CommandEffects]

    public init(admin: [AdminOpcode: CommandEffects] = [:], io: [IOOpcode: CommandEffects] = [:]) {
        self.admin = admin
        self.io = io
    }

    /// Reads the log page; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= CommandEffectsLog.byteCount else { return nil }
        self.init()
        for opcode in UInt8.min...UInt8.max {
            let adminEffects = CommandEffects(rawValue: bytes.uint32(at: Int(opcode) * 4))
            if adminEffects.rawValue != 0 { admin[AdminOpcode(rawValue: opcode)] = adminEffects }
            let ioEffects = CommandEffects(rawValue: bytes.uint32(at: 1024 + Int(opcode) * 4))
            if ioEffects.rawValue != 0 { io[IOOpcode(rawValue: opcode)] = ioEffects }
        }
    }

    /// Writes the 4,096 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: CommandEffectsLog.byteCount)
        for (opcode, effects) in admin { bytes.store(effects.rawValue, at: Int(opcode.rawValue) * 4) }
        for (opcode, effects) in io { bytes.store(effects.rawValue, at: 1024 + Int(opcode.rawValue) * 4) }
    }
}

/// What setting one feature does: 4 bytes.
///
/// Source: NVM Express Base Specification, "Feature Identifiers Supported and Effects", FID Supported and
/// Effects data structure.
public struct FeatureEffects: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// FID Supported (FSUPP), bit 0, and nothing else.
    public static let supported = FeatureEffects(rawValue: 1)

    /// FID Supported (FSUPP), bit 0.
    public var isSupported: Bool {
        get { rawValue.bit(0) }
        set { rawValue.setBit(0, to: newValue) }
    }

    /// User Data Content Change (UDCC), bit 1.
    public var changesData: Bool {
        get { rawValue.bit(1) }
        set { rawValue.setBit(1, to: newValue) }
    }

    /// Namespace Capability Change (NCC), bit 2.
    public var changesNamespace: Bool {
        get { rawValue.bit(2) }
        set { rawValue.setBit(2, to: newValue) }
    }

    /// Namespace Inventory Change (NIC), bit 3.
    public var changesInventory: Bool {
        get { rawValue.bit(3) }
        set { rawValue.setBit(3, to: newValue) }
    }

    /// Controller Capability Change (CCC), bit 4.
    public var changesController: Bool {
        get { rawValue.bit(4) }
        set { rawValue.setBit(4, to: newValue) }
    }

    /// UUID Selection Supported (USS), bit 19.
    public var selectsUUID: Bool {
        get { rawValue.bit(19) }
        set { rawValue.setBit(19, to: newValue) }
    }

    /// FID Scope (FSP), bits 31:20; empty is not reported.
    public var scope: EffectScope {
        get { EffectScope(rawValue: UInt16(rawValue.bits(20, 12))) }
        set { rawValue.setBits(20, 12, to: UInt32(newValue.rawValue)) }
    }
}

/// The Feature Identifiers Supported and Effects log page: 1,024 bytes, four for each of the 256 identifiers.
///
/// Source: NVM Express Base Specification, "Feature Identifiers Supported and Effects".
public struct FeatureEffectsLog: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 1024

    /// The features; one that is not here is not supported.
    public var features: [FeatureID: FeatureEffects]

    public init(_ features: [FeatureID: FeatureEffects] = [:]) { self.features = features }

    /// Reads the log page; nil where `bytes` is shorter than 1,024 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= FeatureEffectsLog.byteCount else { return nil }
        features = [:]
        for feature in UInt8.min...UInt8.max {
            let effects = FeatureEffects(rawValue: bytes.uint32(at: Int(feature) * 4))
            if effects.rawValue != 0 { features[FeatureID(rawValue: feature)] = effects }
        }
    }

    /// Writes the 1,024 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: FeatureEffectsLog.byteCount)
        for (feature, effects) in features { bytes.store(effects.rawValue, at: Int(feature.rawValue) * 4) }
    }
}
