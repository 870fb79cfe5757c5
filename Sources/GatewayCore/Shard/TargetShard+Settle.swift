// Restrictions: what hosts may no longer do. A shard judges commands by the new state at once; the
// restriction is complete when what it had submitted before has ended in the backends. Whoever made it hears
// of that from every shard, and may then promise it to others: another gateway, another host.

internal import NVMeTCP

/// Who waits for a restriction to be complete on a shard.
enum RestrictionOrigin {
    /// Whoever gave the target the model of this generation.
    case model(generation: UInt64)
    /// The home shard of a namespace's reservations.
    case reservation(NamespaceUUID, version: UInt64, home: Int)
}

/// A restriction that is not complete yet.
struct UnsettledRestriction {
    let origin: RestrictionOrigin
    /// What is waited for: an epoch of each namespace.
    let epochs: [(namespace: NamespaceAttachment, epoch: UInt32)]

    var isComplete: Bool { epochs.allSatisfy { $0.namespace.submissions.hasEnded($0.epoch) } }
}

extension TargetShard {
    /// Tells `origin` as soon as all that was submitted to these namespaces has ended. What is submitted from
    /// now on is not waited for: the caller has put the restriction in force.
    func settle(_ namespaces: [NamespaceAttachment], for origin: RestrictionOrigin) {
        let epochs = namespaces.compactMap { namespace in
            namespace.submissions.advance().map { (namespace: namespace, epoch: $0) }
        }
        let restriction = UnsettledRestriction(origin: origin, epochs: epochs)
        if isSettled(restriction) { tellSettled(origin) } else { unsettled.append(restriction) }
    }

    /// Whether nothing is left that a restriction waits for: a model's is told to hosts, too.
    private func isSettled(_ restriction: UnsettledRestriction) -> Bool {
        if case .model(let generation) = restriction.origin, generation > modelAgreement.agreed {
            return false
        }
        return restriction.isComplete
    }

    /// A backend's request has ended.
    /// - Returns: Whether restrictions may have waited for it: `tellSettled` is to be called once its command
    ///   has gone on, or ended.
    func requestEnded(_ operation: UnsafeMutablePointer<Operation>) -> Bool {
        guard let namespace = unsafe operation.pointee.submittedTo else {
            preconditionFailure("a request that ends was submitted")
        }
        unsafe operation.pointee.submittedTo = nil
        let epoch = unsafe operation.pointee.submissionEpoch
        // Valid: an attachment that a backend has requests of is kept, in its subsystem's table or among the
        // retired.
        let isLast = unsafe namespace.use { $0.submissions.ended(epoch) }
        releaseRetired()
        return isLast
    }

    /// Tells those that wait no longer.
    func tellSettled() {
        if unsettled.isEmpty { return }
        for restriction in unsettled where isSettled(restriction) { tellSettled(restriction.origin) }
        unsettled.removeAll { isSettled($0) }
    }

    private func tellSettled(_ origin: RestrictionOrigin) {
        switch origin {
        case .model(let generation): enqueue(.settled(generation: generation))
        case .reservation(let namespace, let version, let home):
            enqueue(.post(.reservationSettled(namespace, version: version), to: home))
        }
    }

    /// Lets go of namespaces that left the model and have nothing under way any more.
    func releaseRetired() {
        if !retired.isEmpty { retired.removeAll { $0.isUnused } }
    }
}
