// The signals that services end by, and that they read their configuration again by.

import Dispatch
import Glibc

/// SIGTERM and SIGINT, which end a service: the first one in order, the second one at once.
struct TerminationSignals {
    private let stream: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// From here on the signals don't end the process by themselves.
    init() {
        let (stream, continuation) = AsyncStream<Int32>.makeStream()
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            // Dispatch watches signals; the default action would still end the process.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
    }

    /// Waits for the first signal and gives its name. A second one ends the process with the code of a
    /// shell's.
    var first: String {
        get async {
            var iterator = stream.makeAsyncIterator()
            let number = await iterator.next() ?? SIGTERM
            let rest = stream
            Task.detached {
                for await number in rest { _exit(128 + number) }
            }
            return number == SIGINT ? "SIGINT" : "SIGTERM"
        }
    }
}

/// SIGHUP, by which a service is told to read its configuration again.
struct ReloadSignals {
    /// One element for each time; several at once are one.
    let requests: AsyncStream<Void>
    private let source: any DispatchSourceSignal

    /// From here on the signal does not end the process.
    init() {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        requests = stream
        signal(SIGHUP, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { continuation.yield() }
        source.resume()
    }
}
