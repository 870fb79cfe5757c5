// `gatewayd bench`: its options and their help. The options become a `BenchPlan`, which `BenchRun` carries
// out on this thread.

import ArgumentParser
import GatewayIO
import NVMeTCP

extension Workload: ExpressibleByArgument {}

struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Measures an NVMe/TCP target as a host of its own, without root and without a kernel driver.",
        discussion: """
            Examples:

              gatewayd bench 127.0.0.1:4420 --nqn NQN --rw randread --qd 32
              gatewayd bench 192.0.2.1 --nqn NQN --rw randwrite --bs 16KiB \\
                  --qd 16 --connections 4 --digests --seconds 60
              gatewayd bench 192.0.2.1 --nqn NQN --rw randrw --size 1GiB --verify

            It writes to the namespace (with write, randwrite and randrw): what was there is lost.

            --verify writes data that says where it belongs and checks it when it is read, at the end too. \
            Reading alone checks what an earlier run with the same --seed wrote; --size keeps both to the \
            same part of the namespace.

            While it runs it prints a line a second on standard error; the result goes to standard output.

            Exit codes:
            \(ExitReason.table([
                .ringUnavailable, .targetUnreachable, .connectionBroken, .commandsFailed, .dataWrong,
            ]))
            """)

    @Argument(
        help: ArgumentHelp("The listener to connect to.", valueName: "addr:port"),
        transform: { try Endpoint($0) })
    var address: Endpoint

    @Option(help: "The subsystem to connect to.", transform: { try NQN(argument: $0) })
    var nqn: NQN

    @Option(
        help:
            "read and write go through the namespace in order, the others at random; randrw is half of each.")
    var rw = Workload.randread

    @Option(help: ArgumentHelp("The data of each command.", valueName: "size"))
    var bs = ByteCount(bytes: 4096)

    @Option(help: "Commands outstanding on each connection.")
    var qd = 32

    @Option(help: "Connections, each an I/O queue of one controller.")
    var connections = 1

    @Option(help: "How long to measure.")
    var seconds = 10

    @Option(help: "The namespace.")
    var nsid: UInt32 = 1

    @Option(help: "How much of the namespace to use, from its start. (default: all of it)")
    var size: ByteCount?

    @Option(help: "Decides which blocks are chosen and what --verify writes.")
    var seed: UInt64 = 1

    @Flag(help: "Ask for header and data digests.")
    var digests = false

    @Flag(help: "Check what is read against what was written.")
    var verify = false

    @Flag(help: "Print the result as one line of JSON, and no progress.")
    var json = false

    @Option(
        name: .customLong("hostnqn"), help: "The host's name. (default: derived from this machine)",
        transform: { try NQN(argument: $0) })
    var hostNQN: NQN?

    func validate() throws {
        do { try plan.check() } catch { throw ValidationError(error.description) }
    }

    func run() throws {
        do {
            let loop: InitiatorLoop
            do { loop = try InitiatorLoop() } catch {
                throw ProgramFailure(.ringUnavailable, error.description)
            }
            let silent = json
            let run = try BenchRun(plan, on: loop) { if !silent { Machine.printError($0 + "\n") } }
            let report = try run.run()
            Machine.print(json ? report.json : report.description)
            if let failure = report.failure { throw failure }
        } catch let failure as ProgramFailure {
            throw printed(failure)
        }
    }

    var plan: BenchPlan {
        BenchPlan(
            address: address, subsystem: nqn,
            host: hostNQN
                ?? NQN(uuid: NamespaceUUID(rawValue: StableIdentity.uuid(of: "host \(Machine.identity)"))),
            workload: rw, ioByteCount: Int(min(bs.bytes, 1 << 40)), queueDepth: qd,
            connectionCount: connections,
            seconds: seconds, namespaceID: nsid, wantsDigests: digests, verifies: verify,
            regionByteCount: size?.bytes, seed: seed)
    }
}
