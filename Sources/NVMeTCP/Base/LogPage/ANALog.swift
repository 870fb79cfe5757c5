// The Asymmetric Namespace Access log (LID 0Ch): through which controllers a group of namespaces is best
// reached. GatewayCore fills one from the subsystem's groups; the host side reads it.

/// Asymmetric Namespace Access State: how this controller reaches a group's namespaces.
///
/// Source: NVM Express Base Specification, "Asymmetric Namespace Access", ANA Group Descriptor.
public struct ANAState: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ANA Optimized: 1h.
    @inlinable public static var optimized: ANAState { ANAState(rawValue: 0x1) }
    /// ANA Non-Optimized: 2h.
    @inlinable public static var nonOptimized: ANAState { ANAState(rawValue: 0x2) }
    /// ANA Inaccessible: 3h.
    @inlinable public static var inaccessible: ANAState { ANAState(rawValue: 0x3) }
    /// ANA Persistent Loss: 4h.
    @inlinable public static var persistentLoss: ANAState { ANAState(rawValue: 0x4) }
    /// ANA Change: Fh.
    @inlinable public static var change: ANAState { ANAState(rawValue: 0xF) }
}

extension ANAState {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        ANAState.table.first { $0.value == self }?.name
            ?? "ANAState \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: ANAState, name: String)] = [
        (.optimized, "ANA Optimized"),
        (.nonOptimized, "ANA Non-Optimized"),
        (.inaccessible, "ANA Inaccessible"),
        (.persistentLoss, "ANA Persistent Loss"),
        (.change, "ANA Change"),
    ]
}

/// An ANA Group Descriptor: 32 bytes, and four for each of the group's namespaces.
///
/// Source: NVM Express Base Specification, "Asymmetric Namespace Access", ANA Group Descriptor.
public struct ANAGroupDescriptor: Hashable, Sendable {
    /// The size of a descriptor without namespaces, in bytes.
    public static let headerByteCount = 32

    /// Bytes 3:0. ANA Group ID (AGID).
    public var groupID: UInt32
    /// Bytes 15:8. Change Count (CHCNT): goes up with each change of this descriptor; 0 is not reported.
    public var changeCount: UInt64
    /// Byte 16, bits 3:0. ANA State (ASTATE).
    public var state: ANAState
    /// From byte 32 on. The group's namespaces, in ascending order; their number is in bytes 7:4 (NNSIDV).
    /// None where the host asked for groups only (RGO).
    public var namespaceIDs: [NamespaceID]

    public init(groupID: UInt32, changeCount: UInt64, state: ANAState, namespaceIDs: [NamespaceID] = []) {
        self.groupID = groupID
        self.changeCount = changeCount
        self.state = state
        self.namespaceIDs = namespaceIDs
    }

    /// The size on the wire, in bytes.
    public var byteCount: Int { ANAGroupDescriptor.headerByteCount + namespaceIDs.count * 4 }
}

/// The Asymmetric Namespace Access log page: a header of 16 bytes and the groups.
///
/// Source: NVM Express Base Specification, "Asymmetric Namespace Access".
public struct ANALog: Hashable, Sendable {
    /// The size of the header, in bytes.
    public static let headerByteCount = 16

    /// Bytes 7:0. Change Count (CHCNT): goes up with each change of the log.
    public var changeCount: UInt64
    /// The groups, in ascending order of their identifiers; their number is in bytes 9:8 (NAGD).
    public var groups: [ANAGroupDescriptor]

    public init(changeCount: UInt64, groups: [ANAGroupDescriptor]) {
        self.changeCount = changeCount
        self.groups = groups
    }

    /// The size on the wire, in bytes.
    public var byteCount: Int { groups.reduce(ANALog.headerByteCount) { $0 + $1.byteCount } }

    /// Reads the log; nil where `bytes` ends before the log does.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= ANALog.headerByteCount else { return nil }
        changeCount = bytes.uint64(at: 0)
        groups = []
        var offset = ANALog.headerByteCount
        for _ in 0..<Int(bytes.uint16(at: 8)) {
            guard bytes.byteCount - offset >= ANAGroupDescriptor.headerByteCount else { return nil }
            let count = Int(bytes.uint32(at: offset + 4))
            var group = ANAGroupDescriptor(
                groupID: bytes.uint32(at: offset), changeCount: bytes.uint64(at: offset + 8),
                state: ANAState(rawValue: bytes.uint8(at: offset + 16) & 0xF))
            offset += ANAGroupDescriptor.headerByteCount
            guard count <= (bytes.byteCount - offset) / 4 else { return nil }
            for index in 0..<count { group.namespaceIDs.append(bytes.uint32(at: offset + index * 4)) }
            offset += count * 4
            groups.append(group)
        }
    }

    /// Writes the log at the start of `bytes`, which must hold `byteCount` bytes.
    public func encode(into bytes: inout MutableRawSpan) {
        bytes.zero(count: byteCount)
        bytes.store(changeCount, at: 0)
        bytes.store(UInt16(groups.count), at: 8)
        var offset = ANALog.headerByteCount
        for group in groups {
            bytes.store(group.groupID, at: offset)
            bytes.store(UInt32(group.namespaceIDs.count), at: offset + 4)
            bytes.store(group.changeCount, at: offset + 8)
            bytes.store(group.state.rawValue & 0xF, at: offset + 16)
            offset += ANAGroupDescriptor.headerByteCount
            for namespaceID in group.namespaceIDs {
                bytes.store(namespaceID, at: offset)
                offset += 4
            }
        }
    }
}
