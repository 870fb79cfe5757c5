// What can be done to namespaces: adding one, with its image if need be, and deleting it. What is changed
// of a namespace is in NamespaceOperations+Change.swift, what is asked in NamespaceOperations+List.swift.

internal import Foundation
internal import GatewayCore
internal import Glibc
internal import RBDBackend

/// The control calls about namespaces.
public struct NamespaceOperations: Sendable {
    let plane: ControlPlane

    public init(_ plane: ControlPlane) { self.plane = plane }

    /// Adds a namespace.
    /// - Parameter request: NSID 0 stands for the lowest that is free, ANA group 0 for the one with the
    ///   fewest namespaces, no UUID for a random one.
    /// - Returns: the NSID.
    public func add(_ request: NamespaceRecord) async throws(ControlFailure) -> UInt32 {
        if request.subsystemNQN.isEmpty {
            throw ControlFailure(EINVAL, "Failure adding namespace, missing subsystem NQN")
        }
        var record = request
        if record.uuid?.isEmpty ?? true { record.uuid = UUID().uuidString.lowercased() }
        if record.createImage != true { record.trashImage = false }
        if record.image.snapshot != nil { record.readOnly = true }
        let which = request.nsid == 0 ? "" : "\(request.nsid) "
        let prefix = "Failure adding namespace \(which)to \(request.subsystemNQN)"
        let groups = try await plane.group.members().map(\.anaGroup)
        // In the order in which upstream would find what is wrong, and nothing is made before all is known to
        // be right.
        _ = try place(record, groups, in: plane.state.current, prefix)
        let imagePrefix = "\(prefix): Failure creating bdev \(record.deviceName)"
        try checkRequest(record, imagePrefix)
        let isNew = try await lookAtImage(record, imagePrefix)
        if !isNew { record.trashImage = false }
        _ = try admit(place(record, groups, in: plane.state.current, prefix), in: plane.state.current, prefix)
        if isNew { try await createImage(record, imagePrefix) }
        let checked = record
        do throws(ControlFailure) {
            return try await plane.change { state throws(ControlFailure) in
                let placed = try admit(place(checked, groups, in: state, prefix), in: state, prefix)
                return StateDecision([.put(placed)], placed.nsid)
            }
        } catch {
            // If it is not known whether the change was kept, the image may be needed.
            if isNew, checked.trashImage == true, error.errno != ETIMEDOUT { await plane.trash(checked) }
            throw error
        }
    }

