// The values of a controller's features, as Set Features left them. A new value is made at Connect and at
// each reset: those are the defaults, and nothing is saved.

internal import NVMeTCP

/// What features are set to. Keep Alive Timer and Number of Queues live where they act: KeepAlive and
/// QueueSet.
struct FeatureValues {
    /// Asynchronous events that the host wants (0Bh).
    var asyncEvents: AsyncEventConfiguration = []
    /// Arbitration (01h): the burst and weights that a host may set and round robin does not look at.
    var arbitration: UInt32 = 0x7
    var powerManagement = PowerManagement(rawValue: 0)
    /// Temperature Threshold (04h) of the composite temperature, in kelvins: over and under.
    var temperatureOver = CompositeTemperature.warningKelvins
    var temperatureUnder: UInt16 = 0
    /// Error Recovery (05h), by namespace; one that is not here has the default, 0.
    var errorRecovery: [UInt32: ErrorRecovery] = [:]
    var writeAtomicity = WriteAtomicityNormal(rawValue: 0)
    var hostBehavior = HostBehaviorSupport()
    /// Reservation Notification Mask (82h), by namespace; one that is not here masks nothing.
    var reservationMasks: [UInt32: ReservationNotificationMask] = [:]
}
