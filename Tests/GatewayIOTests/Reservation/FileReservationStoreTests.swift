// Reservations in a folder: what was saved comes back, also in another process's turn; what is damaged or
// somebody else's is not taken.

import Foundation
import GatewayCore
import NVMeTCP
import Testing

@testable import GatewayIO

@Suite("Reservations in files")
struct FileReservationStoreTests {
    let namespace = NamespaceUUID("00112233-4455-6677-8899-aabbccddeeff")!

    static var record: ReservationRecord {
        var state = ReservationState()
        state.generation = 9
        state.persistsThroughPowerLoss = true
        state.registrants = [
            .init(host: HostID("ffeeddcc-bbaa-9988-7766-554433221100")!, key: .max),
            .init(host: HostID("00000000-0000-0000-0000-000000000001")!, key: 0),
        ]
        state.reservation = .init(type: .exclusiveAccessAllRegistrants, holder: state.registrants[0].host)
        return ReservationRecord(version: 3, state: state)
    }

    /// Runs with a folder that is gone afterwards.
    func withFolder(_ body: (String) async throws -> Void) async throws {
        let path = NSTemporaryDirectory() + "reservations-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    /// Opens the folder of a store whose thread may still be letting go of it.
    func reopened(_ path: String) async -> FileReservationStore {
        while true {
            if let store = try? FileReservationStore(path: path) { return store }
            await Task.yield()
        }
    }

    func load(_ store: FileReservationStore) async throws -> ReservationRecord? {
        try await withCheckedContinuation { continuation in
            store.load(namespace) { continuation.resume(returning: $0) }
        }.get()
    }

    func save(_ record: ReservationRecord, in store: FileReservationStore, replacing version: UInt64)
        async throws
    {
        try await withCheckedContinuation { continuation in
            store.save(record, of: namespace, replacing: version) { continuation.resume(returning: $0) }
        }.get()
    }

    @Test("What was saved is there for the next one who opens the folder, and nobody else may meanwhile")
    func roundTrip() async throws {
        try await withFolder { path in
            do {
                let store = try FileReservationStore(path: path)
                #expect(try await load(store) == nil)
                try await save(Self.record, in: store, replacing: 0)
                #expect(throws: ReservationStoreError.self) { _ = try FileReservationStore(path: path) }
            }
            let again = await reopened(path)
            #expect(try await load(again) == Self.record)
            var next = Self.record
            next.version = 4
            next.state.reservation = nil
            try await save(next, in: again, replacing: 3)
            #expect(try await load(again) == next)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: path) == ["\(namespace).reservations"])
        }
    }

    @Test("A save over another version than it knows is refused and changes nothing")
    func superseded() async throws {
        try await withFolder { path in
            let store = try FileReservationStore(path: path)
            try await save(Self.record, in: store, replacing: 0)
            for version in [UInt64(0), 2, 4] {
                await #expect(throws: ReservationStoreError.superseded) {
                    try await save(ReservationRecord(version: 9), in: store, replacing: version)
                }
            }
            #expect(try await load(store) == Self.record)
        }
    }

    @Test("A file of which any byte is another one is damaged, and says so")
    func damage() async throws {
        let text = Self.record.text(of: namespace)
        #expect(ReservationRecord(text: text, of: namespace) == Self.record)
        #expect(ReservationRecord(text: text, of: NamespaceUUID(rawValue: 1)) == nil)
        let bytes = Array(text.utf8)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(ReservationRecord(text: String(decoding: damaged, as: UTF8.self), of: namespace) == nil)
            let cut = String(decoding: bytes[..<index], as: UTF8.self)
            #expect(ReservationRecord(text: cut, of: namespace) == nil)
        }
        try await withFolder { path in
            let store = try FileReservationStore(path: path)
            try await save(Self.record, in: store, replacing: 0)
            try Data("x".utf8).write(to: URL(fileURLWithPath: "\(path)/\(namespace).reservations"))
            await #expect(throws: ReservationStoreError.self) { _ = try await load(store) }
            await #expect(throws: ReservationStoreError.self) {
                try await save(Self.record, in: store, replacing: 3)
            }
        }
    }

    @Test("A folder that can't be made or written to is refused with its name")
    func unusable() async throws {
        let error = #expect(throws: ReservationStoreError.self) {
            _ = try FileReservationStore(path: "/proc/nowhere/reservations")
        }
        #expect(error?.description.hasPrefix("/proc/nowhere/reservations: ") == true)
    }

    @Test("Many saves at once all end, each durable")
    func many() async throws {
        try await withFolder { path in
            let store = try FileReservationStore(path: path)
            await withTaskGroup(of: Bool.self) { group in
                for number in UInt64(1)...40 {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            store.save(
                                ReservationRecord(version: 1), of: NamespaceUUID(rawValue: UInt128(number)),
                                replacing: 0
                            ) { result in
                                if case .success = result { return continuation.resume(returning: true) }
                                continuation.resume(returning: false)
                            }
                        }
                    }
                }
                for await isSaved in group { #expect(isSaved) }
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 40)
        }
    }
}
