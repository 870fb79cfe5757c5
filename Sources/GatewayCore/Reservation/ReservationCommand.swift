// The reservation commands, parsed: what they ask for, checked as far as entry and data alone tell. The shard
// of the queue parses; the namespace's home shard applies.

internal import NVMeTCP

/// One command about a namespace's reservation.
enum ReservationCommand: Equatable, Sendable {
    case register(Register)
    case acquire(Acquire)
    case release(Release)
    /// Answered with the state as it is between two of the others.
    case report
    /// Set Features, Reservation Persistence.
    case setPersistence(Bool)

    struct Register: Equatable, Sendable {
        /// Reservation Register Action (RREGA), CDW10 bits 2:0.
        let action: ReservationRegisterAction
        /// Ignore Existing Key (IEKEY), CDW10 bit 3: unregister and replace whatever the key is.
        let ignoresKey: Bool
        /// Change Persist Through Power Loss State (CPTPL), CDW10 bits 31:30.
        let persistence: ReservationPersistenceChange
        let data: ReservationRegisterData
    }

    struct Acquire: Equatable, Sendable {
        /// Reservation Acquire Action (RACQA), CDW10 bits 2:0.
        let action: ReservationAcquireAction
        /// Reservation Type (RTYPE), CDW10 bits 15:8.
        let type: ReservationType
        let data: ReservationAcquireData
    }

    struct Release: Equatable, Sendable {
        /// Reservation Release Action (RRELA), CDW10 bits 2:0.
        let action: ReservationReleaseAction
        /// Reservation Type (RTYPE), CDW10 bits 15:8; Clear does not look at it.
        let type: ReservationType
        let data: ReservationReleaseData
    }
}

extension ReservationCommand {
    /// Reads a command whose data is complete.
    ///
    /// - Parameter canPersist: Whether reservations may persist through power loss here.
    /// - Throws: Invalid Field in Command for the lowest wrong field.
    ///
    /// Source: NVM Express Base Specification, "Reservation Register command", "Reservation Acquire command",
    /// "Reservation Release command", "Reservation Report command".
    static func parse(
        _ command: SubmissionEntry, _ action: IOAction, data: RawSpan, canPersist: Bool
    ) throws(CommandFailure) -> ReservationCommand {
        switch action {
        case .reservationRegister:
            .register(try parseRegister(command, data, canPersist: canPersist))
        case .reservationAcquire: .acquire(try parseAcquire(command, data))
        case .reservationRelease: .release(try parseRelease(command, data))
        case .reservationReport: .report
        default: preconditionFailure("only reservation commands are parsed here")
        }
    }

    private static func parseRegister(
        _ command: SubmissionEntry, _ bytes: RawSpan, canPersist: Bool
    ) throws(CommandFailure) -> Register {
        let action = ReservationRegisterAction(rawValue: actionField(command))
        guard action.rawValue <= ReservationRegisterAction.replace.rawValue else {
            throw .invalidField(byte: 40)
        }
        let persistence = ReservationPersistenceChange(rawValue: UInt8(command.dword10 >> 30))
        switch persistence {
        case .none, .clear: break
        case .set where canPersist: break
        default: throw .invalidField(byte: 43, bit: 6)
        }
        guard let data = ReservationRegisterData(bytes) else { throw .shortData }
        return Register(
            action: action, ignoresKey: ignoresKey(command), persistence: persistence, data: data)
    }

    private static func parseAcquire(
        _ command: SubmissionEntry, _ bytes: RawSpan
    ) throws(CommandFailure) -> Acquire {
        let action = ReservationAcquireAction(rawValue: actionField(command))
        guard action.rawValue <= ReservationAcquireAction.preemptAndAbort.rawValue else {
            throw .invalidField(byte: 40)
        }
        // Until NVMe 1.2.1 it meant something here (RESCAP bit 7).
        guard !ignoresKey(command) else { throw .invalidField(byte: 40, bit: 3) }
        let type = typeField(command)
        guard type.isDefined else { throw .invalidField(byte: 41) }
        guard let data = ReservationAcquireData(bytes) else { throw .shortData }
        return Acquire(action: action, type: type, data: data)
    }

    private static func parseRelease(
        _ command: SubmissionEntry, _ bytes: RawSpan
    ) throws(CommandFailure) -> Release {
        let action = ReservationReleaseAction(rawValue: actionField(command))
        guard action.rawValue <= ReservationReleaseAction.clear.rawValue else {
            throw .invalidField(byte: 40)
        }
        guard !ignoresKey(command) else { throw .invalidField(byte: 40, bit: 3) }
        guard let data = ReservationReleaseData(bytes) else { throw .shortData }
        return Release(action: action, type: typeField(command), data: data)
    }

    private static func actionField(_ command: SubmissionEntry) -> UInt8 { UInt8(command.dword10 & 0x7) }

    private static func ignoresKey(_ command: SubmissionEntry) -> Bool { command.dword10 & 1 << 3 != 0 }

    private static func typeField(_ command: SubmissionEntry) -> ReservationType {
        ReservationType(rawValue: UInt8(truncatingIfNeeded: command.dword10 >> 8))
    }
}

extension CommandFailure {
    fileprivate static var shortData: CommandFailure {
        CommandFailure(.dataSGLLengthInvalid.notRetryable, at: ParameterErrorLocation(byte: 32))
    }
}

/// Reservation Report's own fields.
///
/// Source: NVM Express Base Specification, "Reservation Report command".
struct ReservationReportRequest {
    /// Number of Dwords (NUMD), CDW10; 0's based on the wire.
    let dwordCount: UInt64
    /// Extended Data Structure (EDS), CDW11 bit 0.
    let isExtended: Bool

    init(_ command: SubmissionEntry) {
        dwordCount = UInt64(command.dword10) + 1
        isExtended = command.dword11 & 1 != 0
    }

    /// The length of the reply, in bytes.
    ///
    /// - Throws: Invalid Field in Command if it is longer than a command's data may be (MDTS); Host
    ///   Identifier Inconsistent Format for the structure without room for the 128-bit Host Identifiers that
    ///   hosts have over Fabrics.
    func byteCount(limits: Limits) throws(CommandFailure) -> Int {
        guard dwordCount <= UInt64(limits.transferBytesMax / 4) else { throw .invalidField(byte: 40) }
        guard isExtended else {
            throw CommandFailure(
                .hostIDInconsistentFormat.notRetryable, at: ParameterErrorLocation(byte: 44))
        }
        return Int(dwordCount) * 4
    }
}
