// The names of the values a Status can have. GatewayCore answers with these; the table at the end gives logs,
// metrics and the initiator their text.

/// Generic Command Status (SCT 0).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Successful Completion: 00h.
    @inlinable public static var success: Status { Status(rawValue: 0x000) }
    /// Invalid Command Opcode: 01h.
    @inlinable public static var invalidOpcode: Status { Status(rawValue: 0x001) }
    /// Invalid Field in Command: 02h.
    @inlinable public static var invalidField: Status { Status(rawValue: 0x002) }
    /// Command ID Conflict: 03h.
    @inlinable public static var commandIDConflict: Status { Status(rawValue: 0x003) }
    /// Data Transfer Error: 04h.
    @inlinable public static var dataTransferError: Status { Status(rawValue: 0x004) }
    /// Commands Aborted due to Power Loss Notification: 05h.
    @inlinable public static var powerLoss: Status { Status(rawValue: 0x005) }
    /// Internal Error: 06h.
    @inlinable public static var internalError: Status { Status(rawValue: 0x006) }
    /// Command Abort Requested: 07h.
    @inlinable public static var abortRequested: Status { Status(rawValue: 0x007) }
    /// Command Aborted due to SQ Deletion: 08h.
    @inlinable public static var abortedQueueDeletion: Status { Status(rawValue: 0x008) }
    /// Command Aborted due to Failed Fused Command: 09h.
    @inlinable public static var abortedFailedFused: Status { Status(rawValue: 0x009) }
    /// Command Aborted due to Missing Fused Command: 0Ah.
    @inlinable public static var abortedMissingFused: Status { Status(rawValue: 0x00A) }
    /// Invalid Namespace or Format: 0Bh.
    @inlinable public static var invalidNamespaceOrFormat: Status { Status(rawValue: 0x00B) }
    /// Command Sequence Error: 0Ch.
    @inlinable public static var commandSequenceError: Status { Status(rawValue: 0x00C) }
    /// Invalid SGL Segment Descriptor: 0Dh.
    @inlinable public static var invalidSGLSegment: Status { Status(rawValue: 0x00D) }
    /// Invalid Number of SGL Descriptors: 0Eh.
    @inlinable public static var invalidSGLCount: Status { Status(rawValue: 0x00E) }
    /// Data SGL Length Invalid: 0Fh.
    @inlinable public static var dataSGLLengthInvalid: Status { Status(rawValue: 0x00F) }
    /// Metadata SGL Length Invalid: 10h.
    @inlinable public static var metadataSGLLengthInvalid: Status { Status(rawValue: 0x010) }
    /// SGL Descriptor Type Invalid: 11h.
    @inlinable public static var sglTypeInvalid: Status { Status(rawValue: 0x011) }
    /// Invalid Use of Controller Memory Buffer: 12h.
    @inlinable public static var invalidControllerMemoryBufferUse: Status { Status(rawValue: 0x012) }
    /// PRP Offset Invalid: 13h.
    @inlinable public static var prpOffsetInvalid: Status { Status(rawValue: 0x013) }
    /// Atomic Write Unit Exceeded: 14h.
    @inlinable public static var atomicWriteUnitExceeded: Status { Status(rawValue: 0x014) }
    /// Operation Denied: 15h.
    @inlinable public static var operationDenied: Status { Status(rawValue: 0x015) }
    /// SGL Offset Invalid: 16h.
    @inlinable public static var sglOffsetInvalid: Status { Status(rawValue: 0x016) }
    /// Host Identifier Inconsistent Format: 18h.
    @inlinable public static var hostIDInconsistentFormat: Status { Status(rawValue: 0x018) }
    /// Keep Alive Timer Expired: 19h.
    @inlinable public static var keepAliveExpired: Status { Status(rawValue: 0x019) }
    /// Keep Alive Timeout Invalid: 1Ah.
    @inlinable public static var keepAliveInvalid: Status { Status(rawValue: 0x01A) }
    /// Command Aborted due to Preempt and Abort: 1Bh.
    @inlinable public static var abortedPreempt: Status { Status(rawValue: 0x01B) }
    /// Sanitize Failed: 1Ch.
    @inlinable public static var sanitizeFailed: Status { Status(rawValue: 0x01C) }
    /// Sanitize In Progress: 1Dh.
    @inlinable public static var sanitizeInProgress: Status { Status(rawValue: 0x01D) }
    /// SGL Data Block Granularity Invalid: 1Eh.
    @inlinable public static var sglGranularityInvalid: Status { Status(rawValue: 0x01E) }
    /// Command Not Supported for Queue in CMB: 1Fh.
    @inlinable public static var commandNotSupportedInMemoryBuffer: Status { Status(rawValue: 0x01F) }
    /// Namespace is Write Protected: 20h.
    @inlinable public static var namespaceWriteProtected: Status { Status(rawValue: 0x020) }
    /// Command Interrupted: 21h.
    @inlinable public static var commandInterrupted: Status { Status(rawValue: 0x021) }
    /// Transient Transport Error: 22h.
    @inlinable public static var transientTransportError: Status { Status(rawValue: 0x022) }
    /// Command Prohibited by Command and Feature Lockdown: 23h.
    @inlinable public static var prohibitedByLockdown: Status { Status(rawValue: 0x023) }
    /// Admin Command Media Not Ready: 24h.
    @inlinable public static var mediaNotReady: Status { Status(rawValue: 0x024) }
    /// Invalid Key Tag: 25h.
    @inlinable public static var invalidKeyTag: Status { Status(rawValue: 0x025) }
    /// Host Dispersed Namespace Support Not Enabled: 26h.
    @inlinable public static var hostDispersedNamespacesNotEnabled: Status { Status(rawValue: 0x026) }
    /// Host Identifier Not Initialized: 27h.
    @inlinable public static var hostIDNotInitialized: Status { Status(rawValue: 0x027) }
    /// Incorrect Key: 28h.
    @inlinable public static var incorrectKey: Status { Status(rawValue: 0x028) }
    /// FDP Disabled: 29h.
    @inlinable public static var flexibleDataPlacementDisabled: Status { Status(rawValue: 0x029) }
    /// Invalid Placement Handle List: 2Ah.
    @inlinable public static var invalidPlacementHandleList: Status { Status(rawValue: 0x02A) }
    /// LBA Out of Range: 80h.
    @inlinable public static var lbaOutOfRange: Status { Status(rawValue: 0x080) }
    /// Capacity Exceeded: 81h.
    @inlinable public static var capacityExceeded: Status { Status(rawValue: 0x081) }
    /// Namespace Not Ready: 82h.
    @inlinable public static var namespaceNotReady: Status { Status(rawValue: 0x082) }
    /// Reservation Conflict: 83h.
    @inlinable public static var reservationConflict: Status { Status(rawValue: 0x083) }
    /// Format In Progress: 84h.
    @inlinable public static var formatInProgress: Status { Status(rawValue: 0x084) }
    /// Invalid Value Size: 85h.
    @inlinable public static var invalidValueSize: Status { Status(rawValue: 0x085) }
    /// Invalid Key Size: 86h.
    @inlinable public static var invalidKeySize: Status { Status(rawValue: 0x086) }
    /// KV Key Does Not Exist: 87h.
    @inlinable public static var keyDoesNotExist: Status { Status(rawValue: 0x087) }
    /// Unrecovered Error: 88h.
    @inlinable public static var unrecoveredError: Status { Status(rawValue: 0x088) }
    /// Key Exists: 89h.
    @inlinable public static var keyExists: Status { Status(rawValue: 0x089) }
}

