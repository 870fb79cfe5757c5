// What a shard holds, and whose command a backend's request is: for drivers that check the core while it
// runs, as the simulator does. Nothing on the I/O path asks.

package import NVMeTCP

/// All that a shard holds. Everything is zero once its last connection has ended and nothing is left in a
/// backend.
package struct ShardInventory: Equatable, Sendable {
    package var connections = 0
    /// Operations that have not ended, and those set aside for connections.
    package var operations = 0
    package var promisedOperations = 0
    /// Data buffers that operations hold, in bytes.
    package var bufferBytes = 0
    /// Operations that wait for a buffer.
    package var hasWaiting = false
    package var controllers = 0
    /// Namespaces that left the model while commands were under way.
    package var retiredNamespaces = 0

    package init() {}
}

extension TargetShard {
    package var inventory: ShardInventory {
        var inventory = ShardInventory()
        inventory.connections = connections.count
        inventory.operations = slab.count
        inventory.promisedOperations = promisedOperations
        inventory.bufferBytes = buffers.heldByteCount
        inventory.hasWaiting = isAwaitingBuffer
        inventory.controllers = controllers.count
        inventory.retiredNamespaces = retired.count
        return inventory
    }

    /// The controllers whose admin queue is here, ascending.
    package var controllerIDs: [UInt16] { controllers.keys.sorted() }

    /// The command that a request in a backend is part of, and the index of its connection; nil if it is the
    /// shard's own. Only between the request's submission and its end.
    package func command(of ticket: CompletionTicket) -> (connection: UInt32, command: SubmissionEntry)? {
        // Valid: the operation can't be freed before its request has ended.
        let operation = unsafe ticket.context.assumingMemoryBound(to: Operation.self)
        if unsafe operation.pointee.isInternal { return nil }
        return unsafe (operation.pointee.connection, operation.pointee.command)
    }
}
