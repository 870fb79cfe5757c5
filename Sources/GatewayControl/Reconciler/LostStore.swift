// What stands for a store that was lost to this gateway, until it is open again: the namespaces in it stay
// where they are, and nothing reaches a store any more, which can be closed meanwhile.

internal import GatewayCore

/// A store that is lost: hosts are told to take another path.
final class LostStore: BlockBackend {
    let geometry: BlockGeometry

    init(in place: any BlockBackend) { geometry = place.geometry }

    var isLost: Bool { true }

    /// Nothing is submitted to it but what was under way; that is path related, too.
    func submit(_ request: BackendRequest) -> BackendSubmission { .completed(.unreachable) }
}