/// Command Specific Status (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Completion Queue Invalid: 00h.
    @inlinable public static var completionQueueInvalid: Status { Status(rawValue: 0x100) }
    /// Invalid Queue Identifier: 01h.
    @inlinable public static var invalidQueueID: Status { Status(rawValue: 0x101) }
    /// Invalid Queue Size: 02h.
    @inlinable public static var invalidQueueSize: Status { Status(rawValue: 0x102) }
    /// Abort Command Limit Exceeded: 03h.
    @inlinable public static var abortLimitExceeded: Status { Status(rawValue: 0x103) }
    /// Asynchronous Event Request Limit Exceeded: 05h.
    @inlinable public static var asyncEventLimitExceeded: Status { Status(rawValue: 0x105) }
    /// Invalid Firmware Slot: 06h.
    @inlinable public static var invalidFirmwareSlot: Status { Status(rawValue: 0x106) }
    /// Invalid Firmware Image: 07h.
    @inlinable public static var invalidFirmwareImage: Status { Status(rawValue: 0x107) }
    /// Invalid Interrupt Vector: 08h.
    @inlinable public static var invalidInterruptVector: Status { Status(rawValue: 0x108) }
    /// Invalid Log Page: 09h.
    @inlinable public static var invalidLogPage: Status { Status(rawValue: 0x109) }
    /// Invalid Format: 0Ah.
    @inlinable public static var invalidFormat: Status { Status(rawValue: 0x10A) }
    /// Firmware Activation Requires Conventional Reset: 0Bh.
    @inlinable public static var firmwareNeedsConventionalReset: Status { Status(rawValue: 0x10B) }
    /// Invalid Queue Deletion: 0Ch.
    @inlinable public static var invalidQueueDeletion: Status { Status(rawValue: 0x10C) }
    /// Feature Identifier Not Saveable: 0Dh.
    @inlinable public static var featureNotSaveable: Status { Status(rawValue: 0x10D) }
    /// Feature Not Changeable: 0Eh.
    @inlinable public static var featureNotChangeable: Status { Status(rawValue: 0x10E) }
    /// Feature Not Namespace Specific: 0Fh.
    @inlinable public static var featureNotNamespaceSpecific: Status { Status(rawValue: 0x10F) }
    /// Firmware Activation Requires NVM Subsystem Reset: 10h.
    @inlinable public static var firmwareNeedsSubsystemReset: Status { Status(rawValue: 0x110) }
    /// Firmware Activation Requires Controller Level Reset: 11h.
    @inlinable public static var firmwareNeedsControllerReset: Status { Status(rawValue: 0x111) }
    /// Firmware Activation Requires Maximum Time Violation: 12h.
    @inlinable public static var firmwareNeedsMaximumTime: Status { Status(rawValue: 0x112) }
    /// Firmware Activation Prohibited: 13h.
    @inlinable public static var firmwareActivationProhibited: Status { Status(rawValue: 0x113) }
    /// Overlapping Range: 14h.
    @inlinable public static var overlappingRange: Status { Status(rawValue: 0x114) }
    /// Namespace Insufficient Capacity: 15h.
    @inlinable public static var namespaceInsufficientCapacity: Status { Status(rawValue: 0x115) }
    /// Namespace Identifier Unavailable: 16h.
    @inlinable public static var namespaceIDUnavailable: Status { Status(rawValue: 0x116) }
    /// Namespace Already Attached: 18h.
    @inlinable public static var namespaceAlreadyAttached: Status { Status(rawValue: 0x118) }
    /// Namespace Is Private: 19h.
    @inlinable public static var namespaceIsPrivate: Status { Status(rawValue: 0x119) }
    /// Namespace Not Attached: 1Ah.
    @inlinable public static var namespaceNotAttached: Status { Status(rawValue: 0x11A) }
    /// Thin Provisioning Not Supported: 1Bh.
    @inlinable public static var thinProvisioningNotSupported: Status { Status(rawValue: 0x11B) }
    /// Controller List Invalid: 1Ch.
    @inlinable public static var controllerListInvalid: Status { Status(rawValue: 0x11C) }
    /// Device Self-test In Progress: 1Dh.
    @inlinable public static var selfTestInProgress: Status { Status(rawValue: 0x11D) }
    /// Boot Partition Write Prohibited: 1Eh.
    @inlinable public static var bootPartitionWriteProhibited: Status { Status(rawValue: 0x11E) }
    /// Invalid Controller Identifier: 1Fh.
    @inlinable public static var invalidControllerID: Status { Status(rawValue: 0x11F) }
    /// Invalid Secondary Controller State: 20h.
    @inlinable public static var invalidSecondaryControllerState: Status { Status(rawValue: 0x120) }
    /// Invalid Number of Controller Resources: 21h.
    @inlinable public static var invalidControllerResources: Status { Status(rawValue: 0x121) }
    /// Invalid Resource Identifier: 22h.
    @inlinable public static var invalidResourceID: Status { Status(rawValue: 0x122) }
    /// Sanitize Prohibited While Persistent Memory Region is Enabled: 23h.
    @inlinable public static var sanitizeProhibitedByMemoryRegion: Status { Status(rawValue: 0x123) }
    /// ANA Group Identifier Invalid: 24h.
    @inlinable public static var anaGroupIDInvalid: Status { Status(rawValue: 0x124) }
    /// ANA Attach Failed: 25h.
    @inlinable public static var anaAttachFailed: Status { Status(rawValue: 0x125) }
    /// Insufficient Capacity: 26h.
    @inlinable public static var insufficientCapacity: Status { Status(rawValue: 0x126) }
    /// Namespace Attachment Limit Exceeded: 27h.
    @inlinable public static var namespaceAttachmentLimitExceeded: Status { Status(rawValue: 0x127) }
    /// Prohibition of Command Execution Not Supported: 28h.
    @inlinable public static var prohibitionNotSupported: Status { Status(rawValue: 0x128) }
    /// I/O Command Set Not Supported: 29h.
    @inlinable public static var commandSetNotSupported: Status { Status(rawValue: 0x129) }
    /// I/O Command Set Not Enabled: 2Ah.
    @inlinable public static var commandSetNotEnabled: Status { Status(rawValue: 0x12A) }
    /// I/O Command Set Combination Rejected: 2Bh.
    @inlinable public static var commandSetCombinationRejected: Status { Status(rawValue: 0x12B) }
    /// Invalid I/O Command Set: 2Ch.
    @inlinable public static var invalidCommandSet: Status { Status(rawValue: 0x12C) }
    /// Identifier Unavailable: 2Dh.
    @inlinable public static var identifierUnavailable: Status { Status(rawValue: 0x12D) }
    /// Namespace Is Dispersed: 2Eh.
    @inlinable public static var namespaceIsDispersed: Status { Status(rawValue: 0x12E) }
    /// Invalid Discovery Information: 2Fh.
    @inlinable public static var invalidDiscoveryInformation: Status { Status(rawValue: 0x12F) }
    /// Zoning Data Structure Locked: 30h.
    @inlinable public static var zoningDataStructureLocked: Status { Status(rawValue: 0x130) }
    /// Zoning Data Structure Not Found: 31h.
    @inlinable public static var zoningDataStructureNotFound: Status { Status(rawValue: 0x131) }
    /// Insufficient Discovery Resources: 32h.
    @inlinable public static var insufficientDiscoveryResources: Status { Status(rawValue: 0x132) }
    /// Requested Function Disabled: 33h.
    @inlinable public static var requestedFunctionDisabled: Status { Status(rawValue: 0x133) }
    /// ZoneGroup Originator Invalid: 34h.
    @inlinable public static var zoneGroupOriginatorInvalid: Status { Status(rawValue: 0x134) }
    /// Invalid Host: 35h.
    @inlinable public static var invalidHost: Status { Status(rawValue: 0x135) }
    /// Invalid NVM Subsystem: 36h.
    @inlinable public static var invalidSubsystem: Status { Status(rawValue: 0x136) }
    /// Invalid Controller Data Queue: 37h.
    @inlinable public static var invalidControllerDataQueue: Status { Status(rawValue: 0x137) }
    /// Not Enough Resources: 38h.
    @inlinable public static var notEnoughResources: Status { Status(rawValue: 0x138) }
    /// Controller Suspended: 39h.
    @inlinable public static var controllerSuspended: Status { Status(rawValue: 0x139) }
    /// Controller Not Suspended: 3Ah.
    @inlinable public static var controllerNotSuspended: Status { Status(rawValue: 0x13A) }
    /// Controller Data Queue Full: 3Bh.
    @inlinable public static var controllerDataQueueFull: Status { Status(rawValue: 0x13B) }
}

