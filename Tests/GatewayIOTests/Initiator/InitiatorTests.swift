// What the initiator sends first, and what it says of peers that refuse, break the protocol, or are not
// there.

import NVMeTCP
import Testing

@testable import GatewayIO

@Suite("Initiator")
struct InitiatorTests {
    private static let subsystem = "nqn.2026-11.com.example:subsystem"
    private static let host = "nqn.2026-11.com.example:host"

    /// Connects, and gives the error with which that ends.
    private func failure(port: UInt16, timeoutMilliseconds: UInt64 = 10_000) throws -> InitiatorError? {
        var parameters = InitiatorParameters(
            address: "127.0.0.1", port: port, subsystem: try NQN(Self.subsystem), host: try NQN(Self.host),
            hostID: HostID(rawValue: 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10))
        parameters.timeoutNanoseconds = timeoutMilliseconds * 1_000_000
        let loop = try InitiatorLoop()
        do throws(InitiatorError) {
            try InitiatorController(parameters, on: loop).shutdown()
            return nil
        } catch {
            return error
        }
    }

    @Test("ICReq and Connect have each field where the specification puts it")
    func firstBytes() throws {
        let refusal = ScriptStep(
            reads: ScriptStep.connectByteCount, replies: ScriptStep.response(commandID: 0, status: 0x184))
        let controller = ScriptedController([.initialize, refusal])
        _ = try failure(port: controller.port)
        let heard = controller.transcript()
        // ICReq: type 00h, HLEN 128, PLEN 128, PFV 0, HPDA 0, no digests, MAXR2T 0.
        #expect(heard[0] == [0x00, 0, 128, 0, 128, 0, 0, 0] + [UInt8](repeating: 0, count: 120))
        let connect = heard[1]
        // CapsuleCmd: type 04h, HLEN 72, PDO 72, PLEN 1,096.
        #expect(connect[0..<8] == [0x04, 0, 72, 72, 0x48, 0x04, 0, 0])
        let entry = Array(connect[8..<72])
        // Fabrics command with an SGL (PSDT 01b), type 01h: Connect.
        #expect(entry[0] == 0x7F && entry[1] == 0x40 && entry[4] == 0x01)
        // SGL Data Block with an offset: 1,024 bytes in the capsule.
        #expect(Array(entry[24..<40]) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0x01])
        // RECFMT 0, QID 0, SQSIZE 31 (0's based), CATTR: SQ flow control disabled, KATO 30,000 ms.
        #expect(Array(entry[40..<52]) == [0, 0, 0, 0, 31, 0, 0x04, 0, 0x30, 0x75, 0, 0])
        let data = Array(connect[72...])
        #expect(Array(data[0..<18]) == Array(1...16) + [0xFF, 0xFF])
        #expect(Array(data[256...].prefix { $0 != 0 }) == Array(Self.subsystem.utf8))
        #expect(Array(data[512...].prefix { $0 != 0 }) == Array(Self.host.utf8))
    }

    @Test(
        "A refused Connect is told in the operator's words",
        arguments: [
            (0x184, 0, "does not admit this host's NQN (Connect Invalid Host)"),
            (0x182, 0x1_0100, "has no subsystem of this name (Connect Invalid Parameters)"),
            (0x182, 0x1_0200, "was refused: Connect Invalid Parameters"),
            (0x181, 0, "was refused: Connect Controller Busy"),
        ] as [(UInt16, UInt32, String)])
    func refused(status: UInt16, result: UInt32, words: String) throws {
        let refusal = ScriptStep(
            reads: ScriptStep.connectByteCount,
            replies: ScriptStep.response(commandID: 0, status: status, result: result))
        let controller = ScriptedController([.initialize, refusal])
        let error = try #require(try failure(port: controller.port))
        #expect("\(error)".contains(words), "\(error)")
    }

    @Test("A port where nobody listens is a failed connect")
    func nobody() throws {
        let controller = ScriptedController([])
        // Its listener is closed once it has served one connection.
        _ = try failure(port: controller.port)
        _ = controller.transcript()
        guard case .system("connect", _) = try failure(port: controller.port) else {
            Issue.record("connected to a closed port")
            return
        }
    }

    @Test("A peer that closes instead of answering ICReq has closed the connection")
    func closes() throws {
        let controller = ScriptedController([ScriptStep(reads: 128, replies: [])])
        guard case .closed = try failure(port: controller.port) else {
            Issue.record("not noticed")
            return
        }
    }

    @Test("A peer that never answers is given up, and the message names what was asked")
    func silent() throws {
        let controller = ScriptedController([], readsToEnd: true)
        let error = try #require(try failure(port: controller.port, timeoutMilliseconds: 50))
        #expect("\(error)" == "no answer to ICReq in time")
    }

    @Test("An ICResp of another format version gets H2CTermReq with its place, then the connection ends")
    func wrongVersion() throws {
        let response = ScriptStep(reads: 128, replies: ScriptStep.initializeResponse(version: 1))
        let controller = ScriptedController([response], readsToEnd: true)
        guard case .brokenProtocol(let error) = try failure(port: controller.port) else {
            Issue.record("accepted")
            return
        }
        #expect(error == .unsupportedParameter(8))
        let last = try #require(controller.transcript().last)
        // H2CTermReq: type 02h, FES 06h in bytes 9:8, FEI 8 in bytes 13:10.
        #expect(last.first == 0x02)
        #expect(Array(last[8..<14]) == [0x06, 0, 8, 0, 0, 0])
    }

    @Test("C2HTermReq ends the connection with what the controller says was wrong")
    func terminated() throws {
        var request = [UInt8](repeating: 0, count: 24)
        (request[0], request[2], request[4], request[8], request[10]) = (0x03, 24, 24, 0x02, 0)
        let controller = ScriptedController([.initialize, ScriptStep(reads: 72 + 1024, replies: request)])
        guard case .terminated(let error) = try failure(port: controller.port) else {
            Issue.record("not noticed")
            return
        }
        #expect(error == .sequenceError)
    }

    @Test(
        "A completion of a command that is not outstanding ends the connection",
        arguments: [1, 200] as [UInt8])
    func unknownCommand(commandID: UInt8) throws {
        let reply = ScriptStep(
            reads: ScriptStep.connectByteCount, replies: ScriptStep.response(commandID: commandID))
        let controller = ScriptedController([.initialize, reply])
        guard case .unknownCommand(UInt16(commandID)) = try failure(port: controller.port) else {
            Issue.record("not noticed")
            return
        }
    }

    @Test("A controller that asks for authentication is told to be out of reach of this initiator")
    func authentication() throws {
        // AUTHREQ.ATR, bit 17 of the result.
        let reply = ScriptStep(
            reads: ScriptStep.connectByteCount,
            replies: ScriptStep.response(commandID: 0, result: 1 << 17 | 1))
        let controller = ScriptedController([.initialize, reply])
        let error = try #require(try failure(port: controller.port))
        #expect("\(error)".contains("authentication"))
    }
}
