// The state of a gateway without a cluster: kept in a file, whatever stops the machine, and a file that is
// damaged is named.

import Foundation
import GatewayCore
import Synchronization
import Testing

@testable import GatewayControl

@Suite("State in a file")
struct StateFileTests {
    @Test("What was committed is there when the folder is opened again")
    func reopened() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path)
        #expect(try await store.load() == StateSnapshot(version: 1, entries: [:]))
        let first = StateChanges([.put(key: "a", text: "1\n\"é😀\u{7f}\\"), .put(key: "b", text: "")])
        #expect(try await store.commit(first, onto: 1) == .committed(version: 2))
        #expect(try await store.commit(first, onto: 1) == .superseded)
        let second = StateChanges([.remove(key: "a"), .put(key: "c", text: "3"), .remove(key: "none")])
        #expect(try await store.commit(second, onto: 2) == .committed(version: 3))
        await store.close()
        let again = try FileStateStore(path: folder.path)
        #expect(try await again.load() == StateSnapshot(version: 3, entries: ["b": "", "c": "3"]))
        await again.close()
    }

    @Test("A second gateway is refused the folder, and has it when the first one is gone")
    func locked() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path)
        let refused = #expect(throws: StoreFailure.self) { try FileStateStore(path: folder.path) }
        #expect(refused?.kind == .refused && refused?.message.contains(folder.path) == true)
        await store.close()
        await #expect(throws: StoreFailure.self) { try await store.load() }
        await (try FileStateStore(path: folder.path)).close()
    }

    @Test("A folder that can't be made is named")
    func unusable() {
        let failure = #expect(throws: StoreFailure.self) { try FileStateStore(path: "/proc/none/state") }
        #expect(failure?.message.contains("/proc/none/state") == true)
    }

    @Test("A file that is cut anywhere in its last change opens as it was before, and says so")
    func tornAnywhere() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path)
        _ = try await store.commit(StateChanges([.put(key: "a", text: "1")]), onto: 1)
        let before = try folder.journal.count
        _ = try await store.commit(StateChanges([.put(key: "a", text: "2"), .remove(key: "b")]), onto: 2)
        await store.close()
        let whole = try folder.journal
        for count in before..<whole.count - 1 {
            for tail in [Data(), Data(repeating: 0, count: 3)] {
                try folder.write(whole.prefix(count) + tail)
                let log = RecordedLines()
                let torn = try FileStateStore(path: folder.path, log: log)
                #expect(try await torn.load() == StateSnapshot(version: 2, entries: ["a": "1"]))
                // The file is whole again, and takes the change.
                #expect(log.lines.count == (count == before && tail.isEmpty ? 0 : 1))
                let change = StateChanges([.put(key: "a", text: "2")])
                #expect(try await torn.commit(change, onto: 2) == .committed(version: 3))
                await torn.close()
                let after = try FileStateStore(path: folder.path)
                #expect(try await after.load() == StateSnapshot(version: 3, entries: ["a": "2"]))
                await after.close()
            }
        }
    }

    @Test(
        "A byte that changed is named, and the file stays as it is; no change that was acknowledged is lost")
    func damaged() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path)
        for version in 1...3 {
            _ = try await store.commit(
                StateChanges([.put(key: "*", text: "\(version)")]), onto: UInt64(version))
        }
        await store.close()
        let whole = try folder.journal
        let lastLine = whole.dropLast().lastIndex(of: UInt8(ascii: "\n")) ?? 0
        // All but the last line feed: without it the line is whole.
        for index in 0..<whole.count - 1 {
            // The second makes a line feed of an asterisk.
            for flip in [1, 0x20] as [UInt8] {
                var bytes = whole
                bytes[index] ^= flip
                try folder.write(bytes)
                let failure = #expect(throws: StoreFailure.self) { try FileStateStore(path: folder.path) }
                #expect(failure?.kind == .damaged)
                #expect(failure?.message.contains("state.journal: line") == true)
                #expect(try folder.journal == bytes)
            }
        }
        for bytes in [Data(), Data("\n".utf8), whole.dropFirst(lastLine + 1)] {
            try folder.write(bytes)
            #expect(throws: StoreFailure.self) { try FileStateStore(path: folder.path) }
        }
    }

    @Test("A last line that lacks its line feed alone counts, and is ended")
    func lacksLineFeed() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path)
        _ = try await store.commit(StateChanges([.put(key: "a", text: "1")]), onto: 1)
        await store.close()
        let whole = try folder.journal
        for byte in [nil, 0, 0x0B, 0x4A, 0xFF] as [UInt8?] {
            try folder.write(whole.dropLast() + (byte.map { [$0] } ?? []))
            let log = RecordedLines()
            let opened = try FileStateStore(path: folder.path, log: log)
            #expect(log.lines.count == 1)
            #expect(try folder.journal == whole)
            let change = StateChanges([.put(key: "a", text: "2")])
            #expect(try await opened.commit(change, onto: 2) == .committed(version: 3))
            await opened.close()
            let after = try FileStateStore(path: folder.path)
            #expect(try await after.load() == StateSnapshot(version: 3, entries: ["a": "2"]))
            await after.close()
        }
    }

    @Test("A journal that has grown is written anew, as a whole, and stays short")
    func compacted() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let store = try FileStateStore(path: folder.path, slack: 2000, log: SilentLog())
        for version in 1...500 {
            let change = StateChanges([.put(key: "k\(version % 7)", text: "\(version)")])
            #expect(
                try await store.commit(change, onto: UInt64(version))
                    == .committed(version: UInt64(version + 1)))
        }
        #expect(try folder.journal.count < 4000)
        let snapshot = try await store.load()
        await store.close()
        let again = try FileStateStore(path: folder.path)
        #expect(try await again.load() == snapshot && snapshot.entries.count == 7)
        await again.close()
    }

    @Test("A line looks as Docs/State.md shows it")
    func documented() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Docs/State.md")
        let lines = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .filter { $0.contains(#""version": "#) }.map { $0.drop { $0 == " " } }
        #expect(lines.count == 2)
        for line in lines { #expect(StateJournalLine(line.utf8)?.text == line + "\n") }
    }

    @Test("A state of upstream's entries comes back from a file as it was")
    func upstream() async throws {
        let folder = try StateFolder()
        defer { folder.remove() }
        let shared = try await SharedState.open(try FileStateStore(path: folder.path))
        try await shared.commit { _ in UpstreamState.entries.map { .put(key: $0.key, text: $0.value) } }
        await shared.close()
        let again = try await SharedState.open(try FileStateStore(path: folder.path))
        #expect(again.current.entries == UpstreamState.entries && again.current.corruptEntries.isEmpty)
        await again.close()
    }
}

/// A folder for one test.
struct StateFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "gatewayd-state-\(UInt64.random(in: 0...UInt64.max))"
    }

    var journal: Data { get throws { try Data(contentsOf: file) } }
    func write(_ bytes: some DataProtocol) throws { try Data(bytes).write(to: file) }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
    private var file: URL { URL(fileURLWithPath: path + "/state.journal") }
}

/// What an operator is told.
final class RecordedLines: TargetLog {
    private let kept = Mutex<[String]>([])
    var lines: [String] { kept.withLock { $0 } }
    func write(_ level: LogLevel, _ message: String) { kept.withLock { $0.append(message) } }
}

/// Numbers that follow from a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
