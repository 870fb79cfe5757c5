// How a command may be answered: with what its own requests came to, or with a reason that the target had for
// it at some time while the command was under way.

import GatewayCore
import NVMeTCP

enum StatusRules {
    /// What is wrong with the answer; nil if it is one that the command may have.
    static func complaint(of status: Status, for command: SimulatedCommand, _ world: World) -> String? {
        if let refusal = command.wish.refusal { return same(status, refusal) }
        if let failure = command.failure {
            return Self.status(of: failure.result, failure.operation).flatMap { same(status, $0) }
        }
        if status.isSuccess {
            if command.isDigestWrong { return "success with a wrong data digest" }
            return command.isAskedFor ? nil : "success, and its store was not asked for all of it"
        }
        if command.isDigestWrong, same(status, .transientTransportError) == nil { return nil }
        if status.kind == .abortRequested, command.abortWasTried {
            return command.requestsBegun == 0 ? nil : "aborted after it had reached a store"
        }
        return refusal(status, command, world)
    }

    /// A refusal needs a reason.
    private static func refusal(
        _ status: Status, _ command: SimulatedCommand, _ world: World
    ) -> String? {
        let shard = command.queue.wire.shard.shardID
        let views = world.operations.views(of: shard, since: command.start)
        switch status.kind {
        case .invalidField, .invalidNamespaceOrFormat:
            let isGone = views.contains { !$0.has(command.wish.namespaceID) }
            return isGone ? nil : "\(status.name), though its namespace was there"
        case .lbaOutOfRange:
            return command.shapes(world).contains { shape in
                let blocks = Int(shape.byteCount) / (command.store?.blockByteCount ?? 512)
                return command.wish.ranges.contains { $0.upperBound > blocks }
            } ? nil : "LBA Out of Range, though its blocks were there"
        case .namespaceWriteProtected:
            return command.shapes(world).contains { $0.isReadOnly }
                ? nil : "Namespace is Write Protected, though it was not"
        default:
            return "\(status.name) without a reason"
        }
    }

    private static func same(_ status: Status, _ expected: Status) -> String? {
        let isSame = status.kind == expected.kind && status.doNotRetry == expected.doNotRetry
        return isSame ? nil : "\(status.name) (DNR \(status.doNotRetry)) instead of \(expected.name)"
    }

    /// What a store's result must be told as; nil for success.
    private static func status(of result: BackendResult, _ operation: BackendOperation) -> Status? {
        switch result {
        case .success: nil
        case .miscompare: .compareFailure.notRetryable
        case .readOnly: .namespaceWriteProtected.notRetryable
        case .noSpace: .capacityExceeded.notRetryable
        case .mediaError:
            operation == .read || operation == .compare
                ? .unrecoveredReadError.notRetryable : .writeFault.notRetryable
        case .unreachable: .internalPathError
        case .gone: .namespaceNotReady.notRetryable
        case .unsupported: .invalidOpcode.notRetryable
        case .aborted: .abortRequested
        case .internalError: .internalError
        }
    }
}

extension Status {
    /// The name of an I/O command's status.
    var name: String { name(scope: .nvm) }
}

extension SimulatedCommand {
    /// What its store looked like while it was under way, and since its shard last looked.
    func shapes(_ world: World) -> [BlockGeometry] {
        guard let store else { return [] }
        let shard = queue.wire.shard.shardID
        let looked = world.operations.lastLook(of: shard, at: wish.namespaceID, before: start)
        return store.history.between(looked, world.step)
    }
}
