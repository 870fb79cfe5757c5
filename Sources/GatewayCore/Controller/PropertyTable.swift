// The controller properties: one row each. PropertyHandler looks them up by offset; the documentation is
// made from the rows.

internal import NVMeTCP

/// One property.
struct PropertyRow {
    let offset: PropertyOffset
    let name: StaticString
    /// 4 or 8 bytes.
    let size: PropertySize
    let isWritable: Bool
}

/// The properties of a message-based controller. Registers that only memory-based controllers have
/// (doorbells, queue base addresses, interrupt masks, memory buffers) are no properties: their offsets are
/// refused.
///
/// Source: NVM Express Base Specification, "Property Definition".
enum PropertyTable {
    static let rows = [
        PropertyRow(
            offset: .capabilities, name: "Controller Capabilities (CAP)", size: .eightBytes, isWritable: false
        ),
        PropertyRow(offset: .version, name: "Version (VS)", size: .fourBytes, isWritable: false),
        PropertyRow(
            offset: .configuration, name: "Controller Configuration (CC)", size: .fourBytes,
            isWritable: true),
        PropertyRow(offset: .status, name: "Controller Status (CSTS)", size: .fourBytes, isWritable: false),
        // CAP.NSSRS is 0: it reads as 0 and a write has no effect.
        PropertyRow(
            offset: .subsystemReset, name: "NVM Subsystem Reset (NSSR)", size: .fourBytes, isWritable: true),
        PropertyRow(
            offset: .readyTimeouts, name: "Controller Ready Timeouts (CRTO)", size: .fourBytes,
            isWritable: false),
    ]

    /// The row of a property of this size at this offset.
    ///
    /// - Throws: Invalid Field in Command, at the size or at the offset.
    static func row(_ offset: PropertyOffset, size: PropertySize) throws(CommandFailure) -> PropertyRow {
        guard let row = rows.first(where: { $0.offset == offset }) else {
            throw .invalidField(byte: UInt8(PropertyCommandOffset.offset))
        }
        guard row.size == size else { throw .invalidField(byte: UInt8(PropertyCommandOffset.attributes)) }
        return row
    }
}

extension ControllerCapabilities {
    /// CAP of a controller of this type.
    ///
    /// Source: NVM Express Base Specification, "Offset 0h: CAP - Controller Capabilities".
    init(type: ControllerTypes, limits: Limits) {
        self.init(rawValue: 0)
        queueEntriesMax = type == .discovery ? limits.adminQueueEntriesMax : limits.queueEntriesMax
        contiguousQueuesRequired = true
        timeoutHalfSeconds = limits.readyTimeoutHalfSeconds
        // Bit 6 (which makes Identify CNS 1Ch mandatory) beside NVM: hosts then select 110b, "all supported".
        // A discovery controller, which has no I/O commands, says NVM all the same and nothing else.
        commandSets = type == .discovery ? .nvm : [.nvm, .selectable]
        readyWithMedia = true
    }
}
