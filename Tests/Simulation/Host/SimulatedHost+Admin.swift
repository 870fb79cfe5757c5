// What a host says on its admin queue: properties, Identify, features, log pages, events, keep-alive, Abort.

import GatewayCore
import NVMeTCP

extension SimulatedHost {
    // MARK: Commands that must succeed

    /// Sends an admin command that nothing but the loss of the association keeps from succeeding.
    private func must(
        _ kind: CommandKind, _ entry: SubmissionEntry, data: [UInt8] = [], reading: Int = 0,
        then: @escaping (UInt64, [UInt8]) -> Void
    ) {
        guard let admin else { return }
        world.count(kind)
        let epoch = epoch
        admin.send(entry, data: data, inCapsule: world.random.chance(0.5), reading: reading) {
            [self] completion, data in
            guard epoch == self.epoch else { return }
            guard completion.status.isSuccess else {
                // A shutdown or a reset of its own may have come in between.
                if phase == .leaving, kind != .property { return }
                let name = completion.status.name(scope: .any)
                return world.fail("host \(number): \(kind) \(entry.opcode) failed: \(name)")
            }
            then(completion.result, data)
        }
    }

    func setProperty(_ offset: PropertyOffset, _ value: UInt64, then: @escaping () -> Void) {
        let command = PropertySetCommand(offset, size: .fourBytes, value: value)
        must(.property, command.entry(commandID: 0)) { _, _ in then() }
    }

    func getProperty(_ offset: PropertyOffset, then: @escaping (UInt64) -> Void) {
        let command = PropertyGetCommand(offset, size: .fourBytes)
        must(.property, command.entry(commandID: 0)) { value, _ in then(value) }
    }

    /// Asks until the property's masked bits are `wanted`.
    func awaitProperty(_ offset: PropertyOffset, mask: UInt64, _ wanted: UInt64, then: @escaping () -> Void) {
        getProperty(offset) { [self] value in
            if value & mask == wanted { return then() }
            later(100_000_000) { [self] in awaitProperty(offset, mask: mask, wanted, then: then) }
        }
    }

    func identify(_ cns: IdentifyCNS, namespace: UInt32 = 0, then: @escaping ([UInt8]) -> Void) {
        var entry = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        entry.dword1 = namespace
        entry.dword10 = UInt32(cns.rawValue)
        must(.identify, entry, reading: 4096) { _, data in then(data) }
    }

    func setFeature(_ feature: FeatureID, _ value: UInt32, then: @escaping () -> Void) {
        var entry = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
        entry.dword10 = UInt32(feature.rawValue)
        entry.dword11 = value
        must(.feature, entry) { _, _ in then() }
    }

    /// Host Behavior Support, if the host wants to copy between namespaces.
    func enableCopy(then: @escaping () -> Void) {
        guard plan.enablesCopyAcross else { return then() }
        var behavior = HostBehaviorSupport()
        behavior.copyDescriptorFormats = .format2
        var bytes = [UInt8](repeating: 0, count: HostBehaviorSupport.byteCount)
        bytes.withUnsafeMutableBytes { raw in
            var span = raw.mutableBytes
            behavior.encode(into: &span)
        }
        var entry = SubmissionEntry(opcode: AdminOpcode.setFeatures.rawValue)
        entry.dword10 = UInt32(FeatureID.hostBehaviorSupport.rawValue)
        must(.feature, entry, data: bytes) { _, _ in then() }
    }

    func logPage(_ id: LogPageID, byteCount: Int, then: @escaping ([UInt8]) -> Void) {
        var entry = SubmissionEntry(opcode: AdminOpcode.getLogPage.rawValue)
        entry.dword1 = 0xFFFF_FFFF
        entry.dword10 = UInt32(id.rawValue) | UInt32(byteCount / 4 - 1) << 16
        must(.logPage, entry, reading: byteCount) { _, data in then(data) }
    }

    // MARK: Events

    func askForEvents() {
        let wanted: AsyncEventConfiguration = [.namespaceAttributes, .asymmetricNamespaceAccess]
        let events = world.plan.anaGroupCount > 0 ? wanted : .namespaceAttributes
        setFeature(.asyncEventConfiguration, events.rawValue) { [self] in
            for _ in 0..<world.random.between(1, 3) { askForEvent() }
            readNamespaces()
        }
    }

    private func askForEvent() {
        guard phase == .working, let admin else { return }
        world.count(.eventRequest)
        eventsAsked += 1
        let epoch = epoch
        admin.send(SubmissionEntry(opcode: AdminOpcode.asyncEventRequest.rawValue)) {
            [self] completion, _ in
            guard epoch == self.epoch else { return }
            eventsAsked -= 1
            guard completion.status.isSuccess else { return }
            let event = AsyncEvent(result: completion.result)
            logPage(event.logPage, byteCount: 4096) { [self] _ in readNamespaces() }
            askForEvent()
        }
    }

