// Asynchronous events of one controller: requests that wait, events that wait, and which events the host has
// heard of and not looked at yet. Controller raises events; Get Log Page clears them; the shard takes the
// completions.

internal import NVMeTCP

/// The events that this target has.
enum EventKind: UInt8, CaseIterable {
    case temperature
    case namespaceAttributeChanged
    case anaChanged
    case discoveryLogChanged
    case reservationLogAvailable

    /// What the completion says: type, information and the log page that tells more.
    var event: AsyncEvent {
        switch self {
        case .temperature: .temperature
        case .namespaceAttributeChanged: .namespaceAttributesChanged
        case .anaChanged: .asymmetricNamespaceAccessChanged
        case .discoveryLogChanged: .discoveryLogChanged
        case .reservationLogAvailable: .reservationLogAvailable
        }
    }

    /// The bit of feature 0Bh and of OAES that stands for it. Reservation notifications have none: they are
    /// masked by a feature of their own, for each namespace.
    var configuration: AsyncEventConfiguration {
        switch self {
        case .temperature: .temperature
        case .namespaceAttributeChanged: .namespaceAttributes
        case .anaChanged: .asymmetricNamespaceAccess
        case .discoveryLogChanged: .discoveryLog
        case .reservationLogAvailable: []
        }
    }

    /// The controllers that have it.
    var controllers: ControllerTypes {
        switch self {
        case .temperature, .namespaceAttributeChanged, .reservationLogAvailable: .io
        case .anaChanged: .asymmetricIO
        case .discoveryLogChanged: .discovery
        }
    }

    /// The notices of such a controller, as OAES says: health events are not optional.
    static func supported(on type: ControllerTypes) -> AsyncEventConfiguration {
        var all: AsyncEventConfiguration = []
        for kind in allCases where kind.controllers.contains(type) && kind.event.type == .notice {
            all.insert(kind.configuration)
        }
        return all
    }
}

/// The events and Asynchronous Event Requests of one controller.
///
/// Source: NVM Express Base Specification, "Asynchronous Event Request command".
struct AsyncEvents {
    private let requestsMax: Int
    /// Requests that wait for an event, oldest first, by command identifier.
    private var requests: [UInt16] = []
    /// Events that wait for a request, oldest first; none twice.
    private var pending: [EventKind] = []
    /// Events that were reported: not again before the host has read their log page.
    private var masked: Set<EventKind> = []
    private var completions: [EventCompletion] = []

    init(requestsMax: Int) { self.requestsMax = requestsMax }

    /// A request comes.
    ///
    /// - Throws: Asynchronous Event Request Limit Exceeded.
    mutating func request(_ commandID: UInt16) throws(CommandFailure) {
        guard requests.count < requestsMax else {
            throw CommandFailure(.asyncEventLimitExceeded.notRetryable)
        }
        requests.append(commandID)
        match()
    }

    /// An event that the host wants happened. What waits or was not looked at yet tells the host of this one
    /// as well.
    mutating func raise(_ kind: EventKind) {
        guard !masked.contains(kind), !pending.contains(kind) else { return }
        pending.append(kind)
        match()
    }

    /// The host has read the event's log page, and did not ask to retain the event.
    mutating func clear(_ logPage: LogPageID) {
        pending.removeAll { $0.event.logPage == logPage }
        for kind in EventKind.allCases where kind.event.logPage == logPage { masked.remove(kind) }
    }

    /// The host aborts a command: if it is a request that waits, it ends and true is returned.
    mutating func abort(_ commandID: UInt16) -> Bool {
        guard let index = requests.firstIndex(of: commandID) else { return false }
        requests.remove(at: index)
        completions.append(EventCompletion(commandID: commandID, result: 0, status: .abortRequested))
        return true
    }

    /// The controller is reset: requests end without an answer, events are forgotten.
    mutating func reset() {
        for commandID in requests {
            completions.append(
                EventCompletion(commandID: commandID, result: 0, status: .abortRequested, isSilent: true))
        }
        requests = []
        pending = []
        masked = []
    }

    /// An answer that can leave.
    mutating func take() -> EventCompletion? { completions.isEmpty ? nil : completions.removeFirst() }

    private mutating func match() {
        while !requests.isEmpty, !pending.isEmpty {
            let kind = pending.removeFirst()
            masked.insert(kind)
            completions.append(
                EventCompletion(
                    commandID: requests.removeFirst(), result: kind.event.result, status: .success))
        }
    }
}
