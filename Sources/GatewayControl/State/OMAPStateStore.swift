// A group's state in RADOS, in upstream's schema: the entries are the OMAP of one object, and the entry
// omap_version numbers them. A change is one operation that compares the version, so gateways need no lock
// between them; they notify each other through the object.

public import RBDBackend

/// Keeps a group's state in an object of a pool, shared by the gateways of the group.
public struct OMAPStateStore: StateStore {
    private let object: OMAPObject

    public var name: String { object.name }

    /// The object that upstream keeps a group's state in.
    public static func objectName(group: String) -> String {
        group.isEmpty ? "nvmeof.state" : "nvmeof.\(group).state"
    }

    /// What upstream's gateways hold while they change the state, some of which takes them several
    /// operations. A change from here waits until it is free, and does not need it itself:
    /// Docs/Decisions/0011-changes-of-the-state-take-no-lock.md.
    private static let lock = ObjectLock(
        name: "omap_file_lock", cookie: "omap_file_cookie_gatewayd", description: "OMAP file changes lock")
    /// How long a change waits for the lock: a little longer than upstream takes it for. Then it fails.
    private static let lockWait = Duration.seconds(25)

    /// Opens the object, and makes it if it is not there. Close the store before the cluster.
    public static func open(
        group: String, pool: String, on cluster: Cluster
    ) async throws(StoreFailure) -> OMAPStateStore {
        do throws(RBDError) {
            let object = try await OMAPObject.open(objectName(group: group), pool: pool, on: cluster)
            do throws(RBDError) {
                _ = try await object.create([StateKey.version: "1"])
                return OMAPStateStore(object: object)
            } catch {
                await object.close()
                throw error
            }
        } catch { throw StoreFailure(error) }
    }

    public func version() async throws(StoreFailure) -> UInt64 {
        object.keepFollowing()
        let text: String?
        do throws(RBDError) { text = try await object.value(of: StateKey.version) } catch {
            throw StoreFailure(error)
        }
        return try number(text)
    }

    public func load() async throws(StoreFailure) -> StateSnapshot {
        var entries: [String: String]
        do throws(RBDError) {
            entries = try await object.entries(guardedBy: StateKey.version)
        } catch { throw StoreFailure(error) }
        let version = try number(entries.removeValue(forKey: StateKey.version))
        return StateSnapshot(version: version, entries: entries)
    }

    public func commit(
        _ changes: StateChanges, onto version: UInt64
    ) async throws(StoreFailure) -> CommitOutcome {
        var entries = changes.puts
        entries[StateKey.version] = String(version + 1)
        let end = ContinuousClock.now + Self.lockWait
        while true {
            let outcome: OMAPChangeOutcome
            do throws(RBDError) {
                outcome = try await object.change(
                    set: entries, remove: changes.removals, where: (StateKey.version, String(version)),
                    unlessLocked: Self.lock)
            } catch { throw StoreFailure(changing: error) }
            switch outcome {
            case .committed:
                object.notify()
                return .committed(version: version + 1)
            case .superseded:
                return .superseded
            case .locked:
                guard ContinuousClock.now < end else { throw lockHeld }
                // Sleeping throws only when the caller has left; then the change is not made.
                do { try await Task.sleep(for: .milliseconds(100)) } catch { throw lockHeld }
            }
        }
    }

    public func follow(_ changed: @escaping @Sendable () -> Void) async { object.follow(changed) }

    public func close() async { await object.close() }

    private func number(_ text: String?) throws(StoreFailure) -> UInt64 {
        guard let text else {
            throw StoreFailure(
                .damaged,
                "\(name): it has no entry \(StateKey.version). Give it one with `rados -p "
                    + "\(object.pool) setomapval \(object.objectName) \(StateKey.version) 1`, if it is a "
                    + "group's state at all.")
        }
        // Comparing needs the same text.
        guard let number = UInt64(text), String(number) == text, number < UInt64.max else {
            throw StoreFailure(
                .damaged,
                "\(name): its entry \(StateKey.version) is not a decimal number. Set it anew with "
                    + "`rados -p \(object.pool) setomapval \(object.objectName) \(StateKey.version) N`.")
        }
        return number
    }

    private var lockHeld: StoreFailure {
        StoreFailure(
            .locked,
            "\(name): another program keeps the lock \(Self.lock.name). See who with `rados -p "
                + "\(object.pool) lock info \(object.objectName) \(Self.lock.name)`.")
    }
}

extension StoreFailure {
    fileprivate init(_ error: RBDError) { self.init(Self.kind(error), error.description) }

    /// The failure of a change: if no answer came, it may have been made.
    fileprivate init(changing error: RBDError) {
        let kind = Self.kind(error)
        guard kind == .unreachable else {
            self.init(kind, error.description)
            return
        }
        self.init(.outcomeUnknown, "\(error) Whether the change was made will show when the store answers.")
    }

    private static func kind(_ error: RBDError) -> Kind {
        switch error.kind {
        case .deadlinePassed, .monitorUnreachable, .cancelled, .exhausted: .unreachable
        case .accessDenied, .fenced, .configurationFile, .configuration, .keyringMissing, .poolMissing,
            .namespaceMissing:
            .refused
        case .objectMissing, .imageMissing, .snapshotMissing, .encryption, .wrongPassphrase: .damaged
        case .other: error.isOutOfSpace ? .full : .unreachable
        }
    }
}
