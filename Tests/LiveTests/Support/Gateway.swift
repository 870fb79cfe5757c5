// `gatewayd export` as a process of its own, as an operator starts it. Used by the live tests; it assumes
// that the line with `nvme connect` is printed once hosts can connect.

import Foundation
import Testing

struct Gateway {
    let process: ChildProcess
    let backends: [String]
    let options: [String]
    let port: Int
    /// Where discovery listens beside it.
    let discoveryPort: Int
    /// As printed in the `nvme connect` line.
    let nqn: String

    /// Starts on a port of 127.0.0.1 that is free, or on `port`. The guest reaches it as 10.0.2.2.
    static func start(_ backends: [String], options: [String] = [], port: Int? = nil) async throws -> Gateway
    {
        let port = try port ?? FreePort.find()
        let discoveryPort = try FreePort.find()
        let process = try ChildProcess(
            Checkout.gatewayd,
            ["export"] + backends + options
                + ["--listen", "127.0.0.1:\(port)", "--advertise", "\(Guest.hostAddress):\(port)"]
                + ["--discovery-listen", "127.0.0.1:\(discoveryPort)"])
        do {
            let line = try await process.line(containing: "nvme connect", seconds: 30).text
            let words = line.split(separator: " ").map(String.init)
            let flag = try #require(words.firstIndex(of: "-n"), "no -n in: \(line)")
            let nqn = try #require(words.dropFirst(flag + 1).first, "no NQN in: \(line)")
            return Gateway(
                process: process, backends: backends, options: options, port: port,
                discoveryPort: discoveryPort, nqn: nqn)
        } catch {
            await process.stop()
            throw error
        }
    }

    /// Starts, runs `body`, and stops with SIGTERM, to which 0 is the only good answer.
    static func with(
        _ backends: [String], options: [String] = [], _ body: (Gateway) async throws -> Void
    ) async throws {
        let gateway = try await start(backends, options: options)
        do {
            try await body(gateway)
        } catch {
            await gateway.process.stop()
            throw error
        }
        try await gateway.stop()
    }

    /// The same again, on the same port and under the same name, after the first has ended.
    func restarted() async throws -> Gateway {
        try await Gateway.start(backends, options: options, port: port)
    }

    /// Resident memory.
    var residentMiB: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processID)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").compactMap { Int($0) }.first ?? 0) / 1024
    }

    /// Processor time used so far, in hundredths of a second (proc(5), stat, utime and stime).
    var processorTicks: Int {
        let line = (try? String(contentsOfFile: "/proc/\(process.processID)/stat", encoding: .utf8)) ?? ""
        // The name, which may hold blanks, ends with the last parenthesis; utime is the 12th field after it.
        let fields = line.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.dropFirst(11).prefix(2).compactMap { Int($0) }.reduce(0, +)
    }

    /// SIGTERM, which drains.
    func stop() async throws {
        if process.hasEnded { return }
        process.signal(SIGTERM)
        let code = try await process.exit(seconds: 120)
        #expect(code == 0, "gatewayd ended with \(code) after SIGTERM; its last lines:\n\(process.tail)")
    }
}
