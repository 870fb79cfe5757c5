// Whether a reactor with nothing to do looks again and again for a while before it sleeps. Being woken takes
// the kernel tens of microseconds, which at a queue depth of one is most of a command's time; looking takes a
// processor that somebody else may need. So by default a reactor spins only while waits are short, few
// connections have something at a time (with many, the wake is shared by all) and nobody waits for a
// processor meanwhile.

import CLiburing

/// How a shard's thread waits.
public enum SpinSetting: Sendable, Equatable {
    /// It spins where that is likely to pay and the machine has a processor to spare.
    case automatic
    /// It sleeps at once: the least CPU time for each command.
    case off
    /// It spins so long before each sleep, in microseconds, whatever the machine does meanwhile.
    case always(microseconds: Int)
}

/// Decides for one reactor, from how its last waits went.
struct SpinGovernor {
    private let setting: SpinSetting
    private let pressure: ProcessorPressure
    /// Moving averages: the length of a wait, in nanoseconds; what a turn has found, in sixteenths.
    private var typicalWait = Self.waitMax
    private var typicalFinds: UInt64 = 0

    /// Longer waits are all alike.
    private static let waitMax: UInt64 = 1_000_000
    /// Waits up to this are worth spinning for.
    private static let shortWait: UInt64 = 400_000
    /// A connection's turn is two finds: what it received, and the end of its last send. With more than two
    /// connections the wake is shared.
    private static let fewFinds: UInt64 = 4 * 16

    init(_ setting: SpinSetting) {
        self.setting = setting
        pressure = ProcessorPressure(isWanted: setting == .automatic)
    }

    /// How long to spin before the sleep that is due now, in nanoseconds.
    mutating func budget(at now: UInt64) -> UInt64 {
        switch setting {
        case .off: return 0
        case .always(let microseconds): return UInt64(microseconds) * 1000
        case .automatic:
            guard isPromising, pressure.isLow(at: now) else { return 0 }
            // Waits for a host and for a store take turns: the average must not cut the longer ones off.
            return min(typicalWait * 4, Self.waitMax)
        }
    }

    /// Whether the last waits were short, and ended by few things.
    var isPromising: Bool { typicalWait <= Self.shortWait && typicalFinds <= Self.fewFinds }

    /// Learns how long a wait was, in nanoseconds, and how much the turn before it had found.
    mutating func waited(_ nanoseconds: UInt64, finds: Int) {
        typicalWait = (typicalWait * 7 + min(nanoseconds, Self.waitMax)) / 8
        typicalFinds = (typicalFinds * 7 + UInt64(min(finds, 1024)) * 16) / 8
    }
}

/// Whether runnable threads of the machine have to wait for a processor while this one spins: the kernel's
/// pressure stall information (proc(5), /proc/pressure/cpu), read a few times a second.
///
/// It is judged while spinning only. Threads that sleep and wake each other are often put on one processor,
/// where each waits for the other to sleep: that looks like pressure, and is over when one of them spins. So
/// spinning is tried, and left for a while, longer each time, when others had to wait meanwhile.
final class ProcessorPressure {
    private let file: Int32
    /// The sample that the present trial began with.
    private var firstTotal: UInt64?
    private var firstTime: UInt64 = 0
    private var pausedUntil: UInt64 = 0
    private var pause = ProcessorPressure.pauseMin

    private static let trial: UInt64 = 50_000_000
    /// A sample older than this says nothing of now.
    private static let trialMax: UInt64 = 500_000_000
    /// From one trial in twenty, down to one in six hundred.
    private static let pauseMin: UInt64 = 1_000_000_000
    private static let pauseMax: UInt64 = 30_000_000_000
    /// The share of time in which some thread waits, up to which the machine has a processor to spare: 1 in
    /// this.
    private static let lowDivisor: UInt64 = 10

    init(isWanted: Bool) {
        // Without it, or with one processor, there is never one to spare.
        let hasSpare = isWanted && sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1
        file = hasSpare ? unsafe gw_open("/proc/pressure/cpu", O_RDONLY) : -1
    }

    deinit { if file >= 0 { close(file) } }

    /// - Parameter now: in nanoseconds.
    func isLow(at now: UInt64) -> Bool {
        guard file >= 0, now >= pausedUntil else { return false }
        let isUnderWay = firstTotal != nil && now - firstTime < Self.trial
        return isUnderWay || note(total: stalledMicroseconds(), at: now)
    }

    /// Ends a trial and begins the next one, if nobody had to wait.
    /// - Parameter total: How long some thread has waited so far, in microseconds; nil if that is unknown.
    /// - Returns: Whether to spin.
    func note(total: UInt64?, at now: UInt64) -> Bool {
        let passed = now - firstTime
        if let total, let firstTotal, passed <= Self.trialMax {
            if (total - firstTotal) * 1000 > passed / Self.lowDivisor {
                self.firstTotal = nil
                pausedUntil = now + pause
                pause = min(pause * 2, Self.pauseMax)
                return false
            }
            pause = Self.pauseMin
        }
        (firstTotal, firstTime) = (total, now)
        return total != nil
    }

    /// For how long some thread has waited since the machine started; nil if the kernel does not count it.
    private func stalledMicroseconds() -> UInt64? {
        let text = unsafe withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            let count = unsafe pread(file, buffer.baseAddress, buffer.count, 0)
            return unsafe String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        }
        return Self.total(in: text)
    }

    /// The total of the first line: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`.
    static func total(in text: String) -> UInt64? {
        let line = text.prefix { $0 != "\n" }
        guard let field = line.split(separator: " ").last, field.hasPrefix("total=") else { return nil }
        return UInt64(field.dropFirst("total=".count))
    }
}
