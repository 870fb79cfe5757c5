// The names of the values a Status can have. GatewayCore answers with these; the table at the end gives logs,
// metrics and the initiator their text.

/// Generic Command Status (SCT 0).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Successful Completion: 00h.
    public static let success = Status(rawValue: 0x000)
    /// Invalid Command Opcode: 01h.
    public static let invalidOpcode = Status(rawValue: 0x001)
    /// Invalid Field in Command: 02h.
    public static let invalidField = Status(rawValue: 0x002)
    /// Command ID Conflict: 03h.
    public static let commandIDConflict = Status(rawValue: 0x003)
    /// Data Transfer Error: 04h.
    public static let dataTransferError = Status(rawValue: 0x004)
    /// Commands Aborted due to Power Loss Notification: 05h.
    public static let powerLoss = Status(rawValue: 0x005)
    /// Internal Error: 06h.
    public static let internalError = Status(rawValue: 0x006)
    /// Command Abort Requested: 07h.
    public static let abortRequested = Status(rawValue: 0x007)
    /// Command Aborted due to SQ Deletion: 08h.
    public static let abortedQueueDeletion = Status(rawValue: 0x008)
    /// Command Aborted due to Failed Fused Command: 09h.
    public static let abortedFailedFused = Status(rawValue: 0x009)
    /// Command Aborted due to Missing Fused Command: 0Ah.
    public static let abortedMissingFused = Status(rawValue: 0x00A)
    /// Invalid Namespace or Format: 0Bh.
    public static let invalidNamespaceOrFormat = Status(rawValue: 0x00B)
    /// Command Sequence Error: 0Ch.
    public static let commandSequenceError = Status(rawValue: 0x00C)
    /// Invalid SGL Segment Descriptor: 0Dh.
    public static let invalidSGLSegment = Status(rawValue: 0x00D)
    /// Invalid Number of SGL Descriptors: 0Eh.
    public static let invalidSGLCount = Status(rawValue: 0x00E)
    /// Data SGL Length Invalid: 0Fh.
    public static let dataSGLLengthInvalid = Status(rawValue: 0x00F)
    /// Metadata SGL Length Invalid: 10h.
    public static let metadataSGLLengthInvalid = Status(rawValue: 0x010)
    /// SGL Descriptor Type Invalid: 11h.
    public static let sglTypeInvalid = Status(rawValue: 0x011)
    /// Invalid Use of Controller Memory Buffer: 12h.
    public static let invalidControllerMemoryBufferUse = Status(rawValue: 0x012)
    /// PRP Offset Invalid: 13h.
    public static let prpOffsetInvalid = Status(rawValue: 0x013)
    /// Atomic Write Unit Exceeded: 14h.
    public static let atomicWriteUnitExceeded = Status(rawValue: 0x014)
    /// Operation Denied: 15h.
    public static let operationDenied = Status(rawValue: 0x015)
    /// SGL Offset Invalid: 16h.
    public static let sglOffsetInvalid = Status(rawValue: 0x016)
    /// Host Identifier Inconsistent Format: 18h.
    public static let hostIDInconsistentFormat = Status(rawValue: 0x018)
    /// Keep Alive Timer Expired: 19h.
    public static let keepAliveExpired = Status(rawValue: 0x019)
    /// Keep Alive Timeout Invalid: 1Ah.
    public static let keepAliveInvalid = Status(rawValue: 0x01A)
    /// Command Aborted due to Preempt and Abort: 1Bh.
    public static let abortedPreempt = Status(rawValue: 0x01B)
    /// Sanitize Failed: 1Ch.
    public static let sanitizeFailed = Status(rawValue: 0x01C)
    /// Sanitize In Progress: 1Dh.
    public static let sanitizeInProgress = Status(rawValue: 0x01D)
    /// SGL Data Block Granularity Invalid: 1Eh.
    public static let sglGranularityInvalid = Status(rawValue: 0x01E)
    /// Command Not Supported for Queue in CMB: 1Fh.
    public static let commandNotSupportedInMemoryBuffer = Status(rawValue: 0x01F)
    /// Namespace is Write Protected: 20h.
    public static let namespaceWriteProtected = Status(rawValue: 0x020)
    /// Command Interrupted: 21h.
    public static let commandInterrupted = Status(rawValue: 0x021)
    /// Transient Transport Error: 22h.
    public static let transientTransportError = Status(rawValue: 0x022)
    /// Command Prohibited by Command and Feature Lockdown: 23h.
    public static let prohibitedByLockdown = Status(rawValue: 0x023)
    /// Admin Command Media Not Ready: 24h.
    public static let mediaNotReady = Status(rawValue: 0x024)
    /// Invalid Key Tag: 25h.
    public static let invalidKeyTag = Status(rawValue: 0x025)
    /// Host Dispersed Namespace Support Not Enabled: 26h.
    public static let hostDispersedNamespacesNotEnabled = Status(rawValue: 0x026)
    /// Host Identifier Not Initialized: 27h.
    public static let hostIDNotInitialized = Status(rawValue: 0x027)
    /// Incorrect Key: 28h.
    public static let incorrectKey = Status(rawValue: 0x028)
    /// FDP Disabled: 29h.
    public static let flexibleDataPlacementDisabled = Status(rawValue: 0x029)
    /// Invalid Placement Handle List: 2Ah.
    public static let invalidPlacementHandleList = Status(rawValue: 0x02A)
    /// LBA Out of Range: 80h.
    public static let lbaOutOfRange = Status(rawValue: 0x080)
    /// Capacity Exceeded: 81h.
    public static let capacityExceeded = Status(rawValue: 0x081)
    /// Namespace Not Ready: 82h.
    public static let namespaceNotReady = Status(rawValue: 0x082)
    /// Reservation Conflict: 83h.
    public static let reservationConflict = Status(rawValue: 0x083)
    /// Format In Progress: 84h.
    public static let formatInProgress = Status(rawValue: 0x084)
    /// Invalid Value Size: 85h.
    public static let invalidValueSize = Status(rawValue: 0x085)
    /// Invalid Key Size: 86h.
    public static let invalidKeySize = Status(rawValue: 0x086)
    /// KV Key Does Not Exist: 87h.
    public static let keyDoesNotExist = Status(rawValue: 0x087)
    /// Unrecovered Error: 88h.
    public static let unrecoveredError = Status(rawValue: 0x088)
    /// Key Exists: 89h.
    public static let keyExists = Status(rawValue: 0x089)
}

