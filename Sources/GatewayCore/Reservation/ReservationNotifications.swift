// The Reservation Notification log of one controller: what happened to the registrations and reservations of
// its host, read one page at a time. The controller's shard adds; Get Log Page takes.

internal import NVMeTCP

/// Notifications that the host has not read, oldest first.
///
/// Source: NVM Express Base Specification, "Reservation Notification".
struct ReservationNotifications {
    private let entriesMax: Int
    private var entries: [ReservationNotificationLog] = []
    /// Log Page Count (LPC) of the newest one.
    private var count: UInt64 = 0

    init(entriesMax: Int) { self.entriesMax = entriesMax }

    /// Something happened. With too many unread it is lost: the newest page that is kept then has the count
    /// of the last one that was lost.
    mutating func append(_ type: ReservationNotificationType, namespaceID: NamespaceID) {
        // 0 stands for the empty page.
        count = count == .max ? 1 : count + 1
        if entries.count == entriesMax {
            entries[entriesMax - 1].count = count
            return
        }
        var entry = ReservationNotificationLog()
        entry.count = count
        entry.type = type
        entry.namespaceID = namespaceID
        entries.append(entry)
    }

    /// The oldest one, and how many more there are; the empty page if there is none.
    var page: ReservationNotificationLog {
        guard var page = entries.first else { return ReservationNotificationLog() }
        page.availableCount = UInt8(clamping: entries.count - 1)
        return page
    }

    /// The host has read the page: it is gone, whether the event is retained or not.
    mutating func dropFirst() { if !entries.isEmpty { entries.removeFirst() } }
}

extension Controller {
    /// Something happened to the reservation of a namespace that concerns the controller's host.
    func reservationChanged(_ type: ReservationNotificationType, of id: NamespaceUUID) {
        guard isEnabled, let subsystem else { return }
        for namespace in subsystem.namespaces where namespace.uuid == id.rawValue {
            let mask = features.reservationMasks[namespace.id] ?? []
            guard mask.isDisjoint(with: ReservationNotificationMask(masking: type)) else { continue }
            reservationNotifications.append(type, namespaceID: namespace.id)
            raise(.reservationLogAvailable)
        }
    }
}
