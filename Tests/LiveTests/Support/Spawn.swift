// Starts a program, and hears of its output and its end, on two threads of its own. Called by ChildProcess.
// Foundation's Process does not serve here: its children inherit a thread's blocked signals, SIGTERM among
// them, and it notices an end only when every grandchild has closed a socket that they inherit, too.

import Foundation

/// The end of a pipe that we hold, and the process at the other.
struct SpawnedProcess {
    let processID: pid_t
    /// Where its standard input is written.
    let input: Int32
}

enum Spawn {
    /// - Parameters: - command: the program's path (or a name to look up) and its arguments. - received:
    ///   called with each piece of output (standard output and error together), and with nothing at its end.
    ///   - ended: called with the exit code; 128 and the signal's number if a signal ended it.
    static func start(
        _ command: [String], environment: [String: String],
        received: @escaping @Sendable (Data) -> Void, ended: @escaping @Sendable (Int32) -> Void
    ) throws -> SpawnedProcess {
        _ = ignoreBrokenPipes
        let input = try makePipe()
        let output = try makePipe()
        let processID = try spawn(command, environment, input: input.read, output: output.write)
        close(input.read)
        close(output.write)
        Thread.detachNewThread { readAll(output.read, received) }
        Thread.detachNewThread { ended(waitForEnd(processID)) }
        return SpawnedProcess(processID: processID, input: input.write)
    }

    /// Writing to a child that has ended is an error that the test hears of, not a signal that ends the test.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw ChildProcessError(description: "no pipe: errno \(errno)")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func spawn(
        _ command: [String], _ environment: [String: String], input: Int32, output: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)

        // A new process begins with every signal at its default and none blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let arguments = command.map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var processID: pid_t = 0
        let code = posix_spawnp(&processID, command[0], &actions, &attributes, arguments, variables)
        guard code == 0 else {
            throw ChildProcessError(
                description: "cannot start \(command[0]): \(String(cString: strerror(code)))")
        }
        return processID
    }

    private static func readAll(_ descriptor: Int32, _ received: (Data) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
            received(Data(buffer[..<count]))
        }
        close(descriptor)
        received(Data())
    }

    private static func waitForEnd(_ processID: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}
