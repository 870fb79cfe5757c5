// Listening: ports that the system chooses, both families, and each mistake with the address it names.

import CLiburing
import Testing

@testable import GatewayIO

@Suite struct ListenerTests {
    private func problem(_ address: ListenAddress) -> TargetError? {
        do throws(TargetError) {
            _ = try Listener(address, portID: 1)
            return nil
        } catch { return error }
    }

    @Test("Port 0 becomes the port that the system chose", arguments: ["127.0.0.1", "::1"])
    func anyPort(host: String) throws {
        let listener = try Listener(ListenAddress(host: host, port: 0), portID: 3)
        #expect(listener.address.port != 0)
        #expect(listener.address.host == host)
        #expect(listener.address.isIPv6 == (host == "::1"))
        #expect(listener.portID == 3)
    }

    @Test("An address in use is named, with its port")
    func inUse() throws {
        let listener = try Listener(ListenAddress(host: "127.0.0.1", port: 0), portID: 1)
        let port = listener.address.port
        let error = problem(ListenAddress(host: "127.0.0.1", port: port))
        #expect(error == .listen(address: "127.0.0.1:\(port)", .addressInUse))
        #expect(error.map { "\($0)".contains("127.0.0.1:\(port)") } == true)
    }

    @Test("An address that this machine does not have is named")
    func notAvailable() {
        // TEST-NET-1 (RFC 5737): nobody has it.
        #expect(
            problem(ListenAddress(host: "192.0.2.1", port: 4420))
                == .listen(address: "192.0.2.1:4420", .addressNotAvailable))
    }

    @Test(
        "What is no numeric address is refused", arguments: ["", "1", "gateway.example", "300.1.1.1", "::g"])
    func notAnAddress(host: String) {
        #expect(
            problem(ListenAddress(host: host, port: 4420)) == .listen(address: "\(host):4420", .notAnAddress))
    }

    @Test("The same port can be listened on for all of IPv4 and all of IPv6")
    func bothFamilies() throws {
        let four = try Listener(ListenAddress(host: "0.0.0.0", port: 0), portID: 1)
        let six = try Listener(ListenAddress(host: "::", port: four.address.port), portID: 2)
        #expect(six.address.port == four.address.port)
    }

    @Test("Each errno of the socket calls has its problem")
    func errnos() {
        #expect(ListenProblem(call: "bind", errno: EACCES) == .permissionDenied)
        #expect(ListenProblem(call: "socket", errno: EMFILE) == .noDescriptors)
        #expect(ListenProblem(call: "socket", errno: EAFNOSUPPORT) == .familyNotSupported)
        #expect(ListenProblem(call: "listen", errno: EINVAL) == .other(call: "listen", errno: EINVAL))
        #expect("\(ListenProblem(call: "listen", errno: EINVAL))" == "listen failed: Invalid argument")
    }

    @Test("Addresses read as people write them")
    func addresses() throws {
        #expect(SocketAddress(host: "[::1]", port: 4420)?.description == "[::1]:4420")
        #expect(SocketAddress(host: "127.0.0.1", port: 8009)?.description == "127.0.0.1:8009")
        #expect(SocketAddress(host: "localhost", port: 1)?.description == "127.0.0.1:1")
        #expect(SocketAddress(host: "2001:db8::5", port: 65535)?.port == 65535)
    }
}
