// Commits one change after the other to a state in a folder, and prints each version once it is kept, until
// it is killed: StateStormTests does that in the middle. What a version holds follows from its number.

import GatewayControl
import GatewayCore
import Glibc

let store = try FileStateStore(path: CommandLine.arguments[1], slack: 20_000, log: SilentLog())
let shared = try await SharedState.open(store)
while true {
    let state = try await shared.commit { state in
        let number = state.version
        let text = String(repeating: "é\n\(number)", count: Int(number * 37 % 500))
        var changes: [StateChange] = [
            .put(key: "a_\(number)", text: text), .put(key: "b_\(number)", text: text),
        ]
        if number > 5 { changes += [.remove(key: "a_\(number - 5)"), .remove(key: "b_\(number - 5)")] }
        return changes
    }
    let line = Array("\(state.version)\n".utf8)
    guard write(1, line, line.count) == line.count else { exit(1) }
}
