// Connect: each reason to refuse it, with its status and what the result says is wrong.

import NVMeTCP
import Testing

@testable import GatewayCore

@Suite("Connect")
struct ConnectTests {
    /// Connect Invalid Parameters at `offset` of the entry or of the data.
    func invalid(_ offset: UInt16, inData: Bool) -> CommandFailure {
        let result = UInt64(offset) | (inData ? 0x1_0000 : 0)
        return CommandFailure(
            .connectInvalidParameters.notRetryable,
            at: inData ? nil : ParameterErrorLocation(byte: UInt8(offset)), result: result)
    }

    func failure(_ parsed: Result<ConnectRequest, CommandFailure>) -> CommandFailure? {
        switch parsed {
        case .success: nil
        case .failure(let failure): failure
        }
    }

    func refusal(_ request: ConnectRequest, by model: TargetModel, port: UInt16 = 1) -> CommandFailure? {
        do throws(CommandFailure) {
            _ = try request.admit(to: model, port: port, limits: Limits())
            return nil
        } catch {
            return error
        }
    }

    let model = TargetModel(
        generation: 1, subsystems: [ControllerFixture.subsystem([ControllerFixture.namespace(1)])],
        ports: [ControllerFixture.port(1), ControllerFixture.port(2, service: 8009, isDiscoveryOnly: true)])

    @Test("A good Connect is parsed field by field")
    func good() throws {
        let request = try ControllerFixture.connect(
            queueID: 3, size: 127, controllerID: 5, hostID: 0x0102 << 112, keepAliveMilliseconds: 5000
        ).get()
        #expect(request.queueID == 3)
        #expect(request.queueEntries == 128)
        #expect(request.controllerID == 5)
        #expect(request.hostID.rawValue == 0x0102 << 112)
        #expect(request.keepAliveMilliseconds == 5000)
        #expect(request.hostNQN.text == ControllerFixture.host)
        #expect(request.subsystemNQN.text == ControllerFixture.nqn)
        #expect(!request.isFlowControlDisabled)
    }

    @Test("A record format other than 0 answers Connect Incompatible Format")
    func recordFormat() throws {
        let refused = failure(try ControllerFixture.connect(recordFormat: 1))
        #expect(refused?.status == .connectIncompatibleFormat.notRetryable)
        #expect(refused?.location == ParameterErrorLocation(byte: 40))
    }

    @Test("A queue of one entry or too many answers Connect Invalid Parameters at SQSIZE")
    func queueSize() throws {
        #expect(failure(try ControllerFixture.connect(size: 0)) == invalid(44, inData: false))
        let largest = try ControllerFixture.connect(size: 127).get()
        #expect(refusal(largest, by: model) == nil)
        let tooLarge = try ControllerFixture.connect(size: 128).get()
        #expect(refusal(tooLarge, by: model) == invalid(44, inData: false))
    }

    @Test(
        "An admin queue that names a controller answers Connect Invalid Parameters at CNTLID",
        arguments: [0, 5, 0xFFFE])
    func staticController(id: UInt16) throws {
        #expect(failure(try ControllerFixture.connect(controllerID: id)) == invalid(16, inData: true))
    }

