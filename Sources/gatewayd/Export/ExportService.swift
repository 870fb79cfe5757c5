// Carries out an export's plan: opens the stores, starts the target, says how to connect, and ends in order
// on a signal. The program's main task; everything that moves data is on the target's own threads.

import GatewayCore
import GatewayIO
import Glibc
import NVMeTCP

struct ExportService {
    let plan: ExportPlan
    let settings: ExportSettings

    /// How long commands under way may take to end after a signal.
    private static let drainMilliseconds: UInt64 = 10_000

    /// Serves until SIGTERM or SIGINT.
    func run() async throws(ProgramFailure) {
        // Who reads our output may leave: that ends no export.
        signal(SIGPIPE, SIG_IGN)
        let log = ServiceLog(isVerbose: settings.isVerbose)
        // Each connection and each of Ceph's takes one; the soft limit is often 1,024, the hard one far more.
        log.write(.debug, "file descriptors: at most \(DescriptorLimit.raise())")
        let stores = try await OpenedStores.open(plan, settings, log)
        // From here on a signal ends the export in order; before, there was nothing to put in order.
        let signals = TerminationSignals()
        let (target, listeners): (Target, [ExportPlan.Listener])
        do throws(ProgramFailure) {
            (target, listeners) = try await start(stores, log)
        } catch {
            await stores.close()
            throw error
        }
        Machine.print(
            Announcement(plan: plan, namespaces: stores.namespaces, listeners: listeners).description)
        log.write(.info, "\(await signals.first): finishing the commands under way (once more: at once)")
        await target.shutdown(deadlineMilliseconds: Self.drainMilliseconds)
        await stores.close()
        log.write(.info, "all closed")
    }

    // MARK: - Start

    /// Starts the target. A listener that is only convenient, and whose address is taken, is left out with a
    /// warning.
    private func start(
        _ stores: OpenedStores, _ log: ServiceLog
    ) async throws(ProgramFailure) -> (Target, [ExportPlan.Listener]) {
        var listeners = plan.listeners
        let reservations = try reservationStore()
        while true {
            do throws(TargetError) {
                let target = try await Target.start(
                    configuration(stores, listeners, reservations, log))
                let bound = zip(listeners, target.listeners).map { $0.bound(to: $1.port) }
                return (target, bound)
            } catch {
                guard case .listen(let address, let problem) = error else {
                    throw ProgramFailure(error.exitReason, error.description)
                }
                guard
                    let index = listeners.firstIndex(where: {
                        $0.isOptional && $0.address.description == address
                    })
                else { throw ProgramFailure(.addressUnusable, error.description) }
                log.write(
                    .warning, "no discovery on \(address) (\(problem)); it answers on the other listeners")
                listeners.remove(at: index)
            }
        }
    }

    private func reservationStore() throws(ProgramFailure) -> FileReservationStore? {
        guard let folder = settings.reservationFolder else { return nil }
        do throws(ReservationStoreError) {
            return try FileReservationStore(path: folder)
        } catch { throw ProgramFailure(.fileUnusable, error.description) }
    }

    private func configuration(
        _ stores: OpenedStores, _ listeners: [ExportPlan.Listener], _ reservations: FileReservationStore?,
        _ log: ServiceLog
    ) -> Target.Configuration {
        let subsystem = Subsystem(
            nqn: plan.nqn.text, serialNumber: Self.serialNumber(plan.nqn), access: plan.access,
            namespaces: stores.namespaces)
        var configuration = Target.Configuration(
            listeners: listeners.map(\.listenAddress), subsystems: [subsystem],
            shardCount: settings.shardCount,
            log: log)
        configuration.spinning = settings.spinning
        configuration.limits.transferShift = settings.transferShift
        configuration.limits.controllerIDs = settings.controllerIDs
        configuration.reservationStore = reservations
        return configuration
    }

    /// A Serial Number (SN) that stays the same with the subsystem's name: 16 hexadecimal digits.
    private static func serialNumber(_ nqn: NQN) -> String {
        let digits = String(StableIdentity.uuid(of: "serial number \(nqn)"), radix: 16, uppercase: true)
        return String((String(repeating: "0", count: 32) + digits).suffix(16))
    }

}

extension ExportPlan.Listener {
    var listenAddress: ListenAddress {
        // A port that the system chooses is only known later; what is told is the same address then.
        ListenAddress(
            host: address.address, port: address.port, advertisedHost: advertised.address,
            advertisedPort: advertised.port == 0 ? nil : advertised.port, isDiscoveryOnly: isDiscoveryOnly)
    }

    /// The same listener with the port that the system chose where 0 was asked for.
    func bound(to port: UInt16) -> ExportPlan.Listener {
        ExportPlan.Listener(
            address: address.with(port: port),
            advertised: advertised.port == 0 ? advertised.with(port: port) : advertised,
            isDiscoveryOnly: isDiscoveryOnly, isOptional: isOptional)
    }
}

extension TargetError {
    /// Which exit code it ends the program with.
    var exitReason: ExitReason {
        switch self {
        case .ring: .ringUnavailable
        case .listen: .addressUnusable
        case .reservations: .fileUnusable
        case .thread, .model, .ended: .internalError
        }
    }
}
