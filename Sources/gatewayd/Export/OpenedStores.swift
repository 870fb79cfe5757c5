// Opens what a plan names, in its order, and knows what must be closed again. Called by `ExportService`
// before the target starts: a wrong name ends the program before a host could connect.

import GatewayCore
import GatewayIO
import NVMeTCP
import RBDBackend

/// The stores of an export, open, as namespaces numbered from 1.
struct OpenedStores: Sendable {
    private(set) var namespaces: [Namespace] = []
    /// The one cluster that all RBD images are on; nil without any.
    private(set) var cluster: Cluster?
    /// Where the cluster says what becomes of its images.
    private let log: any TargetLog

    private init(log: any TargetLog) { self.log = log }

    /// - Throws: what can't be opened, after closing what was.
    static func open(
        _ plan: ExportPlan, _ settings: ExportSettings, _ log: any TargetLog
    ) async throws(ProgramFailure) -> OpenedStores {
        var stores = OpenedStores(log: log)
        do throws(ProgramFailure) {
            for (index, backend) in plan.backends.enumerated() {
                try await stores.add(backend, id: NamespaceID(index + 1), plan, settings)
            }
        } catch {
            await stores.close()
            throw error
        }
        return stores
    }

    /// Closes all stores and the cluster. No request may be in flight.
    func close() async {
        for namespace in namespaces { await namespace.backend.close() }
        await cluster?.close()
    }

    private mutating func add(
        _ specification: BackendSpecification, id: NamespaceID, _ plan: ExportPlan, _ settings: ExportSettings
    ) async throws(ProgramFailure) {
        let backend: any BlockBackend
        let identity: String
        switch specification {
        case .memory(let size):
            backend = MemoryBackend(byteCount: size.bytes)
            identity = "\(plan.nqn) \(id)"
        case .null(let size):
            backend = NullBackend(byteCount: size.bytes)
            identity = "\(plan.nqn) \(id)"
        case .file(let path):
            do { backend = try FileBackend(path: path) } catch {
                throw ProgramFailure(.fileUnusable, error.description)
            }
            identity = "file \(Machine.identity) \(Machine.canonicalPath(path))"
        case .rbd(let image):
            let opened = try await open(image, plan.passphraseFiles[image], settings)
            backend = opened
            identity = "rbd \(opened.identity)"
        }
        namespaces.append(
            Namespace(
                id: id, name: specification.description, blockSize: plan.blockSize,
                uuid: StableIdentity.uuid(of: identity), offersReservations: settings.offersReservations,
                backend: backend))
        guard namespaces[namespaces.count - 1].blockCount > 0 else {
            throw ProgramFailure(
                .fileUnusable, "\(specification) is smaller than one block: there is nothing to export")
        }
    }

    private mutating func open(
        _ image: ImageSpec, _ passphraseFile: String?, _ settings: ExportSettings
    ) async throws(ProgramFailure) -> RBDImageBackend {
        let passphrase = try passphraseFile.map { path throws(ProgramFailure) in
            try PassphraseFile.read(path, for: image)
        }
        do throws(RBDError) {
            let connected: Cluster
            if let cluster {
                connected = cluster
            } else {
                var configuration = ClusterConfiguration(
                    configurationFile: settings.cephConfiguration, user: settings.cephUser)
                configuration.log = log
                connected = try await Cluster.connect(configuration)
                cluster = connected
            }
            return try await RBDImageBackend.open(image, on: connected, passphrase: passphrase)
        } catch {
            throw ProgramFailure(error.exitReason, error.description)
        }
    }
}

extension RBDError {
    /// Which exit code it ends the program with.
    var exitReason: ExitReason {
        switch kind {
        case .configurationFile, .configuration, .keyringMissing: .clusterConfiguration
        case .accessDenied, .fenced: .accessDenied
        case .monitorUnreachable, .deadlinePassed: .clusterUnreachable
        case .poolMissing, .namespaceMissing: .poolNotFound
        case .imageMissing, .snapshotMissing, .objectMissing: .imageNotFound
        case .encryption, .wrongPassphrase: .encryptionUnusable
        case .cancelled, .exhausted, .other: .internalError
        }
    }
}
