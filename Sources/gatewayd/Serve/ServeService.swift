// Carries a configuration out: opens the group's state, starts the target, has the reconciler keep the one
// to the other, and ends in order on a signal. The program's main task; everything that moves data is on the
// target's own threads.

import Foundation
import GatewayControl
import GatewayCore
import GatewayIO
import Glibc
import RBDBackend

struct ServeService {
    let file: ConfigurationFile

    /// Serves until SIGTERM or SIGINT.
    func run() async throws(ProgramFailure) {
        signal(SIGPIPE, SIG_IGN)
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let loaded = try file.load()
        let live = LiveConfiguration(loaded)
        let levels = LogLevels(gateway: loaded.values.gatewayLevel)
        let log = ServiceLog(label: "gatewayd") { levels.admitsGateway($0) }
        for note in loaded.notes { log.write(.notice, note) }
        // Each connection, image and client takes some; the soft limit is often 1,024, the hard one far more.
        log.write(.debug, "file descriptors: at most \(DescriptorLimit.raise())")
        let gateway = try await Gateway.start(loaded.values, manager, levels: levels, log)
        // From here on a signal ends the gateway in order; before, there was nothing to put in order.
        let signals = TerminationSignals()
        let reloads = ReloadSignals()
        let control: ControlInterface
        do throws(ProgramFailure) {
            control = try await gateway.control(loaded.values)
        } catch {
            await gateway.end(drainSeconds: 0)
            throw error
        }
        let serving = Task {
            await gateway.comeUp(manager)
            let life = Task { await gateway.showLife(to: manager) }
            for await _ in reloads.requests { await reload(live, levels, gateway, manager, log) }
            life.cancel()
        }
        // Also while images are opened, which takes seconds where a pool is down.
        log.write(
            .notice, "\(await signals.first): finishing the commands under way (once more: at once)")
        serving.cancel()
        let seconds = live.values.drainSeconds
        manager.stopping(within: seconds)
        await control.end()
        await gateway.end(drainSeconds: seconds)
        log.write(.notice, "all closed")
    }

    /// Takes over what can be taken over, and names what can't. A file with mistakes changes nothing.
    private func reload(
        _ live: LiveConfiguration, _ levels: LogLevels, _ gateway: Gateway, _ manager: ServiceManager,
        _ log: any TargetLog
    ) async {
        manager.reloading()
        do throws(ProgramFailure) {
            let before = live.values.gatewayLevel
            for line in live.replace(with: try file.load()) { log.write(.notice, line) }
            // A level that was set by a call stays, unless the file's is another one now.
            if live.values.gatewayLevel != before { levels.setGateway(live.values.gatewayLevel) }
            gateway.reload(live.values)
            log.write(.notice, "read \(file.path) again")
        } catch {
            log.write(.error, "\(error)")
            log.write(.error, "the configuration stays as it was")
        }
        manager.ready(await gateway.status)
    }
}
