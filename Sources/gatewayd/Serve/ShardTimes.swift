// How busy the target's threads are, as the kernel counts it: shards themselves count no time on the way of
// a command.

import Foundation
import GatewayControl

enum ShardTimes {
    /// What GatewayIO calls the threads of shards.
    private static let namePrefix = "gw-shard-"

    /// The shards' threads by name, with the time that they ran, and the rest of what has passed since
    /// `start`.
    static func statistics(since start: ContinuousClock.Instant) -> [ShardStatistics] {
        let elapsed = (ContinuousClock.now - start).components
        let passed = UInt64(elapsed.seconds) * 1_000_000_000 + UInt64(elapsed.attoseconds / 1_000_000_000)
        return threads.compactMap { thread -> ShardStatistics? in
            guard let name = text("\(thread)/comm"), name.hasPrefix(namePrefix) else { return nil }
            var statistics = ShardStatistics(name: name)
            // proc(5): the first number of schedstat is the time on a processor, in nanoseconds.
            statistics.busy =
                text("\(thread)/schedstat")?.split(separator: " ").first.flatMap { UInt64($0) } ?? 0
            statistics.idle = passed > statistics.busy ? passed - statistics.busy : 0
            return statistics
        }.sorted { $0.name < $1.name }
    }

    private static var threads: [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")
                .map { "/proc/self/task/\($0)" }
        } catch { return [] }
    }

    /// Nil for a thread that has ended meanwhile.
    private static func text(_ path: String) -> String? {
        do { return try String(contentsOfFile: path, encoding: .utf8).trimmed } catch { return nil }
    }
}
