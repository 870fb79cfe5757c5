// The identifiers of what Identify can return. GatewayCore's identify table has a row for each that it
// serves; an unknown value is a value like any other.

/// Controller or Namespace Structure (CNS) of an Identify command.
///
/// Source: NVM Express Base Specification, "Identify command", CNS Values.
public struct IdentifyCNS: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Identify Namespace: 00h.
    @inlinable public static var namespace: IdentifyCNS { IdentifyCNS(rawValue: 0x00) }
    /// Identify Controller: 01h.
    @inlinable public static var controller: IdentifyCNS { IdentifyCNS(rawValue: 0x01) }
    /// Active Namespace ID list: 02h.
    @inlinable public static var activeNamespaces: IdentifyCNS { IdentifyCNS(rawValue: 0x02) }
    /// Namespace Identification Descriptor list: 03h.
    @inlinable public static var namespaceDescriptors: IdentifyCNS { IdentifyCNS(rawValue: 0x03) }
    /// NVM Set List: 04h.
    @inlinable public static var nvmSets: IdentifyCNS { IdentifyCNS(rawValue: 0x04) }
    /// I/O Command Set specific Identify Namespace: 05h.
    @inlinable public static var commandSetNamespace: IdentifyCNS { IdentifyCNS(rawValue: 0x05) }
    /// I/O Command Set specific Identify Controller: 06h.
    @inlinable public static var commandSetController: IdentifyCNS { IdentifyCNS(rawValue: 0x06) }
    /// I/O Command Set specific Active Namespace ID list: 07h.
    @inlinable public static var commandSetActiveNamespaces: IdentifyCNS { IdentifyCNS(rawValue: 0x07) }
    /// I/O Command Set Independent Identify Namespace: 08h.
    @inlinable public static var independentNamespace: IdentifyCNS { IdentifyCNS(rawValue: 0x08) }
    /// Identify Namespace of a user data format: 09h.
    @inlinable public static var namespaceFormat: IdentifyCNS { IdentifyCNS(rawValue: 0x09) }
    /// I/O Command Set specific Identify Namespace of a user data format: 0Ah.
    @inlinable public static var commandSetNamespaceFormat: IdentifyCNS { IdentifyCNS(rawValue: 0x0A) }
    /// Allocated Namespace ID list: 10h.
    @inlinable public static var allocatedNamespaces: IdentifyCNS { IdentifyCNS(rawValue: 0x10) }
    /// Identify Namespace of an allocated namespace: 11h.
    @inlinable public static var allocatedNamespace: IdentifyCNS { IdentifyCNS(rawValue: 0x11) }
    /// Controller list of a namespace: 12h.
    @inlinable public static var attachedControllers: IdentifyCNS { IdentifyCNS(rawValue: 0x12) }
    /// Controller list of the NVM subsystem: 13h.
    @inlinable public static var controllers: IdentifyCNS { IdentifyCNS(rawValue: 0x13) }
    /// Primary Controller Capabilities: 14h.
    @inlinable public static var primaryControllerCapabilities: IdentifyCNS { IdentifyCNS(rawValue: 0x14) }
    /// Secondary Controller list: 15h.
    @inlinable public static var secondaryControllers: IdentifyCNS { IdentifyCNS(rawValue: 0x15) }
    /// Namespace Granularity List: 16h.
    @inlinable public static var namespaceGranularities: IdentifyCNS { IdentifyCNS(rawValue: 0x16) }
    /// UUID List: 17h.
    @inlinable public static var uuids: IdentifyCNS { IdentifyCNS(rawValue: 0x17) }
    /// Domain List: 18h.
    @inlinable public static var domains: IdentifyCNS { IdentifyCNS(rawValue: 0x18) }
    /// Endurance Group List: 19h.
    @inlinable public static var enduranceGroups: IdentifyCNS { IdentifyCNS(rawValue: 0x19) }
    /// I/O Command Set specific Allocated Namespace ID list: 1Ah.
    @inlinable public static var commandSetAllocatedNamespaces: IdentifyCNS { IdentifyCNS(rawValue: 0x1A) }
    /// I/O Command Set specific Identify Namespace of an allocated namespace: 1Bh.
    @inlinable public static var commandSetAllocatedNamespace: IdentifyCNS { IdentifyCNS(rawValue: 0x1B) }
    /// Identify I/O Command Set: 1Ch.
    @inlinable public static var commandSets: IdentifyCNS { IdentifyCNS(rawValue: 0x1C) }
    /// Underlying Namespace List: 1Dh.
    @inlinable public static var underlyingNamespaces: IdentifyCNS { IdentifyCNS(rawValue: 0x1D) }
    /// Ports List: 1Eh.
    @inlinable public static var ports: IdentifyCNS { IdentifyCNS(rawValue: 0x1E) }
    /// I/O Command Set Independent Identify Namespace of an allocated namespace: 1Fh.
    @inlinable public static var independentAllocatedNamespace: IdentifyCNS { IdentifyCNS(rawValue: 0x1F) }
    /// Supported Controller State Formats: 20h.
    @inlinable public static var controllerStateFormats: IdentifyCNS { IdentifyCNS(rawValue: 0x20) }
}

