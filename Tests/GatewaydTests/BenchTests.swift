// The parts of `bench` that need no target: what it writes and recognizes, which blocks it chooses, what it
// reports.

import ArgumentParser
import Histogram
import NVMeTCP
import Testing

@testable import gatewayd

@Suite("Bench")
struct BenchTests {
    private func filled(_ pattern: BenchPattern, offset: UInt64, generation: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xEE, count: 4096)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        pattern.fill(&raw, offset: offset, generation: generation)
        return bytes
    }

    @Test("A sector says where it belongs and in which generation, whatever block size wrote it")
    func pattern() {
        let pattern = BenchPattern(seed: 7)
        let bytes = filled(pattern, offset: 8192, generation: 3)
        for position in stride(from: 0, to: 4096, by: 512) {
            let place = 8192 + UInt64(position)
            #expect(pattern.check(bytes.span.bytes, at: position, offset: place) == .intact(generation: 3))
            #expect(pattern.check(bytes.span.bytes, at: position, offset: place + 512) == .wrong)
        }
        #expect(BenchPattern(seed: 8).check(bytes.span.bytes, at: 0, offset: 8192) == .foreign)
        #expect(pattern.check([UInt8](repeating: 0, count: 512).span.bytes, at: 0, offset: 0) == .foreign)
    }

    @Test("A flip of any byte of a sector is noticed")
    func flips() {
        let pattern = BenchPattern(seed: 7)
        let bytes = filled(pattern, offset: 0, generation: 1)
        for position in 0..<512 {
            var flipped = bytes
            flipped[position] ^= 0x10
            #expect(
                pattern.check(flipped.span.bytes, at: 0, offset: 0) != .intact(generation: 1),
                "byte \(position)")
        }
    }

    @Test("A block with a command on it is not chosen again before its end")
    func busy() throws {
        var chooser = BlockChooser(blockCount: 4, isRandom: false, seed: 1, verifies: true)
        #expect((0..<4).compactMap { _ in chooser.choose() } == [0, 1, 2, 3])
        #expect(chooser.choose() == nil)
        chooser.finish(2)
        #expect(chooser.choose() == 2)
    }

    @Test("Random blocks depend on the seed alone and stay in the region")
    func random() {
        func blocks(_ seed: UInt64) -> [UInt64] {
            var chooser = BlockChooser(blockCount: 1000, isRandom: true, seed: seed, verifies: false)
            return (0..<100).compactMap { _ in chooser.choose() }
        }
        #expect(blocks(1) == blocks(1))
        #expect(blocks(1) != blocks(2))
        #expect(blocks(1).count == 100)
        #expect(blocks(1).allSatisfy { $0 < 1000 })
    }

    @Test("Generations count the writes of each block")
    func generations() {
        var chooser = BlockChooser(blockCount: 4, isRandom: false, seed: 1, verifies: true)
        #expect(chooser.choose() == 0)
        #expect(chooser.nextGeneration(of: 0) == 1)
        chooser.finish(0)
        chooser.claim(0)
        #expect(chooser.nextGeneration(of: 0) == 2)
        #expect(chooser.generation(of: 1) == 0)
    }

    private func report() throws -> BenchReport {
        let plan = BenchPlan(
            address: try Endpoint("[::1]:4420"), subsystem: try NQN("nqn.2026-11.com.example:x"),
            host: try NQN("nqn.2026-11.com.example:h"), workload: .randrw, ioByteCount: 4096, queueDepth: 8,
            connectionCount: 2, seconds: 2)
        var report = BenchReport(plan: plan, modelNumber: "a \"b\"\u{1}")
        report.elapsedNanoseconds = 2_000_000_000
        (report.reads, report.writes) = (1500, 500)
        for value in 1...1000 { report.latencies.record(UInt64(value) * 1000) }
        return report
    }

    @Test("The JSON has the rates, the latencies and the errors by name, with foreign text escaped")
    func json() throws {
        var report = try report()
        report.errors[.invalidField] = 3
        let json = report.json
        #expect(json.contains(#""iops":1000.0,"mb_per_second":4.096,"#))
        #expect(json.contains(#""model":"a \"b\"\u0001""#))
        #expect(json.contains(#""errors":{"Invalid Field in Command":3}"#))
        let p50 = report.latency(50)
        #expect(p50 >= 499 && p50 <= 501)
    }

    @Test("Errors and wrong data make the run fail, wrong data first")
    func failure() throws {
        var report = try report()
        #expect(report.failure == nil)
        report.dataDigestErrors = 1
        #expect(report.failure?.reason == .commandsFailed)
        report.mismatchCount = 1
        report.mismatches = [8192]
        #expect(report.failure?.reason == .dataWrong)
        #expect(report.failure?.description.contains("8192") == true)
    }

    @Test(
        "Values out of range are refused",
        arguments: [
            ["--bs", "1000"], ["--qd", "0"], ["--connections", "128"], ["--seconds", "0"], ["--rw", "trim"],
        ])
    func ranges(arguments: [String]) {
        let command = ["bench", "127.0.0.1:4420", "--nqn", "nqn.2026-11.com.example:x"]
        #expect(throws: Never.self) { try Gatewayd.parseAsRoot(command) }
        #expect(throws: (any Error).self) { try Gatewayd.parseAsRoot(command + arguments) }
    }

    @Test("Numbers print with the digits asked for")
    func decimals() {
        #expect(decimal(1234.5678, 2) == "1234.57")
        #expect(decimal(0.05, 1) == "0.1")
        #expect(decimal(3, 3) == "3.000")
        #expect(decimal(12.4, 0) == "12")
    }
}
