// An object's entries against a real cluster: a change is made as a whole or not at all, reading gives one
// moment's entries however many there are, others are told, and an OSD that is away holds up nothing but what
// waits for it.

import RBDBackend
import Testing

@Suite("An object's entries", .enabled(if: Live.isAvailable, Live.why))
struct ObjectTests {
    @Test("A change is made as a whole, and only if the compared entry is as it was")
    func compareAndSet() async throws {
        try await withObject { object, _ async throws in
            #expect(try await object.create(["v": "1", "a": "x", "b": "é\n\""]))
            #expect(try await !object.create(["v": "9"]))
            #expect(
                try await object.change(set: ["v": "2", "c": "z"], remove: ["a", "none"], where: ("v", "1"))
                    == .committed)
            let after = ["v": "2", "b": "é\n\"", "c": "z"]
            #expect(try await object.entries(guardedBy: "v") == after)
            for (key, value) in [("v", "1"), ("v", ""), ("missing", "2")] {
                #expect(
                    try await object.change(set: ["v": "3"], remove: ["b"], where: (key, value))
                        == .superseded)
            }
            #expect(try await object.entries(guardedBy: "v") == after)
            #expect(try await object.value(of: "b") == "é\n\"")
            #expect(try await object.value(of: "a") == nil)
        }
    }

    @Test("An object that is not there is named, and so is a pool")
    func missing() async throws {
        try await withObject { object, client in
            let error = await #expect(throws: RBDError.self) { try await object.value(of: "v") }
            #expect(error?.kind == .objectMissing && error?.description.contains(object.name) == true)
            let changed = await #expect(throws: RBDError.self) {
                try await object.change(set: ["a": "1"], remove: [], where: ("v", "1"))
            }
            #expect(changed?.kind == .objectMissing)
            let pool = await #expect(throws: RBDError.self) {
                try await OMAPObject.open("x", pool: "no-such-pool", on: client)
            }
            #expect(pool?.kind == .poolMissing)
        }
    }

    @Test("A change waits for nobody's lock but refuses to go past it, and leaves none behind")
    func lock() async throws {
        let cluster = try await Live.shared()
        let lock = ObjectLock(name: "guard", cookie: "ours", description: "a test")
        try await withObject { object, _ in
            #expect(try await object.create(["v": "1"]))
            func change() async throws -> OMAPChangeOutcome {
                try await object.change(set: ["v": "1"], remove: [], where: ("v", "1"), unlessLocked: lock)
            }
            #expect(try await change() == .committed)
            // Nobody has it after that: another client can take it.
            try await cluster.rados("lock", "get", object.objectName, "guard", "--lock-cookie", "theirs")
            #expect(try await change() == .locked)
            #expect(try await object.change(set: ["a": "1"], remove: [], where: ("v", "1")) == .committed)
            let info = try await cluster.rados("lock", "info", object.objectName, "guard")
            #expect(info.contains("theirs") && !info.contains("ours"))
            let locker = try #require(info.firstMatch(of: #/client\.\d+/#)).output
            try await cluster.rados(
                "lock", "break", object.objectName, "guard", String(locker), "--lock-cookie", "theirs")
            #expect(try await change() == .committed)
            #expect(try await change() == .committed)
        }
    }

    @Test("Thousands of entries are read as they were at one moment, while others change them")
    func oneMoment() async throws {
        try await withObject { object, client in
            // Each change writes its number to two entries that are far apart.
            var entries = ["v": "0", "a": "0", "z": "0"]
            for index in 0..<3500 { entries["k\(index)"] = String(repeating: "\(index)", count: 50) }
            #expect(try await object.create(entries))
            // What nobody changes is read one part after the other.
            #expect(try await object.entries(guardedBy: "v") == entries)
            let other = try await OMAPObject.open(object.objectName, pool: "rbd", on: client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { () async throws in
                    for index in 0..<200 {
                        let number = "\(index + 1)"
                        let set = ["v": number, "a": number, "z": number]
                        #expect(
                            try await other.change(set: set, remove: ["k\(index)"], where: ("v", "\(index)"))
                                == .committed)
                    }
                }
                for _ in 0..<20 {
                    let read = try await object.entries(guardedBy: "v")
                    let number = try #require(read["v"].flatMap(Int.init))
                    #expect(read["a"] == "\(number)" && read["z"] == "\(number)")
                    #expect(read.count == entries.count - number)
                }
                try await group.waitForAll()
            }
            #expect(try await object.entries(guardedBy: "v")["v"] == "200")
            await other.close()
        }
    }

    @Test(
        "Who follows an object is told of each notification, also after the object was deleted and made anew")
    func follow() async throws {
        try await withObject { object, client in
            #expect(try await object.create(["v": "1"]))
            let (told, telling) = AsyncStream.makeStream(of: Void.self)
            var calls = told.makeAsyncIterator()
            object.follow { telling.yield() }
            // Once for what it may have missed before.
            await calls.next()
            let other = try await OMAPObject.open(object.objectName, pool: "rbd", on: client)
            for _ in 0..<3 {
                other.notify()
                await calls.next()
            }
            try await Live.shared().rados("rm", object.objectName)
            // The watch is lost with the object.
            await calls.next()
            #expect(try await object.create(["v": "1"]))
            object.keepFollowing()
            await calls.next()
            other.notify()
            await calls.next()
            await other.close()
        }
    }

    @Test("With the OSD down an operation ends by its deadline and holds no thread; later all goes on")
    func outage() async throws {
        let cluster = try await LiveCluster.start("--store", "bluestore", "--store-gib", "2")
        var limits = RBDLimits()
        limits.objectSeconds = 1
        let client = try await Cluster.connect(cluster.configuration(limits: limits))
        let object = try await OMAPObject.open("state", pool: "rbd", on: client)
        #expect(try await object.create(["v": "1"]))
        let (told, telling) = AsyncStream.makeStream(of: Void.self)
        var calls = told.makeAsyncIterator()
        object.follow { telling.yield() }
        await calls.next()
        try await cluster.killOSD()
        object.notify()
        object.notify()
        for _ in 0..<2 {
            let read = await #expect(throws: RBDError.self) { try await object.value(of: "v") }
            #expect(read?.kind == .deadlinePassed)
            let written = await #expect(throws: RBDError.self) {
                try await object.change(set: ["v": "2"], remove: [], where: ("v", "1"))
            }
            #expect(written?.kind == .deadlinePassed)
        }
        #expect(client.strandedCallCount == 0)
        try await cluster.startOSD()
        var value: String?
        while value == nil {
            do { value = try await object.value(of: "v") } catch { object.keepFollowing() }
        }
        // What was taken back was not made, or was made as a whole.
        #expect(value == "1" || value == "2")
        await calls.next()
        await object.close()
        await client.close()
        try await cluster.destroy()
    }

    /// Runs `body` with an object that is not there yet.
    private func withObject(_ body: (OMAPObject, Cluster) async throws -> Void) async throws {
        let client = try await Cluster.connect(try await Live.shared().configuration())
        let object = try await OMAPObject.open(LiveCluster.newName(), pool: "rbd", on: client)
        let result: Result<Void, any Error>
        do {
            try await body(object, client)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await object.close()
        await client.close()
        try result.get()
    }
}
