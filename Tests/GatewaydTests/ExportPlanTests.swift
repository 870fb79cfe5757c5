// Which options of `export` go together, and what is said when they don't.

import ArgumentParser
import GatewayCore
import NVMeTCP
import RBDBackend
import Testing

@testable import gatewayd

@Suite("Export's options")
struct ExportPlanTests {
    private func plan(_ arguments: String...) throws -> ExportPlan {
        let command = try #require(try Gatewayd.parseAsRoot(["export"] + arguments) as? ExportCommand)
        return try command.plan()
    }

    private func refusal(_ arguments: String...) -> String {
        do {
            _ = try Gatewayd.parseAsRoot(["export"] + arguments)
            return "accepted"
        } catch {
            return Gatewayd.message(for: error)
        }
    }

    @Test("Without options it listens on loopback for any host, and for discovery on 8009 if that is free")
    func defaults() throws {
        let plan = try plan("memory:1GiB")
        #expect(plan.access == .any)
        #expect(plan.blockSize == .bytes512)
        #expect(plan.listeners.map(\.address.description) == ["127.0.0.1:4420", "127.0.0.1:8009"])
        #expect(plan.listeners.map(\.isDiscoveryOnly) == [false, true])
        #expect(plan.listeners.map(\.isOptional) == [false, true])
    }

    @Test(
        "An address that others can reach needs --allow-host or --allow-any-host, and the message names both")
    func access() throws {
        let message = refusal("memory:1GiB", "--listen", "192.0.2.1:4420")
        #expect(message.contains("--allow-host NQN") && message.contains("--allow-any-host"))
        #expect(message.contains("192.0.2.1:4420"))
        let open = try plan("memory:1GiB", "--listen", "192.0.2.1:4420", "--allow-any-host")
        #expect(open.access == .any)
        let host = "nqn.2026-11.com.example:host"
        let closed = try plan("memory:1GiB", "--listen", "192.0.2.1:4420", "--allow-host", host)
        #expect(closed.access == .only([host]))
    }

    @Test("--allow-host counts on loopback too")
    func loopbackAccess() throws {
        let host = "nqn.2026-11.com.example:host"
        #expect(try plan("null:1GiB", "--allow-host", host).access == .only([host]))
        #expect(refusal("null:1GiB", "--allow-host", host, "--allow-any-host").contains("contradict"))
    }

    @Test("An export on all addresses must say which one hosts are told")
    func wildcard() throws {
        let message = refusal("null:1GiB", "--listen", "0.0.0.0:4420", "--allow-any-host")
        #expect(message.contains("--advertise"))
        let plan = try plan(
            "null:1GiB", "--listen", "0.0.0.0:4420", "--advertise", "192.0.2.1:14420", "--allow-any-host")
        #expect(plan.listeners.map(\.address.description) == ["0.0.0.0:4420", "0.0.0.0:8009"])
        #expect(plan.listeners.map(\.advertised.description) == ["192.0.2.1:14420", "192.0.2.1:8009"])
    }

    @Test("--advertise is given once for each --listen, or not at all")
    func advertise() {
        let message = refusal(
            "null:1GiB", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2", "--advertise", "127.0.0.1:3")
        #expect(message.contains("--advertise is given 1 times for 2 listeners"))
    }

    @Test("Discovery goes where it is told, or nowhere")
    func discovery() throws {
        #expect(try plan("null:1GiB", "--no-discovery").listeners.count == 1)
        let plan = try plan("null:1GiB", "--discovery-listen", "[::1]")
        #expect(plan.listeners.map(\.address.description) == ["127.0.0.1:4420", "[::1]:8009"])
        #expect(plan.listeners.map(\.isOptional) == [false, false])
        #expect(try self.plan("null:1GiB", "--listen", "127.0.0.1:8009").listeners.count == 1)
        #expect(refusal("null:1GiB", "--discovery-listen", "127.0.0.1:4420").contains("already"))
        #expect(refusal("null:1GiB", "--no-discovery", "--discovery-listen", "[::1]").contains("contradict"))
    }

    @Test("The same image or file twice is refused; memory twice is two stores")
    func duplicates() throws {
        #expect(refusal("rbd:rbd/demo", "rbd:rbd/demo").contains("there twice"))
        #expect(refusal("file:/a", "null:1GiB", "file:/a").contains("there twice"))
        #expect(try plan("memory:1GiB", "memory:1GiB").backends.count == 2)
    }

    @Test("A passphrase file unlocks the only image, or the one that it names")
    func passphraseFiles() throws {
        let option = "--encryption-passphrase-file"
        let a = ImageSpec(pool: "rbd", image: "a")
        let b = ImageSpec(pool: "rbd", image: "b")
        #expect(try plan("rbd:rbd/a", "null:1GiB", option, "./k=1").passphraseFiles == [a: "./k=1"])
        #expect(try plan("rbd:rbd/a", "rbd:rbd/b", option, "rbd:rbd/b=k").passphraseFiles == [b: "k"])
        let both = try plan("rbd:rbd/a", "rbd:rbd/b", option, "rbd:rbd/b=k", option, "rbd:rbd/a=l=m")
        #expect(both.passphraseFiles == [a: "l=m", b: "k"])
        #expect(refusal("rbd:rbd/a", "rbd:rbd/b", option, "k").contains("rbd:POOL/IMAGE=k"))
        #expect(refusal("null:1GiB", option, "k").contains("there are 0"))
        #expect(refusal("rbd:rbd/a", option, "rbd:rbd/b=k").contains("not exported"))
        #expect(refusal("rbd:rbd/a", option, "k", option, "rbd:rbd/a=k").contains("twice"))
        #expect(refusal("rbd:rbd/a", option, "rbd:rbd/a").contains("is not rbd:POOL/IMAGE=FILE"))
        #expect(refusal("rbd:rbd/a", option, "").contains("names no file"))
    }

    @Test("A derived NQN is stable, and another machine's or another export's is another")
    func derivedNQN() throws {
        func name(_ backend: String, _ machine: String) throws -> NQN {
            try ExportPlan(ExportOptions(backends: [try BackendSpecification(backend)]), machine: machine).nqn
        }
        // From another implementation: Python's uuid.uuid5.
        #expect(
            try name("rbd:rbd/demo", "m1").text
                == "nqn.2014-08.org.nvmexpress:uuid:6b2a95cf-309e-501d-8ade-9a36a7832e4b")
        #expect(try name("rbd:rbd/demo", "m2") != name("rbd:rbd/demo", "m1"))
        #expect(try name("rbd:rbd/other", "m1") != name("rbd:rbd/demo", "m1"))
    }