/// Command Specific Status of the NVM Command Set (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections;
/// NVM Command Set Specification, "Command Specific Status Values".
extension Status {
    /// Conflicting Attributes: 80h.
    @inlinable public static var conflictingAttributes: Status { Status(rawValue: 0x180) }
    /// Invalid Protection Information: 81h.
    @inlinable public static var invalidProtectionInformation: Status { Status(rawValue: 0x181) }
    /// Attempted Write to Read Only Range: 82h.
    @inlinable public static var attemptedWriteToReadOnlyRange: Status { Status(rawValue: 0x182) }
    /// Command Size Limit Exceeded: 83h.
    @inlinable public static var commandSizeLimitExceeded: Status { Status(rawValue: 0x183) }
    /// Invalid Command ID: 84h.
    @inlinable public static var invalidCommandID: Status { Status(rawValue: 0x184) }
    /// Incompatible Namespace or Format: 85h.
    @inlinable public static var incompatibleNamespaceOrFormat: Status { Status(rawValue: 0x185) }
    /// Fast Copy Not Possible: 86h.
    @inlinable public static var fastCopyNotPossible: Status { Status(rawValue: 0x186) }
    /// Overlapping I/O Range: 87h.
    @inlinable public static var overlappingIORange: Status { Status(rawValue: 0x187) }
    /// Namespace Not Reachable: 88h.
    @inlinable public static var namespaceNotReachable: Status { Status(rawValue: 0x188) }
    /// Insufficient Resources: 89h.
    @inlinable public static var insufficientResources: Status { Status(rawValue: 0x189) }
}

