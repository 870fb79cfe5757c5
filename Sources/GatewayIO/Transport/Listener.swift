// A listening socket: made by Target before any shard runs, so that a wrong address fails the start; accepted
// from by one shard. What connections need set on their sockets is set here too.

import CLiburing

/// Where a target listens, as configured.
public struct ListenAddress: Sendable, Equatable {
    /// A numeric IPv4 or IPv6 address; `0.0.0.0` and `::` are all of their family.
    public var host: String
    /// The TCP port; 0 lets the system choose.
    public var port: UInt16
    /// The address that discovery tells hosts, where it differs from `host` (address translation, `0.0.0.0`).
    public var advertisedHost: String?
    /// The port that discovery tells hosts, where it differs.
    public var advertisedPort: UInt16?
    /// Whether only the discovery subsystem answers here.
    public var isDiscoveryOnly: Bool
    /// Whether hosts are told of it in discovery. An address that stands for many (`0.0.0.0`) tells them
    /// nothing.
    public var isAdvertised: Bool

    public init(
        host: String, port: UInt16 = 4420, advertisedHost: String? = nil, advertisedPort: UInt16? = nil,
        isDiscoveryOnly: Bool = false, isAdvertised: Bool = true
    ) {
        self.host = host
        self.port = port
        self.advertisedHost = advertisedHost
        self.advertisedPort = advertisedPort
        self.isDiscoveryOnly = isDiscoveryOnly
        self.isAdvertised = isAdvertised
    }
}

/// Where a target really listens.
public struct BoundListener: Sendable, Equatable {
    /// The numeric address.
    public let host: String
    /// The TCP port, chosen by the system if 0 was asked for.
    public let port: UInt16
    public let isDiscoveryOnly: Bool
    /// Port Identifier (PORTID) in discovery.
    public let portID: UInt16
}

/// A socket that listens. It is closed by its end, or earlier by `stop`, which the accepting shard calls.
final class Listener: Sendable {
    let descriptor: Int32
    let address: SocketAddress
    let portID: UInt16

    init(_ configured: ListenAddress, portID: UInt16) throws(TargetError) {
        let name = "\(configured.host):\(configured.port)"
        guard let wanted = SocketAddress(host: configured.host, port: configured.port) else {
            throw .listen(address: name, .notAnAddress)
        }
        let descriptor = socket(wanted.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else {
            throw .listen(address: name, ListenProblem(call: "socket", errno: gw_errno()))
        }
        do throws(ListenProblem) {
            try Self.listen(descriptor, wanted)
        } catch {
            close(descriptor)
            throw .listen(address: wanted.description, error)
        }
        self.descriptor = descriptor
        self.portID = portID
        address = SocketAddress.local(of: descriptor) ?? wanted
    }

    deinit { close(descriptor) }

    private static func listen(_ descriptor: Int32, _ address: SocketAddress) throws(ListenProblem) {
        // A restart must not wait for connections of before in TIME-WAIT.
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        // Else `::` would take IPv4 too, and `0.0.0.0` beside it would fail.
        if address.isIPv6 { setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1) }
        guard unsafe address.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            throw ListenProblem(call: "bind", errno: gw_errno())
        }
        guard CLiburing.listen(descriptor, Bounds.listenBacklog) == 0 else {
            throw ListenProblem(call: "listen", errno: gw_errno())
        }
    }
}

extension ListenProblem: Error {}

/// Sets what every connection's socket has: no delay for small PDUs, and an end for peers that vanished.
package func configureConnection(_ socket: Int32) {
    let tcp = Int32(IPPROTO_TCP)
    setOption(socket, tcp, TCP_NODELAY, 1)
    setOption(socket, SOL_SOCKET, SO_KEEPALIVE, 1)
    setOption(socket, tcp, TCP_KEEPIDLE, Bounds.keepAliveIdleSeconds)
    setOption(socket, tcp, TCP_KEEPINTVL, Bounds.keepAliveIntervalSeconds)
}

/// Makes the close of a socket a reset, with which all that was not sent is dropped.
func abandonUnsent(_ socket: Int32) {
    var reset = linger(l_onoff: 1, l_linger: 0)
    // Where it is refused, the kernel drops it some time later.
    _ = unsafe setsockopt(
        socket, SOL_SOCKET, SO_LINGER, &reset, socklen_t(MemoryLayout<CLiburing.linger>.size))
}

private func setOption(_ socket: Int32, _ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    // Options that every kernel has; where one is refused the default serves.
    _ = unsafe setsockopt(socket, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
}
