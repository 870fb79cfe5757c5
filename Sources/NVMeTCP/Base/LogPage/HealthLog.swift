// The SMART / Health Information log (LID 02h). A gateway has no wear and no spare: GatewayCore fills in the
// counters and says that all is well.

/// The SMART / Health Information log page: 512 bytes.
///
/// Source: NVM Express Base Specification, "SMART / Health Information"; NVM Command Set Specification, same
/// title, for the units.
public struct HealthLog: Hashable, Sendable {
    /// The size on the wire, in bytes.
    public static let byteCount = 512

    /// Byte 0. Critical Warning (CW).
    public var criticalWarning: CriticalWarning = []
    /// Bytes 2:1. Composite Temperature (CTEMP), in kelvins.
    public var compositeTemperatureKelvins: UInt16 = 0
    /// Byte 3. Available Spare (AVSP), in percent.
    public var availableSparePercent: UInt8 = 0
    /// Byte 4. Available Spare Threshold (AVSPT), in percent.
    public var availableSpareThresholdPercent: UInt8 = 0
    /// Byte 5. Percentage Used (PUSED) of the NVM subsystem's life.
    public var percentageUsed: UInt8 = 0
    /// Byte 6. Endurance Group Critical Warning Summary (EGCWS).
    public var enduranceGroupWarnings: UInt8 = 0
    /// Bytes 47:32. Data Units Read (DUR), in thousands of 512 bytes, rounded up.
    public var dataUnitsRead: UInt128 = 0
    /// Bytes 63:48. Data Units Written (DUW), in thousands of 512 bytes, rounded up.
    public var dataUnitsWritten: UInt128 = 0
    /// Bytes 79:64. Host Read Commands (HRC) that completed.
    public var hostReadCommands: UInt128 = 0
    /// Bytes 95:80. Host Write Commands (HWC) that completed.
    public var hostWriteCommands: UInt128 = 0
    /// Bytes 111:96. Controller Busy Time (CBT), in minutes.
    public var controllerBusyMinutes: UInt128 = 0
    /// Bytes 127:112. Power Cycles (PWRC).
    public var powerCycles: UInt128 = 0
    /// Bytes 143:128. Power On Hours (POH).
    public var powerOnHours: UInt128 = 0
    /// Bytes 159:144. Unexpected Power Losses (UPL).
    public var unexpectedPowerLosses: UInt128 = 0
    /// Bytes 175:160. Media and Data Integrity Errors (MDIE).
    public var mediaErrors: UInt128 = 0
    /// Bytes 191:176. Number of Error Information Log Entries (NELIE) over the controller's life.
    public var errorLogEntries: UInt128 = 0
    /// Bytes 195:192. Warning Composite Temperature Time (WCTT).
    public var warningTemperatureMinutes: UInt32 = 0
    /// Bytes 199:196. Critical Composite Temperature Time (CCTT).
    public var criticalTemperatureMinutes: UInt32 = 0
    /// Bytes 219:216. Thermal Management Temperature 1 Transition Count (TMT1TC).
    public var thermalTransitions1: UInt32 = 0
    /// Bytes 223:220. Thermal Management Temperature 2 Transition Count (TMT2TC).
    public var thermalTransitions2: UInt32 = 0
    /// Bytes 227:224. Total Time For Thermal Management Temperature 1 (TTTMT1).
    public var thermalSeconds1: UInt32 = 0
    /// Bytes 231:228. Total Time For Thermal Management Temperature 2 (TTTMT2).
    public var thermalSeconds2: UInt32 = 0
    /// Bytes 215:200. Temperature Sensors 1 to 8 (TSEN1 to TSEN8), in kelvins; 0 is none.
    public var temperatureSensorsKelvins: [UInt16] = Array(repeating: 0, count: 8)

    public init() {}
}

extension HealthLog: CodedFields {
    mutating func code(_ codec: inout FieldCodec) {
        codec.field(&criticalWarning, at: 0)
        codec.field(&compositeTemperatureKelvins, at: 1)
        codec.field(&availableSparePercent, at: 3)
        codec.field(&availableSpareThresholdPercent, at: 4)
        codec.field(&percentageUsed, at: 5)
        codec.field(&enduranceGroupWarnings, at: 6)
        codec.field(&dataUnitsRead, at: 32)
        codec.field(&dataUnitsWritten, at: 48)
        codec.field(&hostReadCommands, at: 64)
        codec.field(&hostWriteCommands, at: 80)
        codec.field(&controllerBusyMinutes, at: 96)
        codec.field(&powerCycles, at: 112)
        codec.field(&powerOnHours, at: 128)
        codec.field(&unexpectedPowerLosses, at: 144)
        codec.field(&mediaErrors, at: 160)
        codec.field(&errorLogEntries, at: 176)
        codec.field(&warningTemperatureMinutes, at: 192)
        codec.field(&criticalTemperatureMinutes, at: 196)
        codec.field(&thermalTransitions1, at: 216)
        codec.field(&thermalTransitions2, at: 220)
        codec.field(&thermalSeconds1, at: 224)
        codec.field(&thermalSeconds2, at: 228)
        for index in temperatureSensorsKelvins.indices {
            codec.field(&temperatureSensorsKelvins[index], at: 200 + index * 2)
        }
    }
}

extension HealthLog {
    /// Reads the structure; nil where `bytes` is shorter than 512 bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= HealthLog.byteCount else { return nil }
        self.init(fields: bytes, at: 0)
    }

    /// Writes the 512 bytes at the start of `bytes`, reserved ones as zeroes.
    public func encode(into bytes: inout MutableRawSpan) { encodeFields(into: &bytes, at: 0) }
}

/// Critical Warning (CW): what is wrong; none of them is good health.
///
/// Source: NVM Express Base Specification, "SMART / Health Information".
public struct CriticalWarning: OptionSet, Hashable, Sendable, BitwiseCopyable {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Available Spare Capacity Below Threshold (ASCBT), bit 0.
    public static let spareBelowThreshold = CriticalWarning(rawValue: 1 << 0)
    /// Temperature Threshold Condition (TTC), bit 1.
    public static let temperature = CriticalWarning(rawValue: 1 << 1)
    /// NVM Subsystem Degraded Reliability (NDR), bit 2.
    public static let reliabilityDegraded = CriticalWarning(rawValue: 1 << 2)
    /// All Media Read-Only (AMRO), bit 3.
    public static let readOnly = CriticalWarning(rawValue: 1 << 3)
    /// Volatile Memory Backup Failed (VMBF), bit 4.
    public static let volatileBackupFailed = CriticalWarning(rawValue: 1 << 4)
    /// Persistent Memory Region Read-Only (PMRRO), bit 5.
    public static let persistentMemoryUnreliable = CriticalWarning(rawValue: 1 << 5)
}
