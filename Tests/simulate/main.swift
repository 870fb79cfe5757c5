// `make sim`: runs seeds one after the other, tells how it goes, and stops at the first that finds something.
//
//   simulate [--seeds N] [--first SEED] [--seed SEED] [--digests] [--crowd]

import Glibc
import Simulation

struct Arguments {
    var first: UInt64 = 1
    var count: UInt64 = 1_000
    var isSingle = false
    var printsDigests = false
    var scenario = Scenario.everything

    init(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--seeds": count = Self.number(&rest, of: word)
            case "--first": first = Self.number(&rest, of: word)
            case "--seed":
                first = Self.number(&rest, of: word)
                (count, isSingle) = (1, true)
            case "--digests": printsDigests = true
            case "--crowd": scenario = .crowd
            default: Self.explain("unknown argument \(word)")
            }
        }
    }

    private static func number(_ rest: inout ArraySlice<String>, of word: String) -> UInt64 {
        guard let text = rest.popFirst(), let number = UInt64(text) else { explain("\(word) needs a number") }
        return number
    }

    /// Says what is wrong with the command line, and what it may be.
    private static func explain(_ problem: String) -> Never {
        var text = """
            simulate: \(problem)
            usage: simulate [--seeds N] [--first SEED] [--seed SEED] [--digests] [--crowd]

            """
        _ = text.withUTF8 { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(2)
    }
}

let arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
let clock = ContinuousClock()
let begin = clock.now
var sum = RunCounts()
var failures = 0
var said = begin
for seed in arguments.first..<arguments.first + arguments.count {
    let report = simulate(seed: seed, scenario: arguments.scenario, isVerbose: arguments.isSingle)
    sum += report.counts
    if arguments.printsDigests { print("\(seed) \(report.digest)") }
    if report.failure != nil {
        failures += 1
        print(report.explanation)
        if failures == 5 { break }
    }
    if clock.now - said > .seconds(5) {
        said = clock.now
        print("seed \(seed): \(sum.commandCount) commands, \(sum.faultCount) faults, \(failures) failures")
    }
}
if !arguments.printsDigests {
    for line in sum.lines { print(line) }
    let seconds = sum.nanoseconds / 1_000_000_000
    print(
        "seeds: \(arguments.count), failures: \(failures); \(seconds) s of their time in "
            + "\(clock.now - begin)")
}
exit(failures > 0 ? 1 : 0)
