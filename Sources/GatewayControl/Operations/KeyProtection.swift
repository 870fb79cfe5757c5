// How hosts' and subsystems' keys are kept in the state: upstream encrypts them with the key of a file that
// all gateways have, and keeps none if there is no such file.

/// Encrypts and decrypts the keys of the state.
public protocol KeyProtection: Sendable {
    /// The text to keep for a key; nil if keys can't be kept here.
    func protect(_ key: String) -> ProtectedKey?
    /// The key of a kept text; nil if it can't be read here.
    func reveal(_ kept: ProtectedKey) -> String?
}

/// A key as the state has it.
public struct ProtectedKey: Hashable, Sendable {
    public var text: String
    public var isEncrypted: Bool

    public init(text: String, isEncrypted: Bool) {
        self.text = text
        self.isEncrypted = isEncrypted
    }

    /// What is kept for a subsystem's key that could not be encrypted: no host gets in with it.
    public static let invalid = ProtectedKey(text: "<invalid>", isEncrypted: false)
}

/// No file with an encryption key: nothing can be kept, and nothing that is encrypted can be read.
public struct NoKeyProtection: KeyProtection {
    public init() {}
    public func protect(_ key: String) -> ProtectedKey? { nil }
    public func reveal(_ kept: ProtectedKey) -> String? {
        kept.isEncrypted || kept == .invalid ? nil : kept.text
    }
}

/// Encryption is switched off (`enable_key_encryption = False`): keys are kept as they are.
public struct PlainKeys: KeyProtection {
    public init() {}
    public func protect(_ key: String) -> ProtectedKey? { ProtectedKey(text: key, isEncrypted: false) }
    public func reveal(_ kept: ProtectedKey) -> String? {
        kept.isEncrypted || kept == .invalid ? nil : kept.text
    }
}
