// Runs programs for the tests. Not Foundation's Process: it waits for the end of a socket that a daemon
// which the program started inherits, hence for ever.

import Foundation
import Glibc

struct ProgramFailed: Error, CustomStringConvertible {
    let description: String
}

/// Runs a program to its end, on a thread that may block, and gives all it printed; throws if it fails.
@discardableResult
func run(_ program: String, _ arguments: [String]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async {
            continuation.resume(with: Result { try Program.run(program, arguments) })
        }
    }
}

enum Program {
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let output = "/tmp/gwd-output-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        defer { unlink(output) }
        let child = try start(program, arguments, output: output)
        var status: Int32 = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        let text =
            FileManager.default.contents(atPath: output).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard status == 0 else {
            throw ProgramFailed(description: "\(program) \(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }

    /// Starts a program with nothing of ours but the given input.
    @discardableResult
    static func start(
        _ program: String, _ arguments: [String], input: Int32? = nil, output: String = "/dev/null"
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        for descriptor in Int32(3)..<256 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // A group of its own: an interrupt at the terminal leaves it to clean up.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child = pid_t()
        let code = posix_spawnp(&child, program, &actions, &attributes, &words, environ)
        guard code == 0 else {
            throw ProgramFailed(description: "\(program): \(String(cString: strerror(code)))")
        }
        return child
    }
}

/// A pipe whose writing end only this process holds: reading from it ends when the process does.
struct Lifeline {
    let read: Int32

    init() {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        read = ends[0]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
}
