// What a host chose with Set Features and every I/O queue of its controller goes by. The controller's shard
// writes it, the shards of the queues read it: a command that a host sends after its Set Features has
// completed finds the new choice.

internal import NVMeTCP
internal import Synchronization

/// Host Behavior Support (16h), as far as it concerns I/O commands.
public final class HostChoices: Sendable {
    private let formats = Atomic<UInt16>(0)
    private let acceptsDelay = Atomic<Bool>(false)

    /// Copy descriptor formats that the host has enabled: of those, that need it.
    var copyFormats: CopyFormats { CopyFormats(rawValue: formats.load(ordering: .acquiring)) }

    /// Whether a failed command may tell how long to wait before it is sent again (ACRE).
    var acceptsRetryDelay: Bool { acceptsDelay.load(ordering: .acquiring) }

    func apply(_ behavior: HostBehaviorSupport) {
        formats.store(behavior.copyDescriptorFormats.rawValue, ordering: .releasing)
        acceptsDelay.store(behavior.advancedCommandRetry == 1, ordering: .releasing)
    }
}
