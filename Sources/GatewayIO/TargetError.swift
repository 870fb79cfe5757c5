// Why a target can't start, or can't serve what it is told to. Each description names the object and the next
// step; programs show it as it is.

import CLiburing
public import GatewayCore

public enum TargetError: Error, Equatable, CustomStringConvertible {
    /// There is no io_uring.
    case ring(RingError)
    /// The address can't be listened on.
    case listen(address: String, ListenProblem)
    /// A shard's thread can't be made.
    case thread(errno: Int32)
    /// The subsystems can't be served, or hosts can't follow from those that are: nothing was changed.
    case model(ModelError)
    /// Saved reservations can't be read: a namespace can't be served without knowing them.
    case reservations(String)
    /// The target was shut down.
    case ended

    public var description: String {
        switch self {
        case .ring(let error): "\(error)"
        case .listen(let address, let problem): "cannot listen on \(address): \(problem)"
        case .thread(let errno): "cannot start a thread: \(errorText(errno))"
        case .model(let error): "\(error)"
        case .reservations(let reason): reason
        case .ended: "the target has been shut down"
        }
    }
}

/// Why an address can't be listened on.
public enum ListenProblem: Equatable, Sendable, CustomStringConvertible {
    case notAnAddress
    case addressInUse
    case addressNotAvailable
    case permissionDenied
    case noDescriptors
    /// The kernel has no IPv6, or no IPv4.
    case familyNotSupported
    case other(call: String, errno: Int32)

    init(call: String, errno: Int32) {
        self =
            switch errno {
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL: .addressNotAvailable
            case EACCES, EPERM: .permissionDenied
            case EMFILE, ENFILE: .noDescriptors
            case EAFNOSUPPORT: .familyNotSupported
            default: .other(call: call, errno: errno)
            }
    }

    public var description: String {
        switch self {
        case .notAnAddress: "give an IP address such as 192.0.2.1 or ::1; names are not looked up"
        case .addressInUse:
            "another process listens there; stop it or choose another port (ss -ltnp shows it)"
        case .addressNotAvailable: "this machine does not have that address (ip address shows those it has)"
        case .permissionDenied: "permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE"
        case .noDescriptors: "no file descriptor is left; raise the limit (ulimit -n, LimitNOFILE=)"
        case .familyNotSupported: "this kernel does not have that address family"
        case .other(let call, let errno): "\(call) failed: \(errorText(errno))"
        }
    }
}