/// Command Specific Status (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Completion Queue Invalid: 00h.
    public static let completionQueueInvalid = Status(rawValue: 0x100)
    /// Invalid Queue Identifier: 01h.
    public static let invalidQueueID = Status(rawValue: 0x101)
    /// Invalid Queue Size: 02h.
    public static let invalidQueueSize = Status(rawValue: 0x102)
    /// Abort Command Limit Exceeded: 03h.
    public static let abortLimitExceeded = Status(rawValue: 0x103)
    /// Asynchronous Event Request Limit Exceeded: 05h.
    public static let asyncEventLimitExceeded = Status(rawValue: 0x105)
    /// Invalid Firmware Slot: 06h.
    public static let invalidFirmwareSlot = Status(rawValue: 0x106)
    /// Invalid Firmware Image: 07h.
    public static let invalidFirmwareImage = Status(rawValue: 0x107)
    /// Invalid Interrupt Vector: 08h.
    public static let invalidInterruptVector = Status(rawValue: 0x108)
    /// Invalid Log Page: 09h.
    public static let invalidLogPage = Status(rawValue: 0x109)
    /// Invalid Format: 0Ah.
    public static let invalidFormat = Status(rawValue: 0x10A)
    /// Firmware Activation Requires Conventional Reset: 0Bh.
    public static let firmwareNeedsConventionalReset = Status(rawValue: 0x10B)
    /// Invalid Queue Deletion: 0Ch.
    public static let invalidQueueDeletion = Status(rawValue: 0x10C)
    /// Feature Identifier Not Saveable: 0Dh.
    public static let featureNotSaveable = Status(rawValue: 0x10D)
    /// Feature Not Changeable: 0Eh.
    public static let featureNotChangeable = Status(rawValue: 0x10E)
    /// Feature Not Namespace Specific: 0Fh.
    public static let featureNotNamespaceSpecific = Status(rawValue: 0x10F)
    /// Firmware Activation Requires NVM Subsystem Reset: 10h.
    public static let firmwareNeedsSubsystemReset = Status(rawValue: 0x110)
    /// Firmware Activation Requires Controller Level Reset: 11h.
    public static let firmwareNeedsControllerReset = Status(rawValue: 0x111)
    /// Firmware Activation Requires Maximum Time Violation: 12h.
    public static let firmwareNeedsMaximumTime = Status(rawValue: 0x112)
    /// Firmware Activation Prohibited: 13h.
    public static let firmwareActivationProhibited = Status(rawValue: 0x113)
    /// Overlapping Range: 14h.
    public static let overlappingRange = Status(rawValue: 0x114)
    /// Namespace Insufficient Capacity: 15h.
    public static let namespaceInsufficientCapacity = Status(rawValue: 0x115)
    /// Namespace Identifier Unavailable: 16h.
    public static let namespaceIDUnavailable = Status(rawValue: 0x116)
    /// Namespace Already Attached: 18h.
    public static let namespaceAlreadyAttached = Status(rawValue: 0x118)
    /// Namespace Is Private: 19h.
    public static let namespaceIsPrivate = Status(rawValue: 0x119)
    /// Namespace Not Attached: 1Ah.
    public static let namespaceNotAttached = Status(rawValue: 0x11A)
    /// Thin Provisioning Not Supported: 1Bh.
    public static let thinProvisioningNotSupported = Status(rawValue: 0x11B)
    /// Controller List Invalid: 1Ch.
    public static let controllerListInvalid = Status(rawValue: 0x11C)
    /// Device Self-test In Progress: 1Dh.
    public static let selfTestInProgress = Status(rawValue: 0x11D)
    /// Boot Partition Write Prohibited: 1Eh.
    public static let bootPartitionWriteProhibited = Status(rawValue: 0x11E)
    /// Invalid Controller Identifier: 1Fh.
    public static let invalidControllerID = Status(rawValue: 0x11F)
    /// Invalid Secondary Controller State: 20h.
    public static let invalidSecondaryControllerState = Status(rawValue: 0x120)
    /// Invalid Number of Controller Resources: 21h.
    public static let invalidControllerResources = Status(rawValue: 0x121)
    /// Invalid Resource Identifier: 22h.
    public static let invalidResourceID = Status(rawValue: 0x122)
    /// Sanitize Prohibited While Persistent Memory Region is Enabled: 23h.
    public static let sanitizeProhibitedByMemoryRegion = Status(rawValue: 0x123)
    /// ANA Group Identifier Invalid: 24h.
    public static let anaGroupIDInvalid = Status(rawValue: 0x124)
    /// ANA Attach Failed: 25h.
    public static let anaAttachFailed = Status(rawValue: 0x125)
    /// Insufficient Capacity: 26h.
    public static let insufficientCapacity = Status(rawValue: 0x126)
    /// Namespace Attachment Limit Exceeded: 27h.
    public static let namespaceAttachmentLimitExceeded = Status(rawValue: 0x127)
    /// Prohibition of Command Execution Not Supported: 28h.
    public static let prohibitionNotSupported = Status(rawValue: 0x128)
    /// I/O Command Set Not Supported: 29h.
    public static let commandSetNotSupported = Status(rawValue: 0x129)
    /// I/O Command Set Not Enabled: 2Ah.
    public static let commandSetNotEnabled = Status(rawValue: 0x12A)
    /// I/O Command Set Combination Rejected: 2Bh.
    public static let commandSetCombinationRejected = Status(rawValue: 0x12B)
    /// Invalid I/O Command Set: 2Ch.
    public static let invalidCommandSet = Status(rawValue: 0x12C)
    /// Identifier Unavailable: 2Dh.
    public static let identifierUnavailable = Status(rawValue: 0x12D)
    /// Namespace Is Dispersed: 2Eh.
    public static let namespaceIsDispersed = Status(rawValue: 0x12E)
    /// Invalid Discovery Information: 2Fh.
    public static let invalidDiscoveryInformation = Status(rawValue: 0x12F)
    /// Zoning Data Structure Locked: 30h.
    public static let zoningDataStructureLocked = Status(rawValue: 0x130)
    /// Zoning Data Structure Not Found: 31h.
    public static let zoningDataStructureNotFound = Status(rawValue: 0x131)
    /// Insufficient Discovery Resources: 32h.
    public static let insufficientDiscoveryResources = Status(rawValue: 0x132)
    /// Requested Function Disabled: 33h.
    public static let requestedFunctionDisabled = Status(rawValue: 0x133)
    /// ZoneGroup Originator Invalid: 34h.
    public static let zoneGroupOriginatorInvalid = Status(rawValue: 0x134)
    /// Invalid Host: 35h.
    public static let invalidHost = Status(rawValue: 0x135)
    /// Invalid NVM Subsystem: 36h.
    public static let invalidSubsystem = Status(rawValue: 0x136)
    /// Invalid Controller Data Queue: 37h.
    public static let invalidControllerDataQueue = Status(rawValue: 0x137)
    /// Not Enough Resources: 38h.
    public static let notEnoughResources = Status(rawValue: 0x138)
    /// Controller Suspended: 39h.
    public static let controllerSuspended = Status(rawValue: 0x139)
    /// Controller Not Suspended: 3Ah.
    public static let controllerNotSuspended = Status(rawValue: 0x13A)
    /// Controller Data Queue Full: 3Bh.
    public static let controllerDataQueueFull = Status(rawValue: 0x13B)
}

