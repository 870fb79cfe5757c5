// When an association ends because nothing is heard from its host. A pure value: Controller asks it for the
// deadline and tells it of Keep Alive commands, of the timer and of the controller's state.

/// The keep-alive timer of one association.
///
/// Source: NVM Express Base Specification, "Keep Alive", "Traffic Based Keep Alive Support".
struct KeepAlive {
    /// Why the timer runs, or does not.
    private enum Mode: Equatable {
        /// The controller is not enabled: bounded, so that a host that never enables it does not stay for
        /// ever.
        case disabled
        /// Enabled: the Keep Alive Timeout counts.
        case enabled
        /// A shutdown was asked for: no timer runs.
        case shutdown
    }

    /// Keep Alive Timeout (KATO) in force, in milliseconds; 0 for none.
    private(set) var timeoutMilliseconds: UInt32
    private let limits: Limits
    private let isDiscovery: Bool
    private var mode = Mode.disabled
    private var start: Instant
    /// The commands that had arrived when the timer was last started or looked at.
    private var activity: UInt64 = 0

    init(timeoutMilliseconds: UInt32, isDiscovery: Bool, limits: Limits, at now: Instant) {
        self.limits = limits
        self.isDiscovery = isDiscovery
        self.timeoutMilliseconds = Self.rounded(timeoutMilliseconds, limits: limits)
        start = now
    }

    /// When `expired` should be asked next; nil if no timer runs.
    var deadline: Instant? {
        guard let period else { return nil }
        return start.advanced(byMilliseconds: period)
    }

    private var period: UInt64? {
        switch mode {
        case .disabled: max(UInt64(timeoutMilliseconds), limits.enableMilliseconds)
        case .enabled where timeoutMilliseconds > 0: UInt64(timeoutMilliseconds)
        case .enabled: isDiscovery ? limits.discoveryIdleMilliseconds : nil
        case .shutdown: nil
        }
    }

    /// A Keep Alive command came.
    mutating func refresh(activity: UInt64, at now: Instant) {
        start = now
        self.activity = activity
    }

    /// Set Features changed the timeout, which starts the timer anew.
    mutating func setTimeout(milliseconds: UInt32, activity: UInt64, at now: Instant) {
        timeoutMilliseconds = Self.rounded(milliseconds, limits: limits)
        refresh(activity: activity, at: now)
    }

    mutating func enabled(activity: UInt64, at now: Instant) { enter(.enabled, activity, now) }
    mutating func disabled(activity: UInt64, at now: Instant) { enter(.disabled, activity, now) }
    mutating func shutdown(activity: UInt64, at now: Instant) { enter(.shutdown, activity, now) }

    private mutating func enter(_ mode: Mode, _ activity: UInt64, _ now: Instant) {
        self.mode = mode
        refresh(activity: activity, at: now)
    }

    /// Looks at the timer: true if the time is over and no command came on any queue since the last look; if
    /// one came, the timer starts anew. While the controller is not enabled commands don't count.
    mutating func expired(activity: UInt64, at now: Instant) -> Bool {
        guard let deadline, deadline <= now else { return false }
        guard activity != self.activity, mode == .enabled else { return true }
        refresh(activity: activity, at: now)
        return false
    }

    /// The default of the Keep Alive Timer feature over a transport that requires it, as TCP does: two
    /// minutes.
    static func defaultMilliseconds(_ limits: Limits) -> UInt32 { rounded(120_000, limits: limits) }

    /// The timeout as a multiple of the granularity (KAS), as it is in force: never shorter than asked for.
    private static func rounded(_ milliseconds: UInt32, limits: Limits) -> UInt32 {
        let unit = UInt64(limits.keepAliveGranularity) * 100
        let whole = (UInt64(milliseconds) + unit - 1) / unit * unit
        return whole > UInt64(UInt32.max) ? UInt32(UInt64(UInt32.max) / unit * unit) : UInt32(whole)
    }
}
