// Status values against libnvme's list of them.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Status codes")
struct StatusCodeTests {
    /// Ours, and libnvme's type and code for the same thing.
    static let pairs: [(ours: Status, type: nvme_status_field, code: nvme_status_field)] = [
        (.commandSetNotSupported, NVME_SCT_CMD_SPECIFIC, NVME_SC_IOCS_NOT_SUPPORTED),
        (.commandSetNotEnabled, NVME_SCT_CMD_SPECIFIC, NVME_SC_IOCS_NOT_ENABLED),
        (.commandSetCombinationRejected, NVME_SCT_CMD_SPECIFIC, NVME_SC_IOCS_COMBINATION_REJECTED),
        (.invalidCommandSet, NVME_SCT_CMD_SPECIFIC, NVME_SC_INVALID_IOCS),
        (.identifierUnavailable, NVME_SCT_CMD_SPECIFIC, NVME_SC_ID_UNAVAILABLE),
        (.invalidDiscoveryInformation, NVME_SCT_CMD_SPECIFIC, NVME_SC_INVALID_DISCOVERY_INFO),
        (.zoningDataStructureLocked, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZONING_DATA_STRUCT_LOCKED),
        (.zoningDataStructureNotFound, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZONING_DATA_STRUCT_NOTFND),
        (.insufficientDiscoveryResources, NVME_SCT_CMD_SPECIFIC, NVME_SC_INSUFFICIENT_DISC_RES),
        (.requestedFunctionDisabled, NVME_SCT_CMD_SPECIFIC, NVME_SC_REQSTD_FUNCTION_DISABLED),
        (.zoneGroupOriginatorInvalid, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZONEGRP_ORIGINATOR_INVLD),
        (.conflictingAttributes, NVME_SCT_CMD_SPECIFIC, NVME_SC_BAD_ATTRIBUTES),
        (.invalidProtectionInformation, NVME_SCT_CMD_SPECIFIC, NVME_SC_INVALID_PI),
        (.attemptedWriteToReadOnlyRange, NVME_SCT_CMD_SPECIFIC, NVME_SC_READ_ONLY),
        (.commandSizeLimitExceeded, NVME_SCT_CMD_SPECIFIC, NVME_SC_CMD_SIZE_LIMIT_EXCEEDED),
        (.connectIncompatibleFormat, NVME_SCT_CMD_SPECIFIC, NVME_SC_CONNECT_FORMAT),
        (.connectControllerBusy, NVME_SCT_CMD_SPECIFIC, NVME_SC_CONNECT_CTRL_BUSY),
        (.connectInvalidParameters, NVME_SCT_CMD_SPECIFIC, NVME_SC_CONNECT_INVALID_PARAM),
        (.connectRestartDiscovery, NVME_SCT_CMD_SPECIFIC, NVME_SC_CONNECT_RESTART_DISC),
        (.connectInvalidHost, NVME_SCT_CMD_SPECIFIC, NVME_SC_CONNECT_INVALID_HOST),
        (.disconnectInvalidQueueType, NVME_SCT_CMD_SPECIFIC, NVME_SC_DISCONNECT_INVALID_QTYPE),
        (.discoveryRestart, NVME_SCT_CMD_SPECIFIC, NVME_SC_DISCOVERY_RESTART),
        (.authenticationRequired, NVME_SCT_CMD_SPECIFIC, NVME_SC_AUTH_REQUIRED),
        (.zoneInvalidOperation, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_INVALID_OP_REQUEST),
        (.zoneRandomWriteAreaUnavailable, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_ZRWA_RESOURCES_UNAVAILABLE),
        (.zoneBoundaryError, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_BOUNDARY_ERROR),
        (.zoneIsFull, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_FULL),
        (.zoneIsReadOnly, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_READ_ONLY),
        (.zoneIsOffline, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_OFFLINE),
        (.zoneInvalidWrite, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_INVALID_WRITE),
        (.tooManyActiveZones, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_TOO_MANY_ACTIVE),
        (.tooManyOpenZones, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_TOO_MANY_OPENS),
        (.invalidZoneStateTransition, NVME_SCT_CMD_SPECIFIC, NVME_SC_ZNS_INVAL_TRANSITION),
        (.writeFault, NVME_SCT_MEDIA, NVME_SC_WRITE_FAULT),
        (.unrecoveredReadError, NVME_SCT_MEDIA, NVME_SC_READ_ERROR),
        (.guardCheckError, NVME_SCT_MEDIA, NVME_SC_GUARD_CHECK),
        (.applicationTagCheckError, NVME_SCT_MEDIA, NVME_SC_APPTAG_CHECK),
        (.referenceTagCheckError, NVME_SCT_MEDIA, NVME_SC_REFTAG_CHECK),
        (.compareFailure, NVME_SCT_MEDIA, NVME_SC_COMPARE_FAILED),
        (.accessDenied, NVME_SCT_MEDIA, NVME_SC_ACCESS_DENIED),
        (.unwrittenBlock, NVME_SCT_MEDIA, NVME_SC_UNWRITTEN_BLOCK),
        (.storageTagCheckError, NVME_SCT_MEDIA, NVME_SC_STORAGE_TAG_CHECK),
        (.internalPathError, NVME_SCT_PATH, NVME_SC_ANA_INTERNAL_PATH_ERROR),
        (.anaPersistentLoss, NVME_SCT_PATH, NVME_SC_ANA_PERSISTENT_LOSS),
        (.anaInaccessible, NVME_SCT_PATH, NVME_SC_ANA_INACCESSIBLE),
        (.anaTransition, NVME_SCT_PATH, NVME_SC_ANA_TRANSITION),
        (.controllerPathingError, NVME_SCT_PATH, NVME_SC_CTRL_PATH_ERROR),
        (.hostPathingError, NVME_SCT_PATH, NVME_SC_HOST_PATH_ERROR),
        (.abortedByHost, NVME_SCT_PATH, NVME_SC_CMD_ABORTED_BY_HOST),
    ]