extension IdentifyCNS {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        IdentifyCNS.table.first { $0.value == self }?.name
            ?? "IdentifyCNS \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: IdentifyCNS, name: String)] = [
        (.namespace, "Identify Namespace"),
        (.controller, "Identify Controller"),
        (.activeNamespaces, "Active Namespace ID list"),
        (.namespaceDescriptors, "Namespace Identification Descriptor list"),
        (.nvmSets, "NVM Set List"),
        (.commandSetNamespace, "I/O Command Set specific Identify Namespace"),
        (.commandSetController, "I/O Command Set specific Identify Controller"),
        (.commandSetActiveNamespaces, "I/O Command Set specific Active Namespace ID list"),
        (.independentNamespace, "I/O Command Set Independent Identify Namespace"),
        (.namespaceFormat, "Identify Namespace of a user data format"),
        (.commandSetNamespaceFormat, "I/O Command Set specific Identify Namespace of a user data format"),
        (.allocatedNamespaces, "Allocated Namespace ID list"),
        (.allocatedNamespace, "Identify Namespace of an allocated namespace"),
        (.attachedControllers, "Controller list of a namespace"),
        (.controllers, "Controller list of the NVM subsystem"),
        (.primaryControllerCapabilities, "Primary Controller Capabilities"),
        (.secondaryControllers, "Secondary Controller list"),
        (.namespaceGranularities, "Namespace Granularity List"),
        (.uuids, "UUID List"),
        (.domains, "Domain List"),
        (.enduranceGroups, "Endurance Group List"),
        (.commandSetAllocatedNamespaces, "I/O Command Set specific Allocated Namespace ID list"),
        (
            .commandSetAllocatedNamespace,
            "I/O Command Set specific Identify Namespace of an allocated namespace"
        ),
        (.commandSets, "Identify I/O Command Set"),
        (.underlyingNamespaces, "Underlying Namespace List"),
        (.ports, "Ports List"),
        (
            .independentAllocatedNamespace,
            "I/O Command Set Independent Identify Namespace of an allocated namespace"
        ),
        (.controllerStateFormats, "Supported Controller State Formats"),
    ]
}

/// Command Set Identifier (CSI).
///
/// Source: NVM Express Base Specification, "I/O Command Sets", Command Set Identifiers.
public struct CommandSetID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    @inlinable
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// NVM Command Set: 00h.
    @inlinable public static var nvm: CommandSetID { CommandSetID(rawValue: 0x00) }
    /// Key Value Command Set: 01h.
    @inlinable public static var keyValue: CommandSetID { CommandSetID(rawValue: 0x01) }
    /// Zoned Namespace Command Set: 02h.
    @inlinable public static var zonedNamespace: CommandSetID { CommandSetID(rawValue: 0x02) }
    /// Subsystem Local Memory Command Set: 03h.
    @inlinable public static var subsystemLocalMemory: CommandSetID { CommandSetID(rawValue: 0x03) }
    /// Computational Programs Command Set: 04h.
    @inlinable public static var computationalPrograms: CommandSetID { CommandSetID(rawValue: 0x04) }
}

extension CommandSetID {
    /// The name as the specification writes it; in hexadecimal where it has none.
    public var name: String {
        CommandSetID.table.first { $0.value == self }?.name
            ?? "CommandSetID \(String(rawValue, radix: 16, uppercase: true))h"
    }

    /// Every value that has a name.
    public static let table: [(value: CommandSetID, name: String)] = [
        (.nvm, "NVM Command Set"),
        (.keyValue, "Key Value Command Set"),
        (.zonedNamespace, "Zoned Namespace Command Set"),
        (.subsystemLocalMemory, "Subsystem Local Memory Command Set"),
        (.computationalPrograms, "Computational Programs Command Set"),
    ]
}
