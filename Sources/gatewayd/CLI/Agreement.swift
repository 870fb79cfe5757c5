// Asks before data is given away or a host loses what it uses: the person at the terminal, or `--yes` where
// there is none.

import ArgumentParser
import GatewayControl
import Glibc

/// `--yes`, of each command that may destroy data or disconnect hosts.
struct Agreement: ParsableArguments {
    @Flag(
        name: [.customShort("y"), .customLong("yes"), .customLong("i-am-sure")],
        help: "Agree beforehand: nothing is asked. Needed where there is no terminal to ask at.")
    var isGiven = false

    /// Returns if it was agreed to.
    /// - Parameter consequence: what is about to happen, as a sentence.
    func obtain(_ consequence: String, from console: Console) throws(ControlFailure) {
        if isGiven { return }
        guard let ask = console.ask else {
            throw ControlFailure(
                ECANCELED, "\(consequence) Nothing was changed: say --yes, as there is no terminal to ask at."
            )
        }
        let answer = ask("\(consequence) Go on? [y/N] ") ?? ""
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw ControlFailure(ECANCELED, "nothing was changed")
        }
    }
}
