// What a namespace and a subsystem are made from, as values that can be compared: if they are the same, so
// is the object.

internal import GatewayCore
internal import NVMeTCP
internal import RBDBackend

/// Why an object can't be served.
struct PlanProblem: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// A namespace that can be served, if its store is open.
struct NamespacePlan: Equatable {
    let id: UInt32
    let name: String
    let blockSize: BlockSize
    let uuid: UInt128
    let visibility: HostAccess
    let anaGroupID: UInt32
    let offersReservations: Bool
    /// What keeps to its limits; nil if it has none. It stays the same when they change.
    let rateLimiter: RateLimiter?
    let store: StoreName
    /// The open store: another one is another namespace. Nil while it is being opened.
    let backend: ObjectIdentifier?

    /// - Throws: Why it can't be served as it is configured, or why its store is not open.
    init(
        _ state: NamespaceState, isHA: Bool, highest: UInt32, rateLimiter: RateLimiter?,
        _ settings: ReconcilerSettings, _ means: ServingMeans
    ) throws(PlanProblem) {
        let record = state.record
        id = record.nsid
        guard id >= 1, id <= highest else {
            throw PlanProblem("its NSID is above \(highest), which hosts were told is the highest")
        }
        guard let blockSize = BlockSize(rawValue: record.blockSize) else {
            throw PlanProblem("blocks of \(record.blockSize) bytes are not offered: 512 and 4096 are")
        }
        guard let uuid = record.uuid.flatMap(NamespaceUUID.init) else {
            throw PlanProblem("it has no UUID that could be read")
        }
        guard record.encryptionEntries.isEmpty else {
            throw PlanProblem("its image is encrypted with keys of a key server, which are not offered yet")
        }
        let group = UInt32(exactly: record.anaGroupID ?? 1) ?? 0
        // 0 is what nobody chose.
        anaGroupID = max(group, 1)
        guard !isHA || anaGroupID <= settings.anaGroupsMax else {
            throw PlanProblem("its load-balancing group \(anaGroupID) is above \(settings.anaGroupsMax)")
        }
        self.blockSize = blockSize
        self.uuid = uuid.rawValue
        store = record.store
        name = "rbd:\(record.store.image)"
        visibility = state.isAutoVisible ? .any : .only(Set(state.hosts.keys))
        offersReservations = settings.offersReservations
        self.rateLimiter = rateLimiter
        // What was lost is told and stays: hosts must hear that it is.
        if means.stores[store] == nil, let problem = means.storeProblems[store] { throw PlanProblem(problem) }
        backend = means.stores[store].map { ObjectIdentifier($0) }
        if let byteCount = means.stores[store]?.geometry.byteCount, byteCount < UInt64(blockSize.rawValue) {
            throw PlanProblem("\(store) is smaller than one block")
        }
    }

    /// Nil if the store is not open yet.
    func make(_ means: ServingMeans) -> Namespace? {
        means.stores[store].map {
            Namespace(
                id: id, name: name, blockSize: blockSize, uuid: uuid, visibility: visibility,
                anaGroupID: anaGroupID, offersReservations: offersReservations, rateLimiter: rateLimiter,
                backend: $0)
        }
    }
}

extension NamespacePlan {
    static func == (a: NamespacePlan, b: NamespacePlan) -> Bool {
        a.id == b.id && a.name == b.name && a.blockSize == b.blockSize && a.uuid == b.uuid
            && a.visibility == b.visibility && a.anaGroupID == b.anaGroupID
            && a.offersReservations == b.offersReservations && a.rateLimiter === b.rateLimiter
            && a.store == b.store && a.backend == b.backend
    }
}

/// A subsystem that can be served.
struct SubsystemPlan: Equatable {
    let record: SubsystemRecord
    let namespaceIDMax: UInt32
    let namespaces: [ObjectIdentifier]
    let access: HostAccess
    let ports: Set<UInt16>
    let elsewhere: [Port]
    let ana: ANAReporting?

    func make(_ namespaces: [Namespace], _ settings: ReconcilerSettings) -> Subsystem {
        Subsystem(
            nqn: record.subsystemNQN, serialNumber: record.serialNumber, modelNumber: settings.modelNumber,
            access: access, ports: .only(ports), portsElsewhere: elsewhere, namespaces: namespaces,
            anaReporting: ana, namespaceIDMax: namespaceIDMax)
    }
}

extension NamespaceState {
    /// What its hosts may do in a second.
    var rateLimits: RateLimits {
        let mebibyte: UInt64 = 1 << 20
        func bytes(_ megabytes: UInt64?) -> UInt64 {
            let (product, isOverflow) = (megabytes ?? 0).multipliedReportingOverflow(by: mebibyte)
            return isOverflow ? 0 : product
        }
        return RateLimits(
            commands: qos?.readWriteIOsPerSecond ?? 0, bytes: bytes(qos?.readWriteMegabytesPerSecond),
            readBytes: bytes(qos?.readMegabytesPerSecond), writtenBytes: bytes(qos?.writeMegabytesPerSecond))
    }
}

extension NamespaceRecord {
    /// What its blocks are in.
    var store: StoreName {
        StoreName(image: image, isReadOnly: readOnly == true || image.snapshot != nil)
    }
}