    /// Gives the namespace its ANA group, if the state has none of its names yet.
    private func place(
        _ request: NamespaceRecord, _ groups: [UInt32], in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> NamespaceRecord {
        var record = request
        let nqn = request.subsystemNQN
        if request.nsid != 0, state.holds(request.key) {
            throw ControlFailure(
                EEXIST, "Failure adding namespace, ID \(request.nsid) is already in use")
        }
        if let uuid = request.uuid,
            state.subsystems[nqn]?.namespaces.values.contains(where: {
                $0.record.uuid?.lowercased() == uuid.lowercased()
            }) == true
        {
            throw ControlFailure(EEXIST, "Failure adding namespace, UUID \(uuid) is already in use")
        }
        if let user = state.namespaces(using: request.image).first, request.force != true {
            throw ControlFailure(
                EEXIST,
                "RBD image \(request.image) is already used by a namespace in subsystem "
                    + "\(user.subsystemNQN), either delete the namespace or use the \"force\" "
                    + "argument,\nyou can find the offending namespace by using the \"namespace list "
                    + "--subsystem \(user.subsystemNQN)\" CLI command"
            )
        }
        if let group = request.anaGroupID, group != 0 {
            if !groups.contains(where: { Int64($0) == Int64(group) }) {
                throw ControlFailure(
                    ENODEV, "\(prefix): Load balancing group \(group) doesn't exist")
            }
        } else {
            guard let group = state.leastLoadedGroup(of: groups) else {
                throw ControlFailure(ENODEV, "\(prefix): There is no gateway with a load balancing group")
            }
            record.anaGroupID = Int32(group)
        }
        return record
    }

    /// What is wrong with the request whatever the state and the image are.
    private func checkRequest(_ record: NamespaceRecord, _ prefix: String) throws(ControlFailure) {
        if record.blockSize == 0 { throw ControlFailure(EINVAL, "\(prefix): block size can't be zero") }
        if record.createImage == true {
            if record.image.snapshot != nil {
                throw ControlFailure(
                    EINVAL, "\(prefix): \(record.image) is a snapshot, which can't be created")
            }
            if record.rbdPoolName.isEmpty { throw ControlFailure(ENODEV, "\(prefix): empty RBD pool name") }
            if record.rbdImageName.isEmpty { throw ControlFailure(ENODEV, "\(prefix): empty RBD image name") }
            if record.size ?? 0 == 0 {
                throw ControlFailure(EINVAL, "\(prefix): image size must be positive")
            }
            if (record.size ?? 0) % (1 << 20) != 0 {
                throw ControlFailure(EINVAL, "\(prefix): image size must be aligned to MiBs")
            }
        }
        if BlockSize(rawValue: record.blockSize) == nil {
            throw ControlFailure(EINVAL, "\(prefix): block size must be 512 or 4096")
        }
        if UUID(uuidString: record.uuid ?? "") == nil {
            throw ControlFailure(EINVAL, "\(prefix): \"\(record.uuid ?? "")\" is not a UUID")
        }
        if !record.encryptionEntries.isEmpty || (record.encryptionAlgorithm ?? .none) != .none {
            throw .notSupported("\(prefix): Encrypted images are")
        }
    }

    /// - Returns: whether the image is to be created.
    private func lookAtImage(_ record: NamespaceRecord, _ prefix: String) async throws(ControlFailure) -> Bool
    {
        let found: UInt64?
        do throws(ControlFailure) {
            found = try await plane.images.sizeBytes(of: record.image)
        } catch { throw ControlFailure(error.errno, "\(prefix): \(error.message)") }
        guard record.createImage == true else {
            if found == nil {
                throw ControlFailure(ENODEV, "\(prefix): RBD image \(record.image) doesn't exist")
            }
            return false
        }
        if let found, let size = record.size, found != size {
            throw ControlFailure(
                EEXIST,
                "\(prefix): Can't create RBD image \(record.image): Image \(record.image) already exists "
                    + "with a size of \(found) bytes which differs from the requested size of \(size) bytes")
        }
        return found == nil
    }

    private func createImage(_ record: NamespaceRecord, _ prefix: String) async throws(ControlFailure) {
        let dataPool = record.rbdDataPoolName?.isEmpty == false ? record.rbdDataPoolName : nil
        do throws(ControlFailure) {
            try await plane.images.create(
                record.image, sizeBytes: record.size ?? 0, dataPool: dataPool)
        } catch {
            throw ControlFailure(
                error.errno, "\(prefix): Can't create RBD image \(record.image): \(error.message)")
        }
    }

    /// Gives the namespace its NSID, if its subsystem has room for it.
    private func admit(
        _ request: NamespaceRecord, in state: GroupState, _ prefix: String
    ) throws(ControlFailure) -> NamespaceRecord {
        var record = request
        let inner =
            "\(prefix): Failure adding namespace\(request.nsid == 0 ? "" : " using ID \(request.nsid)")"
            + " to \(request.subsystemNQN)"
        guard let subsystem = state.subsystems[request.subsystemNQN] else {
            throw ControlFailure(ENOENT, "\(inner): No such subsystem")
        }
        let most = subsystem.record.maxNamespaces ?? plane.policy.namespacesPerSubsystemMax
        if let group = request.anaGroupID, group > Int32(clamping: most) {
            throw ControlFailure(
                EINVAL, "\(inner): Group ID \(group) is bigger than configured maximum \(most)")
        }
        let namespaces = subsystem.namespaces.values
        let maskedMax = plane.policy.maskedNamespacesMax
        if request.noAutoVisible == true, namespaces.count(where: { !$0.isAutoVisible }) >= maskedMax {
            throw ControlFailure(
                E2BIG,
                "\(inner): Maximal number of namespaces which are only visible to selected hosts "
                    + "(\(maskedMax)) has already been reached")
        }
        if request.nsid > most {
            throw ControlFailure(
                E2BIG, "\(inner): Requested ID \(request.nsid) is bigger than the maximal one (\(most))")
        }
        if namespaces.count >= most {
            throw ControlFailure(
                E2BIG,
                "\(inner): Subsystem's maximal number of namespaces (\(most)) has already been reached")
        }
        let all = state.subsystems.values.reduce(0) { $0 + $1.namespaces.count }
        if all >= plane.policy.namespacesMax {
            throw ControlFailure(
                E2BIG,
                "\(inner): Maximal number of namespaces (\(plane.policy.namespacesMax)) has already been "
                    + "reached"
            )
        }
        if record.nsid == 0 {
            guard let nsid = state.unusedNSID(in: request.subsystemNQN, max: most) else {
                throw ControlFailure(E2BIG, "\(inner): No namespace ID up to \(most) is free")
            }
            record.nsid = nsid
        }
        return record
    }

    /// Deletes a namespace. One whose image goes with it needs `isSure`.
    public func delete(_ nsid: UInt32, of nqn: String, isSure: Bool) async throws(ControlFailure) {
        if nsid == 0 { throw ControlFailure(EINVAL, "Failure deleting namespace, missing ID") }
        if nqn.isEmpty {
            throw ControlFailure(EINVAL, "Failure deleting namespace \(nsid), missing subsystem NQN")
        }
        let record = try await plane.change { state throws(ControlFailure) in
            guard let namespace = state.namespace(nsid, of: nqn) else {
                throw ControlFailure(ENODEV, "Failure deleting namespace \(nsid): Can't find namespace")
            }
            if namespace.record.trashImage == true, !isSure {
                throw ControlFailure(
                    EINVAL,
                    """
                    Failure deleting namespace \(nsid) from \(nqn): Confirmation for trashing RBD image \
                    is needed.
                    In order to delete the namespace either repeat the command using the "--i-am-sure" \
                    parameter,
                    or reset the RBD trash image flag using the command:
                    namespace set_rbd_trash_image --subsystem \(nqn) --nsid \(nsid) \
                    --rbd-trash-image-on-delete no
                    """)
            }
            return StateDecision(state.removal(ofNamespace: nsid, nqn), namespace.record)
        }
        if record.trashImage == true { await plane.trash(record) }
    }
}

extension ControlPlane {
    /// Moves the image of a namespace that is gone to the trash, unless another namespace has it. That this
    /// fails is no failure of the call: the namespace is gone.
    func trash(_ record: NamespaceRecord) async {
        let image = record.image
        // Whoever wrote this into the state: a snapshot's image is not the namespace's to throw away.
        guard image.snapshot == nil else { return }
        if let user = state.current.namespaces(using: image).first {
            log.write(
                .warning,
                "image \(image): not moved to the trash, for namespace \(user.nsid) of "
                    + "\(user.subsystemNQN) has it, too")
            return
        }
        do throws(ControlFailure) {
            try await images.moveToTrash(image)
            log.write(.notice, "image \(image): moved to the trash with its namespace \(record.nsid)")
        } catch {
            log.write(
                .error,
                "image \(image): its namespace \(record.nsid) is deleted, but it is not in the trash: "
                    + "\(error.message). Move it with `rbd trash mv \(image)`.")
        }
    }
}

extension GroupState {
    /// The namespaces of an image, in the order of NQNs and NSIDs.
    func namespaces(using image: ImageSpec) -> [NamespaceRecord] {
        guard !image.pool.isEmpty, !image.image.isEmpty else { return [] }
        return subsystems.values.flatMap { subsystem in
            subsystem.namespaces.values.lazy.map(\.record).filter { $0.image == image }
        }.sorted { ($0.subsystemNQN, $0.nsid) < ($1.subsystemNQN, $1.nsid) }
    }

    /// The first group without a namespace, or the one with the fewest; of several, the last.
    func leastLoadedGroup(of groups: [UInt32]) -> UInt32? {
        var load: [UInt32: Int] = [:]
        for subsystem in subsystems.values {
            for namespace in subsystem.namespaces.values { load[namespace.anaGroup, default: 0] += 1 }
        }
        if let empty = groups.first(where: { load[$0] == nil }) { return empty }
        return groups.reversed().min { load[$0, default: 0] < load[$1, default: 0] }
    }
}

extension NamespaceRecord {
    /// What upstream calls the block device under the namespace.
    public var deviceName: String { "bdev_\(uuid ?? "")" }
}

extension NamespaceState {
    /// The load-balancing group, which is the ANA group.
    public var anaGroup: UInt32 { UInt32(clamping: record.anaGroupID ?? 0) }
}