/// Command Specific Status of the NVM Command Set (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections;
/// NVM Command Set Specification, "Command Specific Status Values".
extension Status {
    /// Conflicting Attributes: 80h.
    public static let conflictingAttributes = Status(rawValue: 0x180)
    /// Invalid Protection Information: 81h.
    public static let invalidProtectionInformation = Status(rawValue: 0x181)
    /// Attempted Write to Read Only Range: 82h.
    public static let attemptedWriteToReadOnlyRange = Status(rawValue: 0x182)
    /// Command Size Limit Exceeded: 83h.
    public static let commandSizeLimitExceeded = Status(rawValue: 0x183)
    /// Invalid Command ID: 84h.
    public static let invalidCommandID = Status(rawValue: 0x184)
    /// Incompatible Namespace or Format: 85h.
    public static let incompatibleNamespaceOrFormat = Status(rawValue: 0x185)
    /// Fast Copy Not Possible: 86h.
    public static let fastCopyNotPossible = Status(rawValue: 0x186)
    /// Overlapping I/O Range: 87h.
    public static let overlappingIORange = Status(rawValue: 0x187)
    /// Namespace Not Reachable: 88h.
    public static let namespaceNotReachable = Status(rawValue: 0x188)
    /// Insufficient Resources: 89h.
    public static let insufficientResources = Status(rawValue: 0x189)
}

