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
        if status.isSuccess { return success(command, world) }
        if command.isDigestWrong, same(status, .transientTransportError) == nil { return nil }
        if status.kind == .abortedQueueDeletion {
            // What a store has runs to its end.
            let mayBe = command.queue.isDisconnecting && command.requestsBegun == 0 && !status.doNotRetry
            return mayBe ? nil : "\(status.name), of a queue that was not deleted or a command that was begun"
        }
        if status.kind == .abortRequested, command.abortWasTried {
            // What a store has runs to its end; of a command that takes several requests the next is not
            // made.
            let isWhole =
                command.requestsBegun > 0 && command.isAskedFor && command.wish.kind != .flushAll
            return isWhole ? "aborted after all of it had reached a store" : nil
        }
        return refusal(status, command, world)
    }

    /// Success needs all of it to be done, and somebody who allowed it.
    private static func success(_ command: SimulatedCommand, _ world: World) -> String? {
        if command.isDigestWrong { return "success with a wrong data digest" }
        if !command.isAskedFor { return "success, and its store was not asked for all of it" }
        let host = command.queue.host.number
        let views = command.views(world)
        let isAllowed = command.namespaceIDs.allSatisfy { namespaceID in
            views.contains { $0.has(namespaceID, for: host) && $0.refusals(of: namespaceID).isEmpty }
        }
        return isAllowed ? nil : "success, though no model that was in force meanwhile allowed it"
    }

    /// A refusal needs a reason.
    private static func refusal(
        _ status: Status, _ command: SimulatedCommand, _ world: World
    ) -> String? {
        let host = command.queue.host.number
        let views = command.views(world)
        switch status.kind {
        case .reservationConflict where command.wish.reservation != nil: return nil
        case .invalidField where command.wish.reservation != nil: return nil
        case .invalidField, .invalidNamespaceOrFormat:
            let isGone = command.namespaceIDs.contains { namespaceID in
                views.contains { !$0.has(namespaceID, for: host) }
            }
            // A reset takes back that the host has enabled Copy between namespaces.
            let isReset = !command.wish.sourceIDs.isEmpty && command.queue.host.phase != .working
            return isGone || isReset ? nil : "\(status.name), though its namespace was there"
        case .anaInaccessible, .anaPersistentLoss, .anaTransition:
            let ids = command.wish.kind == .flushAll ? views[0].allNamespaces : command.namespaceIDs
            let isRefused = ids.contains { namespaceID in
                views.contains { $0.refusals(of: namespaceID).contains(status.kind) }
            }
            return isRefused && !status.doNotRetry ? nil : "\(status.name), though its group was accessible"
        case .lbaOutOfRange:
            return command.mayBeBeyondTheEnd(world) ? nil : "LBA Out of Range, though its blocks were there"
        case .incompatibleNamespaceOrFormat:
            let size = command.store?.blockByteCount
            let isOther = command.wish.ranges.indices.contains {
                command.source($0, in: world)?.blockByteCount != size
            }
            return isOther ? nil : "\(status.name), though its namespaces have blocks of one size"
        case .reservationConflict:
            return ReservationRules.mayConflict(command, world)
                ? nil : "\(status.name), though no reservation forbade it"
        case .abortedPreempt:
            return ReservationRules.mayBePreempted(command, world) ? nil : "\(status.name) without a Preempt"
        case .abortedFailedFused:
            return command.partner != nil ? nil : "\(status.name), though it was not fused"
        case .namespaceNotReady where command.partner != nil:
            // A pair of one half in a capsule and the other by R2T needs memory at that moment.
            let isMixed = command.wish.isInCapsule != command.partner?.wish.isInCapsule
            return isMixed && !status.doNotRetry ? nil : "\(status.name) without a reason"
        case .namespaceWriteProtected:
            return command.shapes(of: command.wish.namespaceID, world).contains { $0.isReadOnly }
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
        case .notReady: .namespaceNotReady
        case .outOfRange: .lbaOutOfRange.notRetryable
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
    /// The namespaces that it needs.
    var namespaceIDs: [UInt32] {
        [.flushAll, .refusedIO].contains(wish.kind) ? [] : [wish.namespaceID] + wish.sourceIDs
    }

    /// The models that its shard served by while it was under way.
    func views(_ world: World) -> [ModelView] {
        world.operations.views(of: queue.wire.shard.shardID, since: start)
    }

    /// What a namespace's store looked like while it was under way, and since its shard last looked.
    func shapes(of namespaceID: UInt32, _ world: World) -> [BlockGeometry] {
        guard let store = world.operations.store(of: namespaceID) else { return [] }
        let shard = queue.wire.shard.shardID
        let looked = world.operations.lastLook(of: shard, at: namespaceID, before: start)
        return store.history.between(looked, world.step)
    }

    func mayBeBeyondTheEnd(_ world: World) -> Bool {
        var ends: [(namespaceID: UInt32, block: Int)] = wish.ranges.enumerated().map { index, range in
            (wish.sourceIDs.isEmpty ? wish.namespaceID : wish.sourceIDs[index], range.upperBound)
        }
        if wish.kind == .copy { ends.append((wish.namespaceID, wish.destination + wish.blockCount)) }
        return ends.contains { namespaceID, block in
            shapes(of: namespaceID, world).contains { shape in
                let size = world.operations.store(of: namespaceID)?.blockByteCount ?? 512
                return block > Int(shape.byteCount) / size
            }
        }
    }
}
