// The lists that Identify returns: namespaces, controllers, command sets. GatewayCore fills them; the host
// side reads them.

/// A list of namespace identifiers: 4,096 bytes, up to 1,024 entries in ascending order, then zeroes. It
/// answers CNS 02h, 07h and 10h, and is the Changed Attached Namespace List log page (04h).
///
/// Source: NVM Express Base Specification, "Namespace List Format".
public struct NamespaceList: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// The most entries.
    public static let countMax = 1024

    /// The identifiers, in ascending order.
    public var namespaceIDs: [NamespaceID]

    public init(_ namespaceIDs: [NamespaceID]) {
        precondition(namespaceIDs.count <= NamespaceList.countMax, "a namespace list holds 1,024 entries")
        self.namespaceIDs = namespaceIDs
    }

    /// What the Changed Attached Namespace List log holds when more than 1,024 namespaces changed.
    public static var tooManyChanged: NamespaceList { NamespaceList([.broadcastNamespace]) }

    /// Reads the list up to its first zero; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= NamespaceList.byteCount else { return nil }
        namespaceIDs = []
        for index in 0..<NamespaceList.countMax {
            let namespaceID = bytes.uint32(at: index * 4)
            if namespaceID == 0 { return }
            namespaceIDs.append(namespaceID)
        }
    }

    /// Writes the 4,096 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: NamespaceList.byteCount)
        for (index, namespaceID) in namespaceIDs.enumerated() { bytes.store(namespaceID, at: index * 4) }
    }
}

/// A list of controller identifiers: 4,096 bytes, a count and up to 2,047 entries in ascending order. It
/// answers CNS 12h and 13h.
///
/// Source: NVM Express Base Specification, "Controller List Format".
public struct ControllerList: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// The most entries.
    public static let countMax = 2047

    /// The identifiers, in ascending order.
    public var controllerIDs: [ControllerID]

    public init(_ controllerIDs: [ControllerID]) {
        precondition(controllerIDs.count <= ControllerList.countMax, "a controller list holds 2,047 entries")
        self.controllerIDs = controllerIDs
    }

    /// Reads the list; nil where `bytes` is shorter than 4,096 bytes or counts more than 2,047 entries.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= ControllerList.byteCount else { return nil }
        let count = Int(bytes.uint16(at: 0))
        guard count <= ControllerList.countMax else { return nil }
        controllerIDs = []
        for index in 0..<count { controllerIDs.append(bytes.uint16(at: 2 + index * 2)) }
    }

    /// Writes the 4,096 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: ControllerList.byteCount)
        bytes.store(UInt16(controllerIDs.count), at: 0)
        for (index, controllerID) in controllerIDs.enumerated() {
            bytes.store(controllerID, at: 2 + index * 2)
        }
    }
}

/// The I/O Command Set data structure (CNS 1Ch): 4,096 bytes, up to 512 combinations of I/O command sets that
/// can be used at once; in each, the bit of a Command Set Identifier. The first zero ends them.
///
/// Source: NVM Express Base Specification, "I/O Command Set data structure".
public struct CommandSetCombinations: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 4096

    /// The most combinations.
    public static let countMax = 512

    /// The combinations (IOCSC): bit 0 is the NVM command set.
    public var combinations: [UInt64]

    public init(_ combinations: [UInt64]) {
        precondition(combinations.count <= CommandSetCombinations.countMax, "there are 512 combinations")
        self.combinations = combinations
    }

    /// One combination: the NVM command set alone.
    public static var nvmOnly: CommandSetCombinations { CommandSetCombinations([1]) }

    /// Reads the combinations up to the first zero; nil where `bytes` is shorter than 4,096 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= CommandSetCombinations.byteCount else { return nil }
        combinations = []
        for index in 0..<CommandSetCombinations.countMax {
            let combination = bytes.uint64(at: index * 8)
            if combination == 0 { return }
            combinations.append(combination)
        }
    }

    /// Writes the 4,096 bytes at the start of `bytes`.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: CommandSetCombinations.byteCount)
        for (index, combination) in combinations.enumerated() { bytes.store(combination, at: index * 8) }
    }
}
