// Get Log Page: the checks that all pages share, the pages, and what reading one clears.

internal import NVMeTCP

extension Controller {
    /// Serves Get Log Page.
    ///
    /// - Throws: Invalid Log Page for one that this controller does not have; Invalid Field in Command for
    ///   an offset that is an index, not a multiple of 4, or beyond the page, and for a namespace's own log,
    ///   as no page has any.
    ///
    /// Source: NVM Express Base Specification, "Get Log Page command".
    func getLogPage(
        _ request: LogPageRequest, reply: inout MutableRawSpan, at now: Instant
    ) throws(CommandFailure) -> AdminOutcome {
        guard let row = LogPageTable.row(request.id, on: type) else {
            throw CommandFailure(.invalidLogPage.notRetryable, at: ParameterErrorLocation(byte: 40))
        }
        guard request.namespaceID == 0 || request.namespaceID == .broadcastNamespace else {
            throw .invalidField(byte: 4)
        }
        guard request.offset % 4 == 0 else { throw .invalidField(byte: 48) }
        guard !request.isIndexed else { throw .invalidField(byte: 58, bit: 7) }
        let page = logPage(row, request, at: now)
        guard request.offset <= UInt64(page.byteCount) else { throw .invalidField(byte: 48) }
        page.copy(from: Int(request.offset), into: &reply)
        // Reading takes the page from its queue, whatever becomes of the event (Base Specification,
        // "Reservation Notification").
        if row.id == .reservationNotification { reservationNotifications.dropFirst() }
        if !request.retainsEvent {
            events.clear(row.id)
            if row.id == .changedNamespaces { changedNamespaces.clear() }
            if row.id == .health { judgeTemperature() }
        }
        return .completed
    }

    /// The page as it stands now.
    private func logPage(_ row: LogPageRow, _ request: LogPageRequest, at now: Instant) -> LogPage {
        switch row.id {
        case .supportedLogPages:
            let log = LogPageTable.supported(on: type)
            return page(SupportedLogPages.byteCount) { log.encode(into: &$0) }
        case .errorInformation:
            return errorLog.page
        case .health:
            let log = health(at: now)
            return page(HealthLog.byteCount) { log.encode(into: &$0) }
        case .firmwareSlot:
            let log = FirmwareSlots([Self.firmwareRevision])
            return page(FirmwareSlots.byteCount) { log.encode(into: &$0) }
        case .changedNamespaces:
            let log = changedNamespaces.list
            return page(NamespaceList.byteCount) { log.encode(into: &$0) }
        case .commandEffects:
            let log = commandEffects(of: request.commandSet)
            return page(CommandEffectsLog.byteCount) { log.encode(into: &$0) }
        case .asymmetricNamespaceAccess:
            return anaPage(groupsOnly: request.parameter & 1 != 0)
        case .featureEffects:
            let log = featureEffects
            return page(FeatureEffectsLog.byteCount) { log.encode(into: &$0) }
        case .managementCommandEffects:
            // There is no management interface: no command is supported, as all zeroes say.
            return LogPage(byteCount: 4096)
        case .reservationNotification:
            let log = reservationNotifications.page
            return page(ReservationNotificationLog.byteCount) { log.encode(into: &$0) }
        case .discovery:
            // Port Local Entries Only (PLEO), LSP bit 1.
            let isPortLocal = request.parameter & 1 << 1 != 0
            return DiscoveryView(model, hostNQN: hostNQN, localPort: isPortLocal ? port : nil)
                .page(limits: limits)
        default:
            preconditionFailure("every log page of the table can be made")
        }
    }

    /// Asymmetric Namespace Access, or its groups without their namespaces (Return Groups Only, RGO).
    private func anaPage(groupsOnly: Bool) -> LogPage {
        guard let subsystem else { preconditionFailure("only I/O controllers have the page") }
        let log = anaChanges.log(of: subsystem, groupsOnly: groupsOnly)
        return page(log.byteCount) { log.encode(into: &$0) }
    }

    private func page(_ byteCount: Int, _ encode: (inout MutableRawSpan) -> Void) -> LogPage {
        var page = LogPage(byteCount: byteCount)
        page.write(encode)
        return page
    }

    /// Commands Supported and Effects: the command table. Fabrics commands share one opcode and are not told
    /// apart there.
    /// Of a command set that is not here no I/O command is supported: nvme-cli asks for the zoned one as
    /// well.
    private func commandEffects(of commandSet: CommandSetID) -> CommandEffectsLog {
        var log = CommandEffectsLog()
        for row in CommandTable.adminRows {
            log.admin[AdminOpcode(rawValue: row.opcode)] = row.effects(on: type)
        }
        guard commandSet == .nvm else { return log }
        for row in CommandTable.ioRows { log.io[IOOpcode(rawValue: row.opcode)] = row.effects(on: type) }
        return log
    }

    /// SMART / Health Information: what this controller has done. It has no medium that wears.
    private func health(at now: Instant) -> HealthLog {
        let totals = queues.totals
        var log = HealthLog()
        if isTemperatureBeyondThreshold { log.criticalWarning = .temperature }
        log.compositeTemperatureKelvins = CompositeTemperature.kelvins
        log.availableSparePercent = 100
        log.dataUnitsRead = Self.dataUnits(totals.readBytes)
        log.dataUnitsWritten = Self.dataUnits(totals.writtenBytes)
        log.hostReadCommands = UInt128(totals.readCount)
        log.hostWriteCommands = UInt128(totals.writeCount)
        log.powerOnHours = UInt128(now.nanoseconds &- created.nanoseconds) / 3_600_000_000_000
        log.errorLogEntries = UInt128(errorLog.count)
        return log
    }

    /// Thousands of 512 bytes, rounded up.
    private static func dataUnits(_ byteCount: UInt64) -> UInt128 { (UInt128(byteCount) + 511_999) / 512_000 }
}