/// Command Specific Status of the Zoned Namespace Command Set (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Zone Invalid Zone Operation Request: B6h.
    public static let zoneInvalidOperation = Status(rawValue: 0x1B6)
    /// Zone Random Write Area Resources Unavailable: B7h.
    public static let zoneRandomWriteAreaUnavailable = Status(rawValue: 0x1B7)
    /// Zone Boundary Error: B8h.
    public static let zoneBoundaryError = Status(rawValue: 0x1B8)
    /// Zone Is Full: B9h.
    public static let zoneIsFull = Status(rawValue: 0x1B9)
    /// Zone Is Read Only: BAh.
    public static let zoneIsReadOnly = Status(rawValue: 0x1BA)
    /// Zone Is Offline: BBh.
    public static let zoneIsOffline = Status(rawValue: 0x1BB)
    /// Zone Invalid Write: BCh.
    public static let zoneInvalidWrite = Status(rawValue: 0x1BC)
    /// Too Many Active Zones: BDh.
    public static let tooManyActiveZones = Status(rawValue: 0x1BD)
    /// Too Many Open Zones: BEh.
    public static let tooManyOpenZones = Status(rawValue: 0x1BE)
    /// Invalid Zone State Transition: BFh.
    public static let invalidZoneStateTransition = Status(rawValue: 0x1BF)
}