/// Command Specific Status of the Zoned Namespace Command Set (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Zone Invalid Zone Operation Request: B6h.
    @inlinable public static var zoneInvalidOperation: Status { Status(rawValue: 0x1B6) }
    /// Zone Random Write Area Resources Unavailable: B7h.
    @inlinable public static var zoneRandomWriteAreaUnavailable: Status { Status(rawValue: 0x1B7) }
    /// Zone Boundary Error: B8h.
    @inlinable public static var zoneBoundaryError: Status { Status(rawValue: 0x1B8) }
    /// Zone Is Full: B9h.
    @inlinable public static var zoneIsFull: Status { Status(rawValue: 0x1B9) }
    /// Zone Is Read Only: BAh.
    @inlinable public static var zoneIsReadOnly: Status { Status(rawValue: 0x1BA) }
    /// Zone Is Offline: BBh.
    @inlinable public static var zoneIsOffline: Status { Status(rawValue: 0x1BB) }
    /// Zone Invalid Write: BCh.
    @inlinable public static var zoneInvalidWrite: Status { Status(rawValue: 0x1BC) }
    /// Too Many Active Zones: BDh.
    @inlinable public static var tooManyActiveZones: Status { Status(rawValue: 0x1BD) }
    /// Too Many Open Zones: BEh.
    @inlinable public static var tooManyOpenZones: Status { Status(rawValue: 0x1BE) }
    /// Invalid Zone State Transition: BFh.
    @inlinable public static var invalidZoneStateTransition: Status { Status(rawValue: 0x1BF) }
}

