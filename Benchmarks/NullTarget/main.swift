// A target of nothing but the data path, for the benchmarks that count what a command costs it: one namespace
// that stores nothing, and no control plane, so that it is built in a minute. It prints where it listens, and
// when its standard input ends, one line of JSON with what it has served. Its arguments are
// the number of shards, and for how many microseconds each spins before it sleeps (without: automatic).

import GatewayCore
import GatewayIO
import Glibc

let shardCount = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
let namespace = Namespace(
    id: 1, name: "null", uuid: 0x3a55_0f6e_8d1b_4c0f_9a37_6f3e_52c1_77d0,
    backend: NullBackend(byteCount: 16 << 30))
let subsystem = Subsystem(
    nqn: "nqn.2026-11.com.example:bench", serialNumber: "BENCH1", access: .any, namespaces: [namespace])
var configuration = Target.Configuration(
    listeners: [ListenAddress(host: "127.0.0.1", port: 0)], subsystems: [subsystem], shardCount: shardCount,
    log: SilentLog())
if let microseconds = CommandLine.arguments.dropFirst(2).first.flatMap({ Int($0) }) {
    configuration.spinning = microseconds == 0 ? .off : .always(microseconds: microseconds)
}
let target = try await Target.start(configuration)
print("listening on 127.0.0.1:\(target.listeners[0].port)")
fflush(nil)
while readLine() != nil {}
let threads = target.threads()
let commands = await target.traffic().reduce(0) { $0 + $1.totals.reads.count + $1.totals.writes.count }
let (turns, sleeps) = threads.reduce((0, 0)) { ($0.0 + $1.turns, $0.1 + $1.sleeps) }
print("{\"commands\":\(commands),\"turns\":\(turns),\"sleeps\":\(sleeps)}")
await target.shutdown()
