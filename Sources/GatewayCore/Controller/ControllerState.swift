// A controller's life as CC and CSTS show it: disabled, ready, disabling, failed, and whether a shutdown was
// asked for. A pure state machine: PropertyHandler hands it what the host writes to CC, Controller carries
// out what it answers.

internal import NVMeTCP

/// CC and CSTS of one controller.
///
/// Source: NVM Express Base Specification, "Controller Configuration", "Controller Status", "Controller
/// Shutdown".
struct ControllerState: Equatable {
    /// Whether the controller serves commands.
    enum Phase: Equatable, CaseIterable {
        /// CC.EN is 0, CSTS.RDY is 0.
        case disabled
        /// CC.EN is 1, CSTS.RDY is 1.
        case ready
        /// CC.EN is 0, CSTS.RDY still 1: I/O queues are being closed.
        case disabling
        /// CSTS.CFS is 1: the controller was enabled with a configuration that it can't have.
        case failed
    }

    /// How far a shutdown has come: CSTS.SHST.
    enum Shutdown: Equatable, CaseIterable {
        case none
        case occurring
        case complete
    }

    /// What a write to CC makes the controller do.
    enum Change: Equatable {
        case none
        case enabled
        /// Close the I/O queues, then `queuesClosed`; if a shutdown was asked for with it, do that as well.
        case disabling(shutsDown: Bool)
        /// Make what was acknowledged durable, then `shutdownCompleted`.
        case shutdown(isAbrupt: Bool)
    }

    let type: ControllerTypes
    private(set) var phase = Phase.disabled
    private(set) var shutdown = Shutdown.none
    private(set) var configuration = ControllerConfiguration(rawValue: 0)

    init(type: ControllerTypes) { self.type = type }

    /// Whether commands other than Fabrics are served.
    var servesCommands: Bool { phase == .ready && shutdown == .none }

    /// CSTS.
    var status: ControllerStatus {
        var status = ControllerStatus(rawValue: 0)
        status.ready = phase == .ready || phase == .disabling
        status.fatal = phase == .failed
        switch shutdown {
        case .none: status.shutdown = .none
        case .occurring: status.shutdown = .occurring
        case .complete: status.shutdown = .complete
        }
        return status
    }

    /// The bits of CC that are not read-only: CRIME is, as CAP.CRMS has one mode only.
    private static let writableBits: UInt32 = 0x00FF_FFF1

    /// The host writes CC.
    ///
    /// - Throws: Invalid Field in Command if it changes what must not change while the controller is
    ///   enabled, or writes a shutdown notification that is reserved.
    mutating func write(_ value: ControllerConfiguration) throws(CommandFailure) -> Change {
        let valueByte: UInt8 = 48
        let new = ControllerConfiguration(rawValue: value.rawValue & Self.writableBits)
        guard new.shutdownNotification.rawValue < 3 else { throw .invalidField(byte: valueByte + 1, bit: 6) }
        let old = configuration
        switch phase {
        case .disabled:
            configuration = new
            return new.enabled ? enable() : notifyShutdown(from: old)
        case .ready:
            guard new.enabled else {
                // Cleared together with a notification: a reset and a shutdown both. After a shutdown it is a
                // reset, which ends that.
                let shutsDown = shutdown == .none && new.shutdownNotification != .none
                configuration = new
                phase = .disabling
                shutdown = shutsDown ? .occurring : .none
                return .disabling(shutsDown: shutsDown)
            }
            guard new.commandSetSelected == old.commandSetSelected else {
                throw .invalidField(byte: valueByte, bit: 4)
            }
            guard new.pageSizeShift == old.pageSizeShift else { throw .invalidField(byte: valueByte, bit: 7) }
            guard new.arbitrationMechanism == old.arbitrationMechanism else {
                throw .invalidField(byte: valueByte + 1, bit: 3)
            }
            configuration = new
            return notifyShutdown(from: old)
        case .disabling:
            // Enabling has to wait for CSTS.RDY = 0.
            guard !new.enabled else { throw .outOfSequence }
            configuration = new
            return .none
        case .failed:
            configuration = new
            if !new.enabled { phase = .disabled }
            return .none
        }
    }

    /// The I/O queues are closed: the controller is disabled, and its properties are reset, CC too (Base
    /// Specification, "Controller Level Reset": message-based controllers have no exceptions).
    mutating func queuesClosed() {
        precondition(phase == .disabling, "queues are only closed on a reset")
        phase = .disabled
        configuration = ControllerConfiguration(rawValue: 0)
    }

    /// What was acknowledged is durable. Nothing happens if a reset came in between.
    mutating func shutdownCompleted() {
        if shutdown == .occurring { shutdown = .complete }
    }

    private mutating func enable() -> Change {
        shutdown = .none
        guard isAcceptable(configuration) else {
            phase = .failed
            return .none
        }
        phase = .ready
        return .enabled
    }

    private mutating func notifyShutdown(from old: ControllerConfiguration) -> Change {
        let notification = configuration.shutdownNotification
        guard notification != .none, notification != old.shutdownNotification, shutdown == .none else {
            return .none
        }
        shutdown = .occurring
        return .shutdown(isAbrupt: notification == .abrupt)
    }

    /// Whether the controller can run as configured: 4 KiB pages, round robin, entries of 64 and 16 bytes,
    /// and the NVM command set, alone (000b) or as one of all supported ones (110b). The sizes of entries may
    /// be left at 0: a host learns them from Identify Controller, when it has enabled the controller, and
    /// over Fabrics there is no other (Base Specification, "Message-based Controller Initialization").
    private func isAcceptable(_ new: ControllerConfiguration) -> Bool {
        guard new.pageSizeShift == 0, new.arbitrationMechanism == 0 else { return false }
        let (none, all, adminOnly): (UInt8, UInt8, UInt8) = (0b000, 0b110, 0b111)
        if type == .discovery {
            // It has no I/O queues, so that entry sizes don't matter, and hosts select what they do
            // elsewhere.
            return [none, all, adminOnly].contains(new.commandSetSelected)
        }
        return [none, all].contains(new.commandSetSelected) && [0, 6].contains(new.submissionEntrySizeShift)
            && [0, 4].contains(new.completionEntrySizeShift)
    }
}