/// Command Specific Status of Fabrics commands (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Connect Incompatible Format: 80h.
    @inlinable public static var connectIncompatibleFormat: Status { Status(rawValue: 0x180) }
    /// Connect Controller Busy: 81h.
    @inlinable public static var connectControllerBusy: Status { Status(rawValue: 0x181) }
    /// Connect Invalid Parameters: 82h.
    @inlinable public static var connectInvalidParameters: Status { Status(rawValue: 0x182) }
    /// Connect Restart Discovery: 83h.
    @inlinable public static var connectRestartDiscovery: Status { Status(rawValue: 0x183) }
    /// Connect Invalid Host: 84h.
    @inlinable public static var connectInvalidHost: Status { Status(rawValue: 0x184) }
    /// Disconnect Invalid Queue Type: 85h.
    @inlinable public static var disconnectInvalidQueueType: Status { Status(rawValue: 0x185) }
    /// Discover Restart: 90h.
    @inlinable public static var discoveryRestart: Status { Status(rawValue: 0x190) }
    /// Authentication Required: 91h.
    @inlinable public static var authenticationRequired: Status { Status(rawValue: 0x191) }
}

/// Media and Data Integrity Errors (SCT 2).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Write Fault: 80h.
    @inlinable public static var writeFault: Status { Status(rawValue: 0x280) }
    /// Unrecovered Read Error: 81h.
    @inlinable public static var unrecoveredReadError: Status { Status(rawValue: 0x281) }
    /// End-to-end Guard Check Error: 82h.
    @inlinable public static var guardCheckError: Status { Status(rawValue: 0x282) }
    /// End-to-end Application Tag Check Error: 83h.
    @inlinable public static var applicationTagCheckError: Status { Status(rawValue: 0x283) }
    /// End-to-end Reference Tag Check Error: 84h.
    @inlinable public static var referenceTagCheckError: Status { Status(rawValue: 0x284) }
    /// Compare Failure: 85h.
    @inlinable public static var compareFailure: Status { Status(rawValue: 0x285) }
    /// Access Denied: 86h.
    @inlinable public static var accessDenied: Status { Status(rawValue: 0x286) }
    /// Deallocated or Unwritten Logical Block: 87h.
    @inlinable public static var unwrittenBlock: Status { Status(rawValue: 0x287) }
    /// End-to-End Storage Tag Check Error: 88h.
    @inlinable public static var storageTagCheckError: Status { Status(rawValue: 0x288) }
}

/// Path Related Status (SCT 3).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Internal Path Error: 00h.
    @inlinable public static var internalPathError: Status { Status(rawValue: 0x300) }
    /// Asymmetric Access Persistent Loss: 01h.
    @inlinable public static var anaPersistentLoss: Status { Status(rawValue: 0x301) }
    /// Asymmetric Access Inaccessible: 02h.
    @inlinable public static var anaInaccessible: Status { Status(rawValue: 0x302) }
    /// Asymmetric Access Transition: 03h.
    @inlinable public static var anaTransition: Status { Status(rawValue: 0x303) }
    /// Controller Pathing Error: 60h.
    @inlinable public static var controllerPathingError: Status { Status(rawValue: 0x360) }
    /// Host Pathing Error: 70h.
    @inlinable public static var hostPathingError: Status { Status(rawValue: 0x370) }
    /// Command Aborted By Host: 71h.
    @inlinable public static var abortedByHost: Status { Status(rawValue: 0x371) }
}