    @Test(
        "Values out of range are refused with the range",
        arguments: [
            (["null:1GiB", "--block-size", "1024"], "512 or 4096"),
            (["null:1GiB", "--mdts", "12KiB"], "--mdts is"), (["null:1GiB", "--mdts", "4KiB"], "--mdts is"),
            (["null:1GiB", "--mdts", "2MiB"], "--mdts is"),
            (["null:1GiB", "--shards", "0"], "--shards is 1 to 64"),
            (["null:1GiB", "--controller-ids", "0-9"], "FIRST-LAST, from 1 to 65519"),
            (["null:1GiB", "--controller-ids", "9-1"], "not a range"),
            (["null:1GiB", "--controller-ids", "9-65520"], "not a range"),
            (["null:1GiB", "--controller-ids", "1-2-3"], "not a range"),
            (["null:1GiB", "--controller-ids", "1-3", "--shards", "4"], "has 3 for 4 threads"),
            (["null:1GiB", "--nqn", "disk"], "is no NQN"), (["null:lots"], "is not a size"),
            (["null:1GiB", "--nqn", NQN.discovery.text], "discovery"),
        ])
    func ranges(arguments: [String], words: String) {
        do {
            _ = try Gatewayd.parseAsRoot(["export"] + arguments)
            Issue.record("accepted: \(arguments)")
        } catch {
            #expect(Gatewayd.message(for: error).contains(words))
            #expect(Gatewayd.exitCode(for: error).rawValue == 64)
        }
    }

    @Test("MDTS is counted in powers of two of 4 KiB")
    func transferShift() throws {
        let command = try #require(
            try Gatewayd.parseAsRoot(["export", "null:1GiB", "--mdts", "1MiB"]) as? ExportCommand)
        #expect(try command.settings().transferShift == 8)
    }

    @Test("Controller identifiers are all of them, or a range")
    func controllerIDs() throws {
        func settings(_ arguments: String...) throws -> ExportSettings {
            let root = try Gatewayd.parseAsRoot(["export", "null:1GiB"] + arguments)
            return try #require(root as? ExportCommand).settings()
        }
        #expect(try settings().controllerIDs == 1...65519)
        #expect(try settings("--controller-ids", "2041-4080").controllerIDs == 2041...4080)
    }

    @Test("Reservations are offered by a gateway that is alone, and persist if it has a folder for them")
    func reservations() throws {
        func settings(_ arguments: String...) throws -> (isOffered: Bool, folder: String?) {
            let root = try Gatewayd.parseAsRoot(["export", "null:1GiB"] + arguments)
            let settings = try #require(root as? ExportCommand).settings()
            return (settings.offersReservations, settings.reservationFolder)
        }
        #expect(try settings() == (true, nil))
        #expect(try settings("--reservations", "/srv/r") == (true, "/srv/r"))
        #expect(try settings("--no-reservations") == (false, nil))
        #expect(try settings("--controller-ids", "1-100") == (false, nil))
        for others in [["--no-reservations"], ["--controller-ids", "1-100"]] {
            #expect(throws: (any Error).self) {
                try Gatewayd.parseAsRoot(["export", "null:1GiB", "--reservations", "/srv/r"] + others)
            }
        }
    }

    @Test("The announcement has the lines to type on a host, with the advertised addresses")
    func announcement() throws {
        let plan = try plan(
            "null:1GiB", "--nqn", "nqn.2026-11.com.example:null", "--listen", "127.0.0.1:1", "--advertise",
            "10.0.2.2:4420")
        let namespace = Namespace(id: 1, name: "null:1GiB", uuid: 1, backend: NullBackend(byteCount: 1 << 30))
        let text = Announcement(plan: plan, namespaces: [namespace], listeners: plan.listeners).description
        #expect(
            text == """
                Exporting nqn.2026-11.com.example:null to any host:
                  namespace 1: null:1GiB, 1GiB, 512-byte blocks, uuid 00000000-0000-0000-0000-000000000001
                On a host (as root):
                  nvme discover -t tcp -a 10.0.2.2 -s 8009
                  nvme connect -t tcp -a 10.0.2.2 -s 4420 -n nqn.2026-11.com.example:null
                """)
    }

    @Test("Every exit code is its own and has a meaning, and the help shows those that export has")
    func exitCodes() {
        #expect(Set(ExitReason.allCases.map(\.meaning)).count == ExitReason.allCases.count)
        #expect(ExitReason.allCases.allSatisfy { $0.rawValue > 64 && $0.rawValue < 126 })
        #expect(Gatewayd.helpMessage(for: ExportCommand.self).contains(" 68   no monitor"))
    }
}
