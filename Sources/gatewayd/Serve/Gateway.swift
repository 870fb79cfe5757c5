// A running gateway: what `serve` starts and ends, in their order.

import GatewayControl
import GatewayCore
import GatewayIO
import Glibc
import RBDBackend

/// The parts of a gateway that serves.
struct Gateway: Sendable {
    let state: StateAccess
    let target: Target
    let reconciler: Reconciler
    private let plane: ControlPlane
    private let group: MonitoredGroup
    private let clients: ClusterPool
    private let following: Task<Void, Never>
    private let log: any TargetLog

    /// - Throws: what keeps the gateway from serving at all, after closing what was open. What keeps it from
    ///   serving one object is logged, and tried again.
    static func start(
        _ configuration: ServeConfiguration, _ manager: ServiceManager, levels: LogLevels,
        _ log: any TargetLog
    ) async throws(ProgramFailure) -> Gateway {
        manager.progress("reading the group's state")
        let state = try await StateAccess.open(configuration, log)
        let current = state.shared.current
        log.write(
            .notice,
            "gateway \(configuration.ownName) of group '\(configuration.group)', host name "
                + "\(configuration.ownHostName): state of version \(current.version) with "
                + "\(current.subsystems.count) subsystems")
        let target: Target
        do throws(ProgramFailure) {
            let reservations = try reservationStore(configuration)
            do throws(TargetError) {
                target = try await Target.start(configuration.targetConfiguration(reservations, log))
            } catch { throw ProgramFailure(error.exitReason, error.description) }
        } catch {
            await state.close()
            throw error
        }
        let clients = ClusterPool(
            configuration.clusterConfiguration(log), sharing: configuration.clusterSharing)
        let reconciler = Reconciler(
            configuration.reconcilerSettings, target: ServedTarget(target: target),
            opener: ImageStores(clients: clients, folders: configuration.folders), log: log)
        let group = MonitoredGroup(
            name: configuration.ownName, target: target,
            controllerIDs: configuration.configuredControllerIDs, log: log)
        let plane = ControlPlane(
            state: state.shared, target: reconciler,
            images: images(configuration, state.cluster, clients), group: group,
            identity: configuration.identity, policy: configuration.policy,
            keys: keys(configuration, log), logLevels: levels, log: log)
        return Gateway(
            state: state, target: target, reconciler: reconciler, plane: plane, group: group,
            clients: clients, following: Task { await reconciler.run(state.shared) }, log: log)
    }

    /// What hosts' keys are kept with. Without the file none can be, as with Ceph's gateway.
    private static func keys(
        _ configuration: ServeConfiguration, _ log: any TargetLog
    ) -> any KeyProtection {
        guard configuration.encryptsKeys else { return PlainKeys() }
        let path = configuration.encryptionKeyFile
        guard let bytes = Machine.content(of: path, byteCountMax: 4096) else {
            log.write(.info, "no encryption key can be read from \(path): keys of hosts can't be kept")
            return NoKeyProtection()
        }
        do throws(ControlFailure) {
            return try EncryptionKey(fileText: String(decoding: bytes, as: UTF8.self))
        } catch {
            log.write(.warning, "\(path): \(error); keys of hosts can't be kept")
            return NoKeyProtection()
        }
    }

    /// Images are made and changed by the state's client, or by one of the images' if it has none.
    private static func images(
        _ configuration: ServeConfiguration, _ cluster: Cluster?, _ clients: ClusterPool
    ) -> ServedImages {
        let images = ClusterImages { () async throws(ControlFailure) -> Cluster in
            if let cluster { return cluster }
            do throws(RBDError) { return try await clients.anyCluster() } catch {
                throw ControlFailure(EIO, error.description)
            }
        }
        return ServedImages(cluster: images, folders: configuration.folders)
    }

    /// Takes over what a reload may change.
    func reload(_ configuration: ServeConfiguration) { plane.replacePolicy(with: configuration.policy) }

    /// Opens the control interface.
    func control(_ configuration: ServeConfiguration) async throws(ProgramFailure) -> ControlInterface {
        try await ControlInterface.start(configuration, plane: plane, group: group, log)
    }

    private static func reservationStore(
        _ configuration: ServeConfiguration
    ) throws(ProgramFailure) -> FileReservationStore? {
        guard !configuration.reservationFolder.isEmpty else { return nil }
        do throws(ReservationStoreError) {
            return try FileReservationStore(path: configuration.reservationFolder)
        } catch { throw ProgramFailure(.fileUnusable, error.description) }
    }

    /// Waits until the state that was found is served as far as that can be, and says how far it is
    /// meanwhile. An image that does not come holds up readiness for two seconds after the last one that did,
    /// and no other image.
    func comeUp(_ manager: ServiceManager) async {
        let start = ContinuousClock.now
        let reports = Task {
            var last = ""
            while true {
                // Sleeping throws only when all is up.
                do { try await Task.sleep(for: .seconds(1)) } catch { return }
                let progress = await reconciler.progress
                let text = "opening images: \(progress.open) of \(progress.all), \(progress.failed) failed"
                if text != last { log.write(.notice, text) }
                manager.progress(text)
                last = text
            }
        }
        await reconciler.comeUp(state.shared.current, patience: .seconds(2))
        reports.cancel()
        // The end has begun before all was served.
        guard !Task.isCancelled else { return }
        let status = await status
        log.write(.notice, "serving after \((ContinuousClock.now - start).milliseconds) ms: \(status)")
        manager.ready(status)
    }

    /// In a few words.
    var status: String {
        get async {
            let progress = await reconciler.progress
            let served = target.model.subsystems
            let waiting = progress.all - progress.open
            return "\(served.count) subsystems, \(served.reduce(0) { $0 + $1.namespaces.count }) namespaces"
                + (waiting == 0 ? "" : ", \(waiting) images not open yet")
        }
    }

    /// Shows the service manager that every shard and the reconciler answer, until it is cancelled.
    func showLife(to manager: ServiceManager) async {
        guard let interval = manager.watchdogInterval else { return }
        while true {
            _ = await target.controllers()
            _ = await reconciler.progress
            manager.isAlive()
            // Sleeping throws only when the service ends.
            do { try await Task.sleep(for: interval) } catch { return }
        }
    }

    /// Ends in order: no more changes, then the hosts, then what their commands were in.
    func end(drainSeconds: Int) async {
        following.cancel()
        await target.shutdown(deadlineMilliseconds: UInt64(drainSeconds) * 1000)
        await reconciler.close()
        async let clientsEnd: Void = clients.close()
        await state.close()
        await clientsEnd
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