extension Status {
    /// Which commands use a value: the upper half of the command specific codes means one thing to Fabrics
    /// commands and another to those of an I/O command set.
    public enum Scope: Sendable, Hashable {
        case any
        case nvm
        case fabrics
    }

    /// The name of this status as the specification writes it, whatever DNR, More and CRD are; in hexadecimal
    /// where it has none. Command specific codes are read as the NVM command set's unless `scope` is
    /// `.fabrics`.
    public func name(scope: Scope = .any) -> String {
        let wanted: Scope = scope == .fabrics ? .fabrics : .nvm
        for row in Status.table where row.status == kind && (row.scope == .any || row.scope == wanted) {
            return row.name
        }
        // A code that only Fabrics commands have needs no scope to be understood.
        for row in Status.table where row.status == kind && scope == .any { return row.name }
        return "Status type \(type) code \(String(code, radix: 16, uppercase: true))h"
    }

    /// The name, as above.
    public var name: String { name() }

    /// Every value that has a name, in the order of the specification.
    public static let table: [(status: Status, scope: Scope, name: String)] = [
        // Generic Command Status (SCT 0).
        (.success, .any, "Successful Completion"),
        (.invalidOpcode, .any, "Invalid Command Opcode"),
        (.invalidField, .any, "Invalid Field in Command"),
        (.commandIDConflict, .any, "Command ID Conflict"),
        (.dataTransferError, .any, "Data Transfer Error"),
        (.powerLoss, .any, "Commands Aborted due to Power Loss Notification"),
        (.internalError, .any, "Internal Error"),
        (.abortRequested, .any, "Command Abort Requested"),
        (.abortedQueueDeletion, .any, "Command Aborted due to SQ Deletion"),
        (.abortedFailedFused, .any, "Command Aborted due to Failed Fused Command"),
        (.abortedMissingFused, .any, "Command Aborted due to Missing Fused Command"),
        (.invalidNamespaceOrFormat, .any, "Invalid Namespace or Format"),
        (.commandSequenceError, .any, "Command Sequence Error"),
        (.invalidSGLSegment, .any, "Invalid SGL Segment Descriptor"),
        (.invalidSGLCount, .any, "Invalid Number of SGL Descriptors"),
        (.dataSGLLengthInvalid, .any, "Data SGL Length Invalid"),
        (.metadataSGLLengthInvalid, .any, "Metadata SGL Length Invalid"),
        (.sglTypeInvalid, .any, "SGL Descriptor Type Invalid"),
        (.invalidControllerMemoryBufferUse, .any, "Invalid Use of Controller Memory Buffer"),
        (.prpOffsetInvalid, .any, "PRP Offset Invalid"),
        (.atomicWriteUnitExceeded, .any, "Atomic Write Unit Exceeded"),
        (.operationDenied, .any, "Operation Denied"),
        (.sglOffsetInvalid, .any, "SGL Offset Invalid"),
        (.hostIDInconsistentFormat, .any, "Host Identifier Inconsistent Format"),
        (.keepAliveExpired, .any, "Keep Alive Timer Expired"),
        (.keepAliveInvalid, .any, "Keep Alive Timeout Invalid"),
        (.abortedPreempt, .any, "Command Aborted due to Preempt and Abort"),
        (.sanitizeFailed, .any, "Sanitize Failed"),
        (.sanitizeInProgress, .any, "Sanitize In Progress"),
        (.sglGranularityInvalid, .any, "SGL Data Block Granularity Invalid"),
        (.commandNotSupportedInMemoryBuffer, .any, "Command Not Supported for Queue in CMB"),
        (.namespaceWriteProtected, .any, "Namespace is Write Protected"),
        (.commandInterrupted, .any, "Command Interrupted"),
        (.transientTransportError, .any, "Transient Transport Error"),
        (.prohibitedByLockdown, .any, "Command Prohibited by Command and Feature Lockdown"),
        (.mediaNotReady, .any, "Admin Command Media Not Ready"),
        (.invalidKeyTag, .any, "Invalid Key Tag"),
        (.hostDispersedNamespacesNotEnabled, .any, "Host Dispersed Namespace Support Not Enabled"),
        (.hostIDNotInitialized, .any, "Host Identifier Not Initialized"),
        (.incorrectKey, .any, "Incorrect Key"),
        (.flexibleDataPlacementDisabled, .any, "FDP Disabled"),
        (.invalidPlacementHandleList, .any, "Invalid Placement Handle List"),
        (.lbaOutOfRange, .any, "LBA Out of Range"),
        (.capacityExceeded, .any, "Capacity Exceeded"),
        (.namespaceNotReady, .any, "Namespace Not Ready"),
        (.reservationConflict, .any, "Reservation Conflict"),
        (.formatInProgress, .any, "Format In Progress"),
        (.invalidValueSize, .any, "Invalid Value Size"),
        (.invalidKeySize, .any, "Invalid Key Size"),
        (.keyDoesNotExist, .any, "KV Key Does Not Exist"),
        (.unrecoveredError, .any, "Unrecovered Error"),
        (.keyExists, .any, "Key Exists"),
        // Command Specific Status (SCT 1).
        (.completionQueueInvalid, .any, "Completion Queue Invalid"),
        (.invalidQueueID, .any, "Invalid Queue Identifier"),
        (.invalidQueueSize, .any, "Invalid Queue Size"),
        (.abortLimitExceeded, .any, "Abort Command Limit Exceeded"),
        (.asyncEventLimitExceeded, .any, "Asynchronous Event Request Limit Exceeded"),
        (.invalidFirmwareSlot, .any, "Invalid Firmware Slot"),
        (.invalidFirmwareImage, .any, "Invalid Firmware Image"),
        (.invalidInterruptVector, .any, "Invalid Interrupt Vector"),
        (.invalidLogPage, .any, "Invalid Log Page"),
        (.invalidFormat, .any, "Invalid Format"),
        (.firmwareNeedsConventionalReset, .any, "Firmware Activation Requires Conventional Reset"),
        (.invalidQueueDeletion, .any, "Invalid Queue Deletion"),
        (.featureNotSaveable, .any, "Feature Identifier Not Saveable"),
        (.featureNotChangeable, .any, "Feature Not Changeable"),
        (.featureNotNamespaceSpecific, .any, "Feature Not Namespace Specific"),
        (.firmwareNeedsSubsystemReset, .any, "Firmware Activation Requires NVM Subsystem Reset"),
        (.firmwareNeedsControllerReset, .any, "Firmware Activation Requires Controller Level Reset"),
        (.firmwareNeedsMaximumTime, .any, "Firmware Activation Requires Maximum Time Violation"),
        (.firmwareActivationProhibited, .any, "Firmware Activation Prohibited"),
        (.overlappingRange, .any, "Overlapping Range"),
        (.namespaceInsufficientCapacity, .any, "Namespace Insufficient Capacity"),
        (.namespaceIDUnavailable, .any, "Namespace Identifier Unavailable"),
        (.namespaceAlreadyAttached, .any, "Namespace Already Attached"),
        (.namespaceIsPrivate, .any, "Namespace Is Private"),
        (.namespaceNotAttached, .any, "Namespace Not Attached"),
        (.thinProvisioningNotSupported, .any, "Thin Provisioning Not Supported"),
        (.controllerListInvalid, .any, "Controller List Invalid"),
        (.selfTestInProgress, .any, "Device Self-test In Progress"),
        (.bootPartitionWriteProhibited, .any, "Boot Partition Write Prohibited"),
        (.invalidControllerID, .any, "Invalid Controller Identifier"),
        (.invalidSecondaryControllerState, .any, "Invalid Secondary Controller State"),
        (.invalidControllerResources, .any, "Invalid Number of Controller Resources"),
        (.invalidResourceID, .any, "Invalid Resource Identifier"),
        (
            .sanitizeProhibitedByMemoryRegion, .any,
            "Sanitize Prohibited While Persistent Memory Region is Enabled"
        ),
        (.anaGroupIDInvalid, .any, "ANA Group Identifier Invalid"),
        (.anaAttachFailed, .any, "ANA Attach Failed"),
        (.insufficientCapacity, .any, "Insufficient Capacity"),
        (.namespaceAttachmentLimitExceeded, .any, "Namespace Attachment Limit Exceeded"),
        (.prohibitionNotSupported, .any, "Prohibition of Command Execution Not Supported"),
        (.commandSetNotSupported, .any, "I/O Command Set Not Supported"),
        (.commandSetNotEnabled, .any, "I/O Command Set Not Enabled"),
        (.commandSetCombinationRejected, .any, "I/O Command Set Combination Rejected"),
        (.invalidCommandSet, .any, "Invalid I/O Command Set"),
        (.identifierUnavailable, .any, "Identifier Unavailable"),
        (.namespaceIsDispersed, .any, "Namespace Is Dispersed"),
        (.invalidDiscoveryInformation, .any, "Invalid Discovery Information"),
        (.zoningDataStructureLocked, .any, "Zoning Data Structure Locked"),
        (.zoningDataStructureNotFound, .any, "Zoning Data Structure Not Found"),
        (.insufficientDiscoveryResources, .any, "Insufficient Discovery Resources"),
        (.requestedFunctionDisabled, .any, "Requested Function Disabled"),
        (.zoneGroupOriginatorInvalid, .any, "ZoneGroup Originator Invalid"),
        (.invalidHost, .any, "Invalid Host"),
        (.invalidSubsystem, .any, "Invalid NVM Subsystem"),
        (.invalidControllerDataQueue, .any, "Invalid Controller Data Queue"),
        (.notEnoughResources, .any, "Not Enough Resources"),
        (.controllerSuspended, .any, "Controller Suspended"),
        (.controllerNotSuspended, .any, "Controller Not Suspended"),
        (.controllerDataQueueFull, .any, "Controller Data Queue Full"),
        // Command Specific Status of the NVM Command Set (SCT 1).
        (.conflictingAttributes, .nvm, "Conflicting Attributes"),
        (.invalidProtectionInformation, .nvm, "Invalid Protection Information"),
        (.attemptedWriteToReadOnlyRange, .nvm, "Attempted Write to Read Only Range"),
        (.commandSizeLimitExceeded, .nvm, "Command Size Limit Exceeded"),
        (.invalidCommandID, .nvm, "Invalid Command ID"),
        (.incompatibleNamespaceOrFormat, .nvm, "Incompatible Namespace or Format"),
        (.fastCopyNotPossible, .nvm, "Fast Copy Not Possible"),
        (.overlappingIORange, .nvm, "Overlapping I/O Range"),
        (.namespaceNotReachable, .nvm, "Namespace Not Reachable"),
        (.insufficientResources, .nvm, "Insufficient Resources"),
        // Command Specific Status of the Zoned Namespace Command Set (SCT 1).
        (.zoneInvalidOperation, .nvm, "Zone Invalid Zone Operation Request"),
        (.zoneRandomWriteAreaUnavailable, .nvm, "Zone Random Write Area Resources Unavailable"),
        (.zoneBoundaryError, .nvm, "Zone Boundary Error"),
        (.zoneIsFull, .nvm, "Zone Is Full"),
        (.zoneIsReadOnly, .nvm, "Zone Is Read Only"),
        (.zoneIsOffline, .nvm, "Zone Is Offline"),
        (.zoneInvalidWrite, .nvm, "Zone Invalid Write"),
        (.tooManyActiveZones, .nvm, "Too Many Active Zones"),
        (.tooManyOpenZones, .nvm, "Too Many Open Zones"),
        (.invalidZoneStateTransition, .nvm, "Invalid Zone State Transition"),
        // Command Specific Status of Fabrics commands (SCT 1).
        (.connectIncompatibleFormat, .fabrics, "Connect Incompatible Format"),
        (.connectControllerBusy, .fabrics, "Connect Controller Busy"),
        (.connectInvalidParameters, .fabrics, "Connect Invalid Parameters"),
        (.connectRestartDiscovery, .fabrics, "Connect Restart Discovery"),
        (.connectInvalidHost, .fabrics, "Connect Invalid Host"),
        (.disconnectInvalidQueueType, .fabrics, "Disconnect Invalid Queue Type"),
        (.discoveryRestart, .fabrics, "Discover Restart"),
        (.authenticationRequired, .fabrics, "Authentication Required"),
        // Media and Data Integrity Errors (SCT 2).
        (.writeFault, .any, "Write Fault"),
        (.unrecoveredReadError, .any, "Unrecovered Read Error"),
        (.guardCheckError, .any, "End-to-end Guard Check Error"),
        (.applicationTagCheckError, .any, "End-to-end Application Tag Check Error"),
        (.referenceTagCheckError, .any, "End-to-end Reference Tag Check Error"),
        (.compareFailure, .any, "Compare Failure"),
        (.accessDenied, .any, "Access Denied"),
        (.unwrittenBlock, .any, "Deallocated or Unwritten Logical Block"),
        (.storageTagCheckError, .any, "End-to-End Storage Tag Check Error"),
        // Path Related Status (SCT 3).
        (.internalPathError, .any, "Internal Path Error"),
        (.anaPersistentLoss, .any, "Asymmetric Access Persistent Loss"),
        (.anaInaccessible, .any, "Asymmetric Access Inaccessible"),
        (.anaTransition, .any, "Asymmetric Access Transition"),
        (.controllerPathingError, .any, "Controller Pathing Error"),
        (.hostPathingError, .any, "Host Pathing Error"),
        (.abortedByHost, .any, "Command Aborted By Host"),
    ]
}