    /// The active namespaces, which must be those of a model that hosts were told of meanwhile.
    private func readNamespaces() {
        let start = world.step
        identify(.activeNamespaces) { [self] data in
            let ids = (0..<1024).map { index in
                data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self) }
            }.filter { $0 != 0 }
            guard let shard = admin?.wire.shard.shardID else { return }
            let views = world.operations.viewsTold(by: shard, since: start)
            knownNamespaces = ids
            if !views.contains(where: { $0.namespaces(of: number) == ids }) {
                let allowed = views.map { $0.namespaces(of: number) }
                world.fail("host \(number): the active namespaces are \(ids); they may be \(allowed)")
            }
        }
    }

    // MARK: Keep-alive

    func startKeepAlive() {
        guard plan.keepAliveMilliseconds > 0 else { return }
        later(UInt64(plan.keepAliveMilliseconds) * 1_000_000 / 2) { [self] in
            guard phase == .working || phase == .leaving else { return }
            startKeepAlive()
            if !isMute, phase == .working {
                must(.keepAlive, SubmissionEntry(opcode: AdminOpcode.keepAlive.rawValue)) { _, _ in }
            }
        }
    }

    /// Says nothing from now on. Within two timeouts, the sweeps and what is on the way, its association must
    /// be over.
    func fallSilent() {
        guard phase == .working, plan.keepAliveMilliseconds > 0, let admin else { return }
        isMute = true
        world.count(.hostMute)
        let timeout = max(UInt64(plan.keepAliveMilliseconds), 1_000) * 1_000_000
        let epoch = epoch
        world.schedule(after: 2 * timeout + 2_000_000_000) { [self] in
            checkExpired(admin, epoch: epoch, silence: 2 * timeout + 2_000_000_000)
        }
    }

    private func checkExpired(_ admin: HostQueue, epoch: Int, silence: UInt64) {
        guard epoch == self.epoch, isMute, !admin.wire.isClosedByTarget else { return }
        let heard = allQueues.map { $0.wire.toTarget.lastArrivedAt }.max() ?? 0
        guard world.now - heard < silence else {
            return world.fail(
                "host \(number) was silent for \(silence / 1_000_000) ms and is still connected")
        }
        world.schedule(after: 500_000_000) { [self] in checkExpired(admin, epoch: epoch, silence: silence) }
    }

    // MARK: This and that

    /// What tools and the kernel ask now and then.
    func chatter() {
        later(world.random.time(1_000_000, 2_000_000_000)) { [self] in
            guard phase == .working else { return }
            chatter()
            if isMute || (admin?.outstandingCount ?? 0) > 12 { return }
            switch world.random.below(10) {
            case 0: identify(.controller) { _ in }
            case 1: readNamespaces()
            case 2: logPage(.health, byteCount: 512) { _ in }
            case 3: logPage(.errorInformation, byteCount: 64) { _ in }
            case 4:
                getProperty(.status) { [self] in
                    if $0 & 0x3 != 1 { world.fail("host \(number): CSTS is \($0) while it works") }
                }
            case 5: logPage(.changedNamespaces, byteCount: 4096) { _ in }
            case 6: sendRefusedAdmin()
            case 7: if let queue = queues.first(where: { $0.outstandingCount > 0 }) { abortSome(of: queue) }
            case 8:
                let queue = world.random.pick(queues)
                let hasRoom = !queue.isEnded && queue.outstandingCount < queue.entries - 1
                if hasReservations, hasRoom { sendReport(on: queue) }
            default: logPage(.commandEffects, byteCount: 4096) { _ in }
            }
        }
    }

    private func sendRefusedAdmin() {
        var entry = SubmissionEntry(opcode: AdminOpcode.identify.rawValue)
        let expected: Status
        switch world.random.below(3) {
        case 0:
            entry.dword0 = 0xC1
            expected = .invalidOpcode
        case 1:
            entry.dword10 = 0xEE
            expected = .invalidField
        default:
            entry.dword0 = UInt32(AdminOpcode.getLogPage.rawValue)
            entry.dword10 = 0xBF | 127 << 16
            expected = .invalidLogPage
        }
        world.count(.refusedAdmin)
        let epoch = epoch
        admin?.send(entry, reading: expected.kind == .invalidOpcode ? 0 : 512) { [self] completion, _ in
            guard epoch == self.epoch, phase == .working else { return }
            // Identify moves 4,096 bytes, whatever it is about: the length is found wrong first.
            let isExpected =
                completion.status.kind == expected.kind || completion.status ~= .dataSGLLengthInvalid
            if !isExpected { world.fail("host \(number): \(completion.status.name) for \(entry)") }
        }
    }

    /// Aborts the oldest commands of a queue.
    func abortSome(of queue: HostQueue) {
        let ids = queue.commandIDs.prefix(2)
        for id in ids {
            guard let command = queue.command(id), let admin else { return }
            command.abortWasTried = true
            queue.abortedIDs.append(id)
            var entry = SubmissionEntry(opcode: AdminOpcode.abort.rawValue)
            entry.dword10 = UInt32(queue.queueID) | UInt32(id) << 16
            world.count(.abort)
            let epoch = epoch
            admin.send(entry) { [self] completion, _ in
                if let index = queue.abortedIDs.firstIndex(of: id) { queue.abortedIDs.remove(at: index) }
                guard epoch == self.epoch, phase == .working else { return }
                switch completion.status {
                case .success:
                    if completion.result & 1 == 0, !command.isAnswered { command.wasAborted = true }
                case .abortLimitExceeded, .invalidField: break
                default: world.fail("host \(number): Abort was answered with \(completion.status.name)")
                }
            }
        }
    }
}