/// Command Specific Status of Fabrics commands (SCT 1).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Connect Incompatible Format: 80h.
    public static let connectIncompatibleFormat = Status(rawValue: 0x180)
    /// Connect Controller Busy: 81h.
    public static let connectControllerBusy = Status(rawValue: 0x181)
    /// Connect Invalid Parameters: 82h.
    public static let connectInvalidParameters = Status(rawValue: 0x182)
    /// Connect Restart Discovery: 83h.
    public static let connectRestartDiscovery = Status(rawValue: 0x183)
    /// Connect Invalid Host: 84h.
    public static let connectInvalidHost = Status(rawValue: 0x184)
    /// Disconnect Invalid Queue Type: 85h.
    public static let disconnectInvalidQueueType = Status(rawValue: 0x185)
    /// Discover Restart: 90h.
    public static let discoveryRestart = Status(rawValue: 0x190)
    /// Authentication Required: 91h.
    public static let authenticationRequired = Status(rawValue: 0x191)
}

/// Media and Data Integrity Errors (SCT 2).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Write Fault: 80h.
    public static let writeFault = Status(rawValue: 0x280)
    /// Unrecovered Read Error: 81h.
    public static let unrecoveredReadError = Status(rawValue: 0x281)
    /// End-to-end Guard Check Error: 82h.
    public static let guardCheckError = Status(rawValue: 0x282)
    /// End-to-end Application Tag Check Error: 83h.
    public static let applicationTagCheckError = Status(rawValue: 0x283)
    /// End-to-end Reference Tag Check Error: 84h.
    public static let referenceTagCheckError = Status(rawValue: 0x284)
    /// Compare Failure: 85h.
    public static let compareFailure = Status(rawValue: 0x285)
    /// Access Denied: 86h.
    public static let accessDenied = Status(rawValue: 0x286)
    /// Deallocated or Unwritten Logical Block: 87h.
    public static let unwrittenBlock = Status(rawValue: 0x287)
    /// End-to-End Storage Tag Check Error: 88h.
    public static let storageTagCheckError = Status(rawValue: 0x288)
}

/// Path Related Status (SCT 3).
///
/// Source: NVM Express Base Specification, "Status Code" and its subsections.
extension Status {
    /// Internal Path Error: 00h.
    public static let internalPathError = Status(rawValue: 0x300)
    /// Asymmetric Access Persistent Loss: 01h.
    public static let anaPersistentLoss = Status(rawValue: 0x301)
    /// Asymmetric Access Inaccessible: 02h.
    public static let anaInaccessible = Status(rawValue: 0x302)
    /// Asymmetric Access Transition: 03h.
    public static let anaTransition = Status(rawValue: 0x303)
    /// Controller Pathing Error: 60h.
    public static let controllerPathingError = Status(rawValue: 0x360)
    /// Host Pathing Error: 70h.
    public static let hostPathingError = Status(rawValue: 0x370)
    /// Command Aborted By Host: 71h.
    public static let abortedByHost = Status(rawValue: 0x371)
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
