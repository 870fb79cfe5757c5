// The two features of reservations, each a namespace's: which notifications the host does not want, and
// whether what is reserved persists through power loss. FeatureHandlers calls; the latter is the home
// shard's to set.

internal import NVMeTCP

extension Controller {
    /// A namespace that hosts may reserve.
    /// - Throws: Invalid Field in Command for any other.
    func reservable(_ id: UInt32) throws(CommandFailure) -> Namespace {
        guard let namespace = subsystem?.namespace(id), model.offersReservations(namespace) else {
            throw .invalidField(byte: 4)
        }
        return namespace
    }

    /// The namespaces that Set Features names: one, or all that hosts may reserve.
    private func reservableNamespaces(_ id: UInt32) throws(CommandFailure) -> [Namespace] {
        guard id == .broadcastNamespace else { return [try reservable(id)] }
        return subsystem?.namespaces.filter { model.offersReservations($0) } ?? []
    }

    /// Source: NVM Express Base Specification, "Reservation Notification Mask".
    func setReservationMask(_ request: SetFeaturesRequest) throws(CommandFailure) {
        let namespaces = try reservableNamespaces(request.namespaceID)
        let mask = ReservationNotificationMask(rawValue: request.value)
        let unknown = mask.subtracting(.all)
        guard unknown.isEmpty else {
            let bit = unknown.rawValue.trailingZeroBitCount
            throw .invalidField(byte: 44 + UInt8(bit / 8), bit: UInt8(bit % 8))
        }
        for namespace in namespaces { features.reservationMasks[namespace.id] = mask }
    }

    /// Source: NVM Express Base Specification, "Reservation Persistence".
    func setReservationPersistence(_ request: SetFeaturesRequest) throws(CommandFailure) -> AdminOutcome {
        let namespaces = try reservableNamespaces(request.namespaceID)
        let persists = ReservationPersistence(rawValue: request.value).persistThroughPowerLoss
        guard model.persistsReservations || !persists else { throw .invalidField(byte: 44) }
        return .setPersistence(persists, of: namespaces.map { NamespaceUUID(rawValue: $0.uuid) })
    }

    func reservationPersistence(of id: UInt32) throws(CommandFailure) -> ReservationPersistence {
        let namespace = try reservable(id)
        var value = ReservationPersistence(rawValue: 0)
        value.persistThroughPowerLoss =
            reservations[NamespaceUUID(rawValue: namespace.uuid)].state.persistsThroughPowerLoss
        return value
    }
}
