// Log pages against libnvme's structures: each field with a value of its own.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Error Information and health logs")
struct CounterLogTests {
    @Test("An error entry is libnvme's nvme_error_log_page")
    func errorInformation() {
        let value = Self.filledErrorInformation()
        let theirs = Self.theirErrorInformation()
        #expect(theirs.count == ErrorInformation.byteCount)
        let ours = encoded(ErrorInformation.byteCount) { value.encode(into: &$0, at: 0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { ErrorInformation($0, at: 0) } == value)
    }

    @Test("An entry that was never used is zeroes but for its version")
    func unusedEntry() {
        let ours = encoded(128) { bytes in
            bytes.zero()
            ErrorInformation().encode(into: &bytes, at: 64)
        }
        #expect(ours.enumerated().filter { $0.element != 0 }.map(\.offset) == [127])
    }

    @Test("A parameter location is a byte and a bit, as libnvme masks them")
    func parameterLocation() {
        let location = ParameterLocation(byte: 40, bit: 5)
        #expect(location.rawValue == 40 | 5 << 8)
        #expect(location.byte == 40)
        #expect(location.bit == 5)
        #expect(ParameterLocation.none.rawValue == 0xFFFF)
    }

    @Test("HealthLog is libnvme's nvme_smart_log, byte for byte")
    func healthLogLayout() {
        let value = Self.filledHealthLog()
        let ours = encoded(HealthLog.byteCount) { value.encode(into: &$0) }
        let theirs = Self.theirHealthLog()
        #expect(theirs.count == 512)
        #expect(MemoryLayout<nvme_smart_log>.size == 512)
        #expect(firstDifference(ours, theirs) == nil)
    }

    @Test("HealthLog reads back what it wrote, and refuses a byte too few")
    func healthLogReadBack() {
        let value = Self.filledHealthLog()
        let bytes = encoded(HealthLog.byteCount) { value.encode(into: &$0) }
        #expect(decoded(bytes) { HealthLog($0) } == value)
        #expect(decoded(bytes + [1, 2, 3]) { HealthLog($0) } == value)
        #expect(decoded(Array(bytes.dropLast())) { HealthLog($0) } == nil)
        let zeroes = encoded(HealthLog.byteCount) { HealthLog().encode(into: &$0) }
        #expect(zeroes.allSatisfy { $0 == 0 })
    }

    @Test("Critical warnings are libnvme's bits")
    func criticalWarnings() {
        let pairs: [(CriticalWarning, nvme_smart_crit)] = [
            (.spareBelowThreshold, NVME_SMART_CRIT_SPARE), (.temperature, NVME_SMART_CRIT_TEMPERATURE),
            (.reliabilityDegraded, NVME_SMART_CRIT_DEGRADED), (.readOnly, NVME_SMART_CRIT_MEDIA),
            (.volatileBackupFailed, NVME_SMART_CRIT_VOLATILE_MEMORY),
            (.persistentMemoryUnreliable, NVME_SMART_CRIT_PMR_RO),
        ]
        for (ours, theirs) in pairs { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
    }

    private static func filledErrorInformation() -> ErrorInformation {
        var value = ErrorInformation()
        value.errorCount = 0xE1C4A78A6D503316
        value.submissionQueueID = 0x3A1D
        value.commandID = 0x4124
        value.parameterLocation = ParameterLocation(rawValue: 0x482B)
        value.lba = 0x02E0C3A6896C4F32
        value.namespaceID = 0x90735639
        value.vendorSpecificLog = 0x40
        value.transportType = TransportType(rawValue: 0x47)
        value.commandSet = CommandSetID(rawValue: 0x4E)
        value.opcode = 0x55
        value.commandSpecific = 0x2C0FEDD0B396795C
        value.transportSpecific = 0x8063
        value.entryVersion = 0x6A
        value.status = .lbaOutOfRange.notRetryable
        return value
    }

    private static func theirErrorInformation() -> [UInt8] {
        var bytes = cBytes(of: nvme_error_log_page()) {
            $0.error_count = 0xE1C4A78A6D503316
            $0.sqid = 0x3A1D
            $0.cmdid = 0x4124
            $0.parm_error_location = 0x482B
            $0.lba = 0x02E0C3A6896C4F32
            $0.nsid = 0x90735639
            $0.vs = 0x40
            $0.trtype = 0x47
            $0.cs = 0x2C0FEDD0B396795C
            $0.trtype_spec_info = 0x8063
            $0.status_field = 0x4080 << 1
        }
        // Newer than Debian 12's libnvme: offsets of libnvme 1.16's types.h.
        place(0x4E, 1, at: 30, in: &bytes)  // csi
        place(0x55, 1, at: 31, in: &bytes)  // opcode
        place(0x6A, 1, at: 63, in: &bytes)  // log_page_version
        return bytes
    }

    private static func filledHealthLog() -> HealthLog {
        var value = HealthLog()
        value.criticalWarning = CriticalWarning(rawValue: 0x16)
        value.compositeTemperatureKelvins = 0x3A1D
        value.availableSparePercent = 0x24
        value.availableSpareThresholdPercent = 0x2B
        value.percentageUsed = 0x32
        value.enduranceGroupWarnings = 0x39
        value.dataUnitsRead = 0xF8DBBEA184674A2D10EED1B4977A5D40
        value.dataUnitsWritten = 0x04E2C5A88B6E513417F5D8BB9E816447
        value.hostReadCommands = 0x0BE9CCAF9275583B1E01DFC2A5886B4E
        value.hostWriteCommands = 0x12F0D3B6997C5F422508E6C9AC8F7255
        value.controllerBusyMinutes = 0x19F7DABDA08366492C0FEDD0B396795C
        value.powerCycles = 0x2003E1C4A78A6D503316F4D7BA9D8063
        value.powerOnHours = 0x270AE8CBAE9174573A1DFBDEC1A4876A
        value.unexpectedPowerLosses = 0x2E11EFD2B5987B5E412407E5C8AB8E71
        value.mediaErrors = 0x3518F6D9BC9F8265482B0EECCFB29578
        value.errorLogEntries = 0x3C1F02E0C3A6896C4F3215F3D6B99C7F
        value.warningTemperatureMinutes = 0xDDC0A386
        value.criticalTemperatureMinutes = 0xE4C7AA8D
        value.thermalTransitions1 = 0xEBCEB194
        value.thermalTransitions2 = 0xF2D5B89B
        value.thermalSeconds1 = 0xF9DCBFA2
        value.thermalSeconds2 = 0x05E3C6A9
        value.temperatureSensorsKelvins = [1, 2, 3, 4, 5, 6, 7, 0x1234]
        return value
    }

    private static func theirHealthLog() -> [UInt8] {
        let bytes = cBytes(of: nvme_smart_log()) {
            $0.critical_warning = 0x16
            fill(&$0.temperature, [0x1D, 0x3A])
            $0.avail_spare = 0x24
            $0.spare_thresh = 0x2B
            $0.percent_used = 0x32
            $0.endu_grp_crit_warn_sumry = 0x39
            fill(&$0.data_units_read, hex("405D7A97B4D1EE102D4A6784A1BEDBF8"))
            fill(&$0.data_units_written, hex("4764819EBBD8F51734516E8BA8C5E204"))
            fill(&$0.host_reads, hex("4E6B88A5C2DF011E3B587592AFCCE90B"))
            fill(&$0.host_writes, hex("55728FACC9E60825425F7C99B6D3F012"))
            fill(&$0.ctrl_busy_time, hex("5C7996B3D0ED0F2C496683A0BDDAF719"))
            fill(&$0.power_cycles, hex("63809DBAD7F41633506D8AA7C4E10320"))
            fill(&$0.power_on_hours, hex("6A87A4C1DEFB1D3A577491AECBE80A27"))
            fill(&$0.unsafe_shutdowns, hex("718EABC8E50724415E7B98B5D2EF112E"))
            fill(&$0.media_errors, hex("7895B2CFEC0E2B4865829FBCD9F61835"))
            fill(&$0.num_err_log_entries, hex("7F9CB9D6F315324F6C89A6C3E0021F3C"))
            $0.warning_temp_time = 0xDDC0A386
            $0.critical_comp_time = 0xE4C7AA8D
            $0.thm_temp1_trans_count = 0xEBCEB194
            $0.thm_temp2_trans_count = 0xF2D5B89B
            $0.thm_temp1_total_time = 0xF9DCBFA2
            $0.thm_temp2_total_time = 0x05E3C6A9
            $0.temp_sensor = (1, 2, 3, 4, 5, 6, 7, 0x1234)
        }
        return bytes
    }

    /// Two hexadecimal digits a byte.
    private static func hex(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { $0 < 0x3A ? $0 - 0x30 : $0 - 0x37 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
