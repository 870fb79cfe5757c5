// Feature values, asynchronous events and dataset ranges against libnvme's shifts, masks and structures.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Features")
struct FeatureTests {
    func placed(_ field: UInt32, _ shift: nvme_feat) -> UInt32 { field << shift.rawValue }

    @Test("Each feature's fields stand at libnvme's shifts and fill its masks")
    func fields() {
        var power = PowerManagement(rawValue: 0)
        power.powerState = UInt8(NVME_FEAT_PWRMGMT_PS_MASK.rawValue)
        power.workloadHint = 5
        #expect(power.rawValue == NVME_FEAT_PWRMGMT_PS_MASK.rawValue | placed(5, NVME_FEAT_PWRMGMT_WH_SHIFT))

        var temperature = TemperatureThreshold(rawValue: 0)
        temperature.kelvins = 0xFFFF
        temperature.sensor = 9
        temperature.kind = 1
        #expect(
            temperature.rawValue == NVME_FEAT_TT_TMPTH_MASK.rawValue | placed(9, NVME_FEAT_TT_TMPSEL_SHIFT)
                | placed(1, NVME_FEAT_TT_THSEL_SHIFT))
        #expect(temperature.sensor == 9)
        #expect(temperature.kind == 1)
        // TMPTHH is newer than Debian 12's libnvme: bits 24:22 in libnvme 1.16 (NVME_FEAT_TT_TMPTHH_SHIFT).
        temperature = TemperatureThreshold(rawValue: 0)
        temperature.hysteresisKelvins = 7
        #expect(temperature.rawValue == 7 << 22)

        var recovery = ErrorRecovery(rawValue: 0)
        recovery.timeLimit = 0x1234
        recovery.reportsUnwrittenBlocks = true
        #expect(recovery.rawValue == 0x1234 | placed(1, NVME_FEAT_ERROR_RECOVERY_DULBE_SHIFT))

        var cache = VolatileWriteCache(rawValue: 0)
        cache.enabled = true
        #expect(cache.rawValue == NVME_FEAT_VWC_WCE_MASK.rawValue)

        var queues = NumberOfQueues(rawValue: 0)
        queues.submissionQueues = 0x1235
        queues.completionQueues = 1
        #expect(queues.rawValue == placed(0x1234, NVME_FEAT_NRQS_NSQR_SHIFT))
        queues.completionQueues = 3
        #expect(queues.rawValue == 0x1234 | placed(2, NVME_FEAT_NRQS_NCQR_SHIFT))
        #expect(queues.submissionQueues == 0x1235)
        #expect(queues.completionQueues == 3)
        #expect(NumberOfQueues(rawValue: .max).submissionQueues == 65536)

        var atomicity = WriteAtomicityNormal(rawValue: 0)
        atomicity.disableNormal = true
        #expect(atomicity.rawValue == NVME_FEAT_WA_DN_MASK.rawValue)

        var persistence = ReservationPersistence(rawValue: 0)
        persistence.persistThroughPowerLoss = true
        #expect(persistence.rawValue == NVME_FEAT_RP_PTPL_MASK.rawValue)
    }

    @Test("Host Behavior Support is 512 bytes with its switches first")
    func hostBehavior() {
        var behavior = HostBehaviorSupport()
        behavior.advancedCommandRetry = UInt8(NVME_ENABLE_ACRE.rawValue)
        behavior.telemetryDataArea4 = 2
        behavior.lbaFormatExtension = 3
        behavior.dispersedNamespaces = 4
        behavior.copyDescriptorFormats = CopyFormats(rawValue: 0x1C05)
        let ours = encoded(HostBehaviorSupport.byteCount) { behavior.encode(into: &$0) }
        #expect(ours.count == MemoryLayout<nvme_feat_host_behavior>.size)
        // Bytes 1 to 5 after libnvme 1.16's nvme_feat_host_behavior: etdas, lbafee, hdisns, cdfe.
        #expect(ours == [1, 2, 3, 4, 0x05, 0x1C] + [UInt8](repeating: 0, count: 506))
        #expect(decoded(ours) { HostBehaviorSupport($0) } == behavior)
        #expect(decoded(Array(ours.dropLast())) { HostBehaviorSupport($0) } == nil)
    }

    @Test("Supported capabilities are saveable, namespace specific, changeable")
    func capabilities() {
        #expect(FeatureCapabilities.saveable.rawValue == 1)
        #expect(FeatureCapabilities.namespaceSpecific.rawValue == 2)
        #expect(FeatureCapabilities.changeable.rawValue == 4)
    }
}