    @Test("Every status has libnvme's type and code")
    func agreesWithLibnvme() {
        #expect(Self.pairs.count == 49)
        for pair in Self.pairs {
            #expect(UInt32(pair.ours.type) == pair.type.rawValue, "\(pair.ours.name)")
            #expect(UInt32(pair.ours.code) == pair.code.rawValue, "\(pair.ours.name)")
        }
    }

    @Test("Names are found whatever the flags, and Fabrics commands have their own")
    func names() {
        #expect(Status.invalidField.notRetryable.withMore.name == "Invalid Field in Command")
        #expect(Status.conflictingAttributes.name == "Conflicting Attributes")
        #expect(Status.conflictingAttributes.name(scope: .fabrics) == "Connect Incompatible Format")
        #expect(Status.authenticationRequired.name == "Authentication Required")
        #expect(Status.authenticationRequired.name(scope: .nvm) == "Status type 1 code 91h")
        #expect(Status(type: 7, code: 0xC1).name == "Status type 7 code C1h")
    }

    @Test("No status stands twice in the table, nor any name")
    func tableIsUnambiguous() {
        var names = Set<String>()
        var nvm = Set<Status>()
        var fabrics = Set<Status>()
        for row in Status.table {
            #expect(names.insert(row.name).inserted, "\(row.name)")
            if row.scope != .fabrics { #expect(nvm.insert(row.status).inserted, "\(row.name)") }
            if row.scope != .nvm { #expect(fabrics.insert(row.status).inserted, "\(row.name)") }
        }
    }

    @Test("The flags stand where libnvme's masks are")
    func flags() {
        #expect(UInt32(Status.success.notRetryable.rawValue) == NVME_SC_DNR.rawValue)
        #expect(UInt32(Status.success.withMore.rawValue) == NVME_SC_MORE.rawValue)
        #expect(Status(rawValue: UInt16(NVME_SC_CRD.rawValue)).retryDelay == 3)
    }
}
