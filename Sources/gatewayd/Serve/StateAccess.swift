// Where the group's state is, opened: with its own RADOS client, so that what images do does not delay it.

import GatewayControl
import GatewayCore
import RBDBackend

/// The open state, and what must be closed after it.
struct StateAccess: Sendable {
    let shared: SharedState
    /// The client that reads and writes it; nil if it is in no cluster.
    let cluster: Cluster?

    static func open(
        _ configuration: ServeConfiguration, _ log: any TargetLog
    ) async throws(ProgramFailure) -> StateAccess {
        if configuration.stateStore == "memory" {
            return StateAccess(shared: try await share(MemoryStateStore(), configuration, log), cluster: nil)
        }
        if configuration.stateStore.hasPrefix("file:") {
            let store: FileStateStore
            do throws(StoreFailure) {
                store = try FileStateStore(
                    path: String(configuration.stateStore.dropFirst("file:".count)), log: log)
            } catch { throw ProgramFailure(error.exitReason, error.description) }
            return StateAccess(shared: try await share(store, configuration, log), cluster: nil)
        }
        let cluster: Cluster
        do throws(RBDError) {
            cluster = try await Cluster.connect(configuration.clusterConfiguration(log))
        } catch { throw ProgramFailure(error.exitReason, error.description) }
        do throws(ProgramFailure) {
            let store: OMAPStateStore
            do throws(StoreFailure) {
                store = try await OMAPStateStore.open(
                    group: configuration.group, pool: configuration.pool, on: cluster)
            } catch { throw ProgramFailure(error.exitReason, error.description) }
            return StateAccess(shared: try await share(store, configuration, log), cluster: cluster)
        } catch {
            await cluster.close()
            throw error
        }
    }

    private static func share(
        _ store: any StateStore, _ configuration: ServeConfiguration, _ log: any TargetLog
    ) async throws(ProgramFailure) -> SharedState {
        do throws(StoreFailure) {
            return try await SharedState.open(store, limits: configuration.stateLimits, log: log)
        } catch { throw ProgramFailure(error.exitReason, error.description) }
    }

    func close() async {
        await shared.close()
        await cluster?.close()
    }
}

extension StoreFailure {
    fileprivate var exitReason: ExitReason {
        switch kind {
        case .unreachable, .outcomeUnknown: .clusterUnreachable
        case .refused: .accessDenied
        case .damaged, .locked, .full: .stateUnusable
        }
    }
}