@Suite("Asynchronous events")
struct AsyncEventTests {
    /// Type, information and log page as libnvme numbers them.
    func result(_ type: nvme_ae_type, _ information: UInt32, _ page: nvme_cmd_get_log_lid) -> UInt64 {
        UInt64(type.rawValue | information << 8 | page.rawValue << 16)
    }

    @Test("Each event has libnvme's type, information and log page")
    func events() {
        #expect(
            AsyncEvent.namespaceAttributesChanged.result
                == result(NVME_AER_NOTICE, NVME_AER_NOTICE_NS_CHANGED.rawValue, NVME_LOG_LID_CHANGED_NS))
        #expect(
            AsyncEvent.asymmetricNamespaceAccessChanged.result
                == result(NVME_AER_NOTICE, NVME_AER_NOTICE_ANA.rawValue, NVME_LOG_LID_ANA))
        #expect(
            AsyncEvent.discoveryLogChanged.result
                == result(NVME_AER_NOTICE, NVME_AER_NOTICE_DISC_CHANGED.rawValue, NVME_LOG_LID_DISCOVER))
        #expect(
            AsyncEvent.firmwareActivationStarting.result
                == result(NVME_AER_NOTICE, NVME_AER_NOTICE_FW_ACT_STARTING.rawValue, NVME_LOG_LID_FW_SLOT))
        #expect(
            AsyncEvent.persistentInternalError.result
                == result(
                    NVME_AER_ERROR, NVME_AER_ERROR_PERSISTENT_INTERNAL_ERROR.rawValue, NVME_LOG_LID_ERROR))
        #expect(
            AsyncEvent.transientInternalError.result
                == result(
                    NVME_AER_ERROR, NVME_AER_ERROR_TRANSIENT_INTERNAL_ERROR.rawValue, NVME_LOG_LID_ERROR))
        #expect(
            AsyncEvent.reliability.result
                == result(NVME_AER_SMART, NVME_AER_SMART_SUBSYSTEM_RELIABILITY.rawValue, NVME_LOG_LID_SMART))
        #expect(
            AsyncEvent.temperature.result
                == result(NVME_AER_SMART, NVME_AER_SMART_TEMPERATURE_THRESHOLD.rawValue, NVME_LOG_LID_SMART))
        #expect(
            AsyncEvent.spareBelowThreshold.result
                == result(NVME_AER_SMART, NVME_AER_SMART_SPARE_THRESHOLD.rawValue, NVME_LOG_LID_SMART))
        #expect(
            AsyncEvent.reservationLogAvailable.result
                == result(NVME_AER_CSS, NVME_AER_CSS_NVM_RESERVATION.rawValue, NVME_LOG_LID_RESERVATION))
        #expect(AsyncEvent.normalSubsystemShutdown.result == 3)
    }

    @Test("A result reads back to its event, parameter included")
    func readBack() {
        var event = AsyncEvent.discoveryLogChanged
        event.parameter = 0x1122_3344
        #expect(event.result == 0x1122_3344_0070_F002)
        #expect(AsyncEvent(result: event.result) == event)
    }

    @Test("The configuration's bits are libnvme's")
    func configuration() {
        let pairs: [(AsyncEventConfiguration, nvme_features_async_event_config_flags)] = [
            (.spareBelowThreshold, NVME_FEATURE_AENCFG_SMART_CRIT_SPARE),
            (.temperature, NVME_FEATURE_AENCFG_SMART_CRIT_TEMPERATURE),
            (.reliabilityDegraded, NVME_FEATURE_AENCFG_SMART_CRIT_DEGRADED),
            (.readOnly, NVME_FEATURE_AENCFG_SMART_CRIT_READ_ONLY),
            (.volatileBackupFailed, NVME_FEATURE_AENCFG_SMART_CRIT_VOLATILE_BACKUP),
            (.persistentMemoryUnreliable, NVME_FEATURE_AENCFG_SMART_CRIT_READ_ONLY_PMR),
            (.namespaceAttributes, NVME_FEATURE_AENCFG_NOTICE_NAMESPACE_ATTRIBUTES),
            (.firmwareActivation, NVME_FEATURE_AENCFG_NOTICE_FIRMWARE_ACTIVATION),
            (.telemetryLog, NVME_FEATURE_AENCFG_NOTICE_TELEMETRY_LOG),
            (.asymmetricNamespaceAccess, NVME_FEATURE_AENCFG_NOTICE_ANA_CHANGE),
            (.predictableLatency, NVME_FEATURE_AENCFG_NOTICE_PL_EVENT),
            (.lbaStatus, NVME_FEATURE_AENCFG_NOTICE_LBA_STATUS),
            (.enduranceGroupEvents, NVME_FEATURE_AENCFG_NOTICE_EG_EVENT),
            (.discoveryLog, NVME_FEATURE_AENCFG_NOTICE_DISCOVERY_CHANGE),
        ]
        for (ours, theirs) in pairs { #expect(ours.rawValue == UInt32(truncatingIfNeeded: theirs.rawValue)) }
    }
}

