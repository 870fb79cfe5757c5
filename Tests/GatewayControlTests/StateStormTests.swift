// A process that commits changes is killed again and again: what it said is kept is kept, as a whole, and at
// most the one change that was under way beside it.

import Foundation
import GatewayCore
import Testing

@testable import GatewayControl

@Suite("State storm")
struct StateStormTests {
    @Test(
        "A hundred kills in the middle of changes lose nothing that was acknowledged, and leave nothing half")
    func killed() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: 0...UInt64.max, using: &random)
        var generator = SplitMix(state: seed)
        var last: UInt64 = 1
        for round in 1...100 {
            let acknowledged = try Self.run(folder.path, killAfter: Int.random(in: 0...40, using: &generator))
            let log = RecordedLines()
            let store = try FileStateStore(path: folder.path, log: log)
            let snapshot = try await store.load()
            await store.close()
            let known = acknowledged.last ?? last
            #expect(acknowledged == Array((last + 1)..<(known + 1)), "seed \(seed), round \(round)")
            #expect((known...known + 1).contains(snapshot.version), "seed \(seed), round \(round)")
            #expect(snapshot.entries == Self.entries(snapshot.version), "seed \(seed), round \(round)")
            last = snapshot.version
        }
        // It was killed in the middle of work.
        #expect(last > 100)
    }

    /// What the program's changes come to.
    private static func entries(_ version: UInt64) -> [String: String] {
        var entries: [String: String] = [:]
        for number in 1..<max(version, 1) where number + 5 >= version {
            let text = String(repeating: "é\n\(number)", count: Int(number * 37 % 500))
            (entries["a_\(number)"], entries["b_\(number)"]) = (text, text)
        }
        return entries
    }

    /// Runs the program until it has said so many versions, and kills it.
    /// - Returns: all that it said.
    private static func run(_ folder: String, killAfter count: Int) throws -> [UInt64] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("commit-storm")
        process.arguments = [folder]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        var text = Data()
        var isKilled = false
        while true {
            if !isKilled, text.count(where: { $0 == UInt8(ascii: "\n") }) >= count {
                kill(process.processIdentifier, SIGKILL)
                isKilled = true
            }
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += more
        }
        process.waitUntilExit()
        // Its last line may be half written: then nobody was told.
        let whole = text.prefix(through: text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex - 1)
        return String(decoding: whole, as: UTF8.self).split(separator: "\n").compactMap { UInt64($0) }
    }
}