    @Test(
        "An I/O queue that names no controller answers Connect Invalid Parameters at CNTLID",
        arguments: [0xFFF0, 0xFFFF])
    func noController(id: UInt16) throws {
        #expect(
            failure(try ControllerFixture.connect(queueID: 1, controllerID: id)) == invalid(16, inData: true))
    }

    @Test("A name that is no NQN answers Connect Invalid Parameters at that name")
    func names() throws {
        let noEnd = try ControllerFixture.connect { bytes in
            for index in 256..<512 { bytes[index] = UInt8(ascii: "x") }
        }
        #expect(failure(noEnd) == invalid(256, inData: true))
        let empty = try ControllerFixture.connect { $0[512] = 0 }
        #expect(failure(empty) == invalid(512, inData: true))
    }

    @Test("Data that is too short answers Data SGL Length Invalid")
    func short() {
        let entry = ConnectCommand(queueID: 0, submissionQueueSize: 31).entry(commandID: 0)
        let bytes = [UInt8](repeating: 0, count: 1023)
        do throws(CommandFailure) {
            _ = try ConnectRequest.parse(entry, data: bytes.span.bytes)
            Issue.record("was parsed")
        } catch {
            #expect(error.status == .dataSGLLengthInvalid.notRetryable)
        }
    }

    @Test("Connect to an unknown subsystem answers Invalid Parameters at byte 256")
    func unknownSubsystem() throws {
        let request = try ControllerFixture.connect(subsystem: "nqn.2016-06.io.example:other").get()
        #expect(refusal(request, by: model) == invalid(256, inData: true))
    }

    @Test("On a port for discovery alone a subsystem is unknown and discovery is served")
    func discoveryPort() throws {
        #expect(
            refusal(try ControllerFixture.connect().get(), by: model, port: 2) == invalid(256, inData: true))
        let discovery = try ControllerFixture.connect(subsystem: NQN.discovery.text).get()
        #expect(refusal(discovery, by: model, port: 2) == nil)
        #expect(refusal(discovery, by: model, port: 1) == nil)
    }

    @Test("A host that is not on the list answers Connect Invalid Host, one that is gets in")
    func hosts() throws {
        func model(_ hosts: Set<String>) -> TargetModel {
            TargetModel(
                generation: 1, subsystems: [ControllerFixture.subsystem([], access: .only(hosts))],
                ports: [ControllerFixture.port(1)])
        }
        let request = try ControllerFixture.connect().get()
        #expect(refusal(request, by: model([])) == CommandFailure(.connectInvalidHost.notRetryable))
        #expect(refusal(request, by: model([ControllerFixture.host])) == nil)
    }

    @Test("An I/O queue's Connect is refused at the lowest wrong field, and joins once")
    func ioQueue() throws {
        func refusal(_ fixture: ControllerFixture, _ request: ConnectRequest) -> CommandFailure? {
            do throws(CommandFailure) {
                try fixture.controller.admitQueue(request)
                return nil
            } catch {
                return error
            }
        }
        func request(
            _ queueID: UInt16 = 1, size: UInt16 = 127, subsystem: String = ControllerFixture.nqn,
            host: String = ControllerFixture.host, hostID: UInt128 = 9
        ) throws -> ConnectRequest {
            try ControllerFixture.connect(
                queueID: queueID, size: size, controllerID: 5, subsystem: subsystem, host: host,
                hostID: hostID
            ).get()
        }
        let fixture = try ControllerFixture()
        #expect(refusal(fixture, try request(128)) == invalid(42, inData: false))
        #expect(refusal(fixture, try request(size: 1024)) == invalid(44, inData: false))
        #expect(refusal(fixture, try request(hostID: 8)) == invalid(0, inData: true))
        #expect(
            refusal(fixture, try request(subsystem: "nqn.2016-06.io.example:other"))
                == invalid(256, inData: true))
        #expect(
            refusal(fixture, try request(host: "nqn.2016-06.io.example:host")) == invalid(512, inData: true))
        #expect(refusal(fixture, try request(127, size: 1023)) == nil)
        #expect(refusal(fixture, try request(127)) == .outOfSequence)
        #expect(refusal(fixture, try request(126, hostID: 0)) == nil)
        fixture.controller.queueClosed(127)
        #expect(refusal(fixture, try request(127)) == nil)

        let disabled = try ControllerFixture(isEnabled: false)
        #expect(refusal(disabled, try request()) == invalid(42, inData: false))
        let discovery = try ControllerFixture(discovery: true)
        #expect(refusal(discovery, try request()) == invalid(42, inData: false))
    }
}