@Suite("Dataset ranges")
struct DatasetRangeTests {
    @Test("A range is libnvme's nvme_dsm_range")
    func layout() {
        let range = DatasetRange(
            startingLBA: 0x1122_3344_5566_7788, blockCount: 0x99AA_BBCC, contextAttributes: 0xDDEE_FF01)
        let theirs = cBytes(of: nvme_dsm_range()) {
            $0.cattr = 0xDDEE_FF01
            $0.nlb = 0x99AA_BBCC
            $0.slba = 0x1122_3344_5566_7788
        }
        let ours = encoded(DatasetRange.byteCount) { range.encode(into: &$0, at: 0) }
        #expect(ours == theirs)
        #expect(decoded(theirs) { DatasetRange($0, at: 0) } == range)
    }
}

@Suite("Copy source ranges")
struct CopySourceRangeTests {
    @Test("A range of format 0h is libnvme's nvme_copy_range")
    func layout() {
        let range = CopySourceRange(startingLBA: 0x1122_3344_5566_7788, blockCount: 0x99AB)
        let theirs = cBytes(of: nvme_copy_range()) {
            $0.slba = 0x1122_3344_5566_7788
            $0.nlb = 0x99AA
        }
        #expect(encoded(CopySourceRange.byteCount) { range.encode(into: &$0, at: 0) } == theirs)
        #expect(decoded(theirs) { CopySourceRange($0, at: 0) } == range)
    }

    // Debian 12's libnvme has no format 2h: these are the offsets of nvme_copy_range_f2 in nvme-cli's types.h
    // (snsid 0, slba 8, nlb 16, cetype 18, cev 20, sopt 22, elbt 24, elbat 28, elbatm 30).
    @Test("A range of format 2h names its namespace and has options")
    func format2() {
        var bytes: [UInt8] = [0xDD, 0xCC, 0xBB, 0xAA, 0, 0, 0, 0]
        bytes += [0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11]
        bytes += [0xFF, 0xFF, 0x05, 0, 0, 0, 0x00, 0x80]
        bytes += [UInt8](repeating: 0, count: 8)
        let range = CopySourceRange(
            namespaceID: 0xAABB_CCDD, startingLBA: 0x1122_3344_5566_7788, blockCount: 65_536,
            extensionType: 5, isFastCopyOnly: true)
        #expect(encoded(CopySourceRange.byteCount) { range.encode(into: &$0, at: 0) } == bytes)
        #expect(decoded(bytes) { CopySourceRange($0, at: 0) } == range)
    }

    @Test("What it has no field for is not read, whatever it holds")
    func reserved() {
        var bytes = [UInt8](repeating: 0xFF, count: 32)
        bytes.replaceSubrange(0..<4, with: [7, 0, 0, 0])
        bytes.replaceSubrange(8..<19, with: [9, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0xF0])
        bytes[23] = 0x7F
        let range = CopySourceRange(namespaceID: 7, startingLBA: 9, blockCount: 4)
        #expect(decoded(bytes) { CopySourceRange($0, at: 0) } == range)
    }

    @Test("Formats are numbered from bit 0; a number without a bit is none")
    func formats() {
        let known: [CopyFormats] = [.format0, .format1, .format2, .format3, .format4]
        for (number, format) in known.enumerated() { #expect(CopyFormats(format: UInt8(number)) == format) }
        #expect(CopyFormats(format: 16).isEmpty && CopyFormats(format: 255).isEmpty)
    }
}
