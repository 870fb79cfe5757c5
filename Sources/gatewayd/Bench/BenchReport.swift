// What a benchmark found, as text for people and as JSON for programs. The JSON's keys stay as they are:
// scripts read them.

import Histogram
import NVMeTCP

/// The result of a run.
struct BenchReport {
    var plan: BenchPlan
    var modelNumber: String
    var elapsedNanoseconds: UInt64 = 0
    var reads: UInt64 = 0
    var writes: UInt64 = 0
    /// Latencies in nanoseconds, from submission to completion.
    var latencies = Histogram<UInt64>(
        highestTrackableValue: 3_600_000_000_000, numberOfSignificantValueDigits: .three)
    /// Ends with an error, by status.
    var errors: [Status: UInt64] = [:]
    var dataDigestErrors: UInt64 = 0
    /// Blocks whose contents were looked at.
    var verifiedBlocks: UInt64 = 0
    /// The places, in bytes, of the first wrong ones, and how many there were.
    var mismatches: [UInt64] = []
    var mismatchCount: UInt64 = 0

    static let mismatchesKept = 8

    var commandCount: UInt64 { reads + writes }
    var errorCount: UInt64 { errors.values.reduce(0, +) }
    var perSecond: Double {
        elapsedNanoseconds == 0 ? 0 : Double(commandCount) * 1e9 / Double(elapsedNanoseconds)
    }
    var megabytesPerSecond: Double { perSecond * Double(plan.ioByteCount) / 1e6 }

    /// Percentile, in microseconds.
    func latency(_ percentile: Double) -> Double { Double(latencies.valueAtPercentile(percentile)) / 1000 }

    /// Why the run counts as failed, if it does.
    var failure: ProgramFailure? {
        if mismatchCount > 0 {
            let places = mismatches.map { "\($0)" }.joined(separator: ", ")
            return ProgramFailure(
                .dataWrong,
                "\(mismatchCount) blocks did not read back as written, the first at byte \(places)")
        }
        if errorCount > 0 || dataDigestErrors > 0 {
            return ProgramFailure(
                .commandsFailed, "\(errorCount + dataDigestErrors) commands failed: \(errorList)")
        }
        return nil
    }

    private var errorList: String {
        var parts = errors.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) x \($0.key.name)" }
        if dataDigestErrors > 0 { parts.append("\(dataDigestErrors) x data digest error") }
        return parts.joined(separator: ", ")
    }
}

extension BenchReport: CustomStringConvertible {
    var description: String {
        let digests = plan.wantsDigests ? ", header and data digests" : ""
        var lines = [
            "\(plan.workload.rawValue), \(ByteCount(bytes: UInt64(plan.ioByteCount))), "
                + "queue depth \(plan.queueDepth), "
                + "\(plan.connectionCount) connection\(plan.connectionCount == 1 ? "" : "s")\(digests), "
                + "\(decimal(Double(elapsedNanoseconds) / 1e9, 1)) s, \(modelNumber)",
            "  IOPS     \(decimal(perSecond, 0))   \(decimal(megabytesPerSecond, 1)) MB/s",
            "  latency  p50 \(microseconds(50))   p99 \(microseconds(99))   p99.9 \(microseconds(99.9))   "
                + "max \(decimal(Double(latencies.max) / 1000, 1)) us",
        ]
        if plan.verifies { lines.append("  verified \(verifiedBlocks) blocks, \(mismatchCount) wrong") }
        if errorCount > 0 || dataDigestErrors > 0 { lines.append("  errors   \(errorList)") }
        return lines.joined(separator: "\n")
    }

    private func microseconds(_ percentile: Double) -> String { decimal(latency(percentile), 1) + " us" }

    /// One JSON object on one line.
    var json: String {
        let errors = errors.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\(quoted($0.key.name)):\($0.value)" }.joined(separator: ",")
        let fields: [(String, String)] = [
            ("target", quoted(plan.address.description)), ("nqn", quoted(plan.subsystem.text)),
            ("model", quoted(modelNumber)), ("rw", quoted(plan.workload.rawValue)),
            ("bs", "\(plan.ioByteCount)"), ("qd", "\(plan.queueDepth)"),
            ("connections", "\(plan.connectionCount)"), ("digests", "\(plan.wantsDigests)"),
            ("seconds", decimal(Double(elapsedNanoseconds) / 1e9, 3)),
            ("reads", "\(reads)"), ("writes", "\(writes)"), ("iops", decimal(perSecond, 1)),
            ("mb_per_second", decimal(megabytesPerSecond, 3)), ("p50_us", decimal(latency(50), 3)),
            ("p99_us", decimal(latency(99), 3)), ("p99_9_us", decimal(latency(99.9), 3)),
            ("max_us", decimal(Double(latencies.max) / 1000, 3)), ("errors", "{\(errors)}"),
            ("data_digest_errors", "\(dataDigestErrors)"), ("verified_blocks", "\(verifiedBlocks)"),
            ("mismatches", "\(mismatchCount)"),
        ]
        return "{" + fields.map { "\(quoted($0.0)):\($0.1)" }.joined(separator: ",") + "}"
    }

    /// A JSON string. Names come from peers and command lines: everything but plain ASCII is escaped.
    private func quoted(_ text: String) -> String {
        var out = "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22, 0x5C: out += "\\" + String(UnicodeScalar(UInt8(unit)))
            case 0x20..<0x7F: out += String(UnicodeScalar(UInt8(unit)))
            default:
                let digits = String(unit, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return out + "\""
    }
}

/// A number with so many digits after the point.
func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, value >= 0, value < 1e15 else { return "0" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = UInt64((value * scale).rounded())
    guard digits > 0 else { return "\(scaled)" }
    let unit = UInt64(scale)
    let fraction = String(scaled % unit)
    return "\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
}
