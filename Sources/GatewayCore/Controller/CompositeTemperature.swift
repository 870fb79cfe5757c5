// The temperature that controllers report, and what they say when a host's threshold is crossed. A gateway
// has no thermometer, but a controller must have a temperature, thresholds and the warnings they lead to.

internal import NVMeTCP

/// Composite Temperature (CTEMP), in kelvins: a cool room's, always. The specification leaves to the
/// controller what it is computed from, and 0 would be shown by hosts as 273 degrees below freezing.
///
/// Source: NVM Express Base Specification, "SMART / Health Information", "Temperature Threshold".
enum CompositeTemperature {
    static let kelvins: UInt16 = 296
    /// Warning Composite Temperature Threshold (WCTEMP): the value that the specification recommends. Not 0
    /// since revision 1.2.
    static let warningKelvins: UInt16 = 0x157
    /// Critical Composite Temperature Threshold (CCTEMP).
    static let criticalKelvins: UInt16 = 353
}

extension Controller {
    /// Whether the temperature is at or beyond one of the host's thresholds.
    var isTemperatureBeyondThreshold: Bool {
        CompositeTemperature.kelvins >= features.temperatureOver
            || CompositeTemperature.kelvins <= features.temperatureUnder
    }

    /// Tells the host, if it wants to hear of it, that a threshold is crossed: after it has set a threshold
    /// or asked for the event, and again after it has read the health log and left the threshold as it is.
    func judgeTemperature() {
        if isTemperatureBeyondThreshold { raise(.temperature) }
    }
}
