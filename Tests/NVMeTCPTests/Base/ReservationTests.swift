// The reservation structures against libnvme's: report in both layouts, notification log, values of the
// fields. The commands' data has no structure there: its bytes are those that libnvme's nvme_resv_register,
// nvme_resv_acquire and nvme_resv_release send (ioctl.c: little-endian keys, one behind the other).

import CLibnvme
import NVMeTCP
import Testing

@Suite("Reservations on the wire")
struct ReservationTests {
    @Test("Types have libnvme's values")
    func values() {
        let types: [(ReservationType, nvme_resv_rtype)] = [
            (.writeExclusive, NVME_RESERVATION_RTYPE_WE),
            (.exclusiveAccess, NVME_RESERVATION_RTYPE_EA),
            (.writeExclusiveRegistrantsOnly, NVME_RESERVATION_RTYPE_WERO),
            (.exclusiveAccessRegistrantsOnly, NVME_RESERVATION_RTYPE_EARO),
            (.writeExclusiveAllRegistrants, NVME_RESERVATION_RTYPE_WEAR),
            (.exclusiveAccessAllRegistrants, NVME_RESERVATION_RTYPE_EAAR),
        ]
        for (ours, theirs) in types { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
        #expect(types.map(\.0) == ReservationType.table.map(\.value))
        #expect(ReservationType.writeExclusive.name == "Write Exclusive")
        #expect(ReservationType(rawValue: 0x1F).name == "ReservationType 1Fh")
    }

    @Test("Actions have libnvme's values")
    func actions() {
        let register: [(ReservationRegisterAction, nvme_resv_rrega)] = [
            (.register, NVME_RESERVATION_RREGA_REGISTER_KEY),
            (.unregister, NVME_RESERVATION_RREGA_UNREGISTER_KEY),
            (.replace, NVME_RESERVATION_RREGA_REPLACE_KEY),
        ]
        for (ours, theirs) in register { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
        let persistence: [(ReservationPersistenceChange, nvme_resv_cptpl)] = [
            (.none, NVME_RESERVATION_CPTPL_NO_CHANGE), (.clear, NVME_RESERVATION_CPTPL_CLEAR),
            (.set, NVME_RESERVATION_CPTPL_PERSIST),
        ]
        for (ours, theirs) in persistence { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
        let acquire: [(ReservationAcquireAction, nvme_resv_racqa)] = [
            (.acquire, NVME_RESERVATION_RACQA_ACQUIRE), (.preempt, NVME_RESERVATION_RACQA_PREEMPT),
            (.preemptAndAbort, NVME_RESERVATION_RACQA_PREEMPT_AND_ABORT),
        ]
        for (ours, theirs) in acquire { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
        let release: [(ReservationReleaseAction, nvme_resv_rrela)] = [
            (.release, NVME_RESERVATION_RRELA_RELEASE), (.clear, NVME_RESERVATION_RRELA_CLEAR),
        ]
        for (ours, theirs) in release { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
    }

    @Test("Notifications and their masks have libnvme's values")
    func notificationValues() {
        let masks: [(ReservationNotificationMask, nvme_feat_resv_notify_flags)] = [
            (.registrationPreempted, NVME_FEAT_RESV_NOTIFY_REGPRE),
            (.reservationReleased, NVME_FEAT_RESV_NOTIFY_RESREL),
            (.reservationPreempted, NVME_FEAT_RESV_NOTIFY_RESPRE),
        ]
        for (ours, theirs) in masks { #expect(ours.rawValue == theirs.rawValue) }
        let types: [(ReservationNotificationType, nvme_resv_notify_rnlpt)] = [
            (.empty, NVME_RESV_NOTIFY_RNLPT_EMPTY),
            (.registrationPreempted, NVME_RESV_NOTIFY_RNLPT_REGISTRATION_PREEMPTED),
            (.reservationReleased, NVME_RESV_NOTIFY_RNLPT_RESERVATION_RELEASED),
            (.reservationPreempted, NVME_RESV_NOTIFY_RNLPT_RESERVATION_PREEMPTED),
        ]
        for (ours, theirs) in types { #expect(UInt32(ours.rawValue) == theirs.rawValue) }
        for ((mask, _), (type, _)) in zip(masks, types.dropFirst()) {
            #expect(ReservationNotificationMask(masking: type) == mask)
        }
        // Type 6, information 0, log page 80h.
        #expect(AsyncEvent.reservationLogAvailable.result == 0x0080_0006)
    }

    @Test("The data of the commands is the keys, one behind the other")
    func data() {
        let keys: [UInt8] = [0xEF, 0xBE, 0xAD, 0xDE, 0, 0, 0, 0x80, 0x0D, 0xF0, 0xFE, 0xCA, 0, 0, 0, 0x40]
        let register = ReservationRegisterData(
            currentKey: 0x8000_0000_DEAD_BEEF, newKey: 0x4000_0000_CAFE_F00D)
        #expect(encoded(16) { register.encode(into: &$0) } == keys)
        #expect(decoded(keys) { ReservationRegisterData($0) } == register)
        #expect(decoded(Array(keys.dropLast())) { ReservationRegisterData($0) } == nil)
        let acquire = ReservationAcquireData(
            currentKey: 0x8000_0000_DEAD_BEEF, preemptKey: 0x4000_0000_CAFE_F00D)
        #expect(encoded(16) { acquire.encode(into: &$0) } == keys)
        #expect(decoded(keys) { ReservationAcquireData($0) } == acquire)
        #expect(decoded(Array(keys.dropLast())) { ReservationAcquireData($0) } == nil)
        let release = ReservationReleaseData(currentKey: 0x8000_0000_DEAD_BEEF)
        #expect(encoded(8) { release.encode(into: &$0) } == Array(keys.prefix(8)))
        #expect(decoded(keys) { ReservationReleaseData($0) } == release)
        #expect(decoded(Array(keys.prefix(7))) { ReservationReleaseData($0) } == nil)
    }

    static let status = ReservationStatus(
        generation: 0x1234_5678, type: .exclusiveAccessRegistrantsOnly, persistsThroughPowerLoss: true,
        registrants: [
            ReservationRegistrant(
                holdsReservation: false, hostID: HostID("00112233-4455-6677-8899-aabbccddeeff")!,
                key: 0x0102_0304_0506_0708),
            ReservationRegistrant(
                controllerID: 7, holdsReservation: true,
                hostID: HostID("ffeeddcc-bbaa-9988-7766-554433221100")!, key: 0xF1F2_F3F4_F5F6_F7F8),
        ])

    @Test("The extended report is libnvme's nvme_resv_status with registrants of 128-bit identifiers")
    func extendedReport() {
        let header = cBytes(of: nvme_resv_status()) {
            $0.gen = 0x1234_5678
            $0.rtype = 4
            $0.regctl = (2, 0)
            $0.ptpls = 1
        }
        let first = cBytes(of: nvme_registered_ctrl_ext()) {
            $0.cntlid = 0xFFFF
            $0.rkey = 0x0102_0304_0506_0708
            fill(&$0.hostid, (0..<16).map { UInt8($0 * 0x11) })
        }
        let second = cBytes(of: nvme_registered_ctrl_ext()) {
            $0.cntlid = 7
            $0.rcsts = 1
            $0.rkey = 0xF1F2_F3F4_F5F6_F7F8
            fill(&$0.hostid, (0..<16).map { UInt8(0xFF - $0 * 0x11) })
        }
        let theirs = header + first + second
        #expect(header.count == ReservationStatus.Layout.extended.headerByteCount)
        #expect(Self.status.byteCount(.extended) == theirs.count)
        let ours = encoded(theirs.count) { Self.status.encode(into: &$0, layout: .extended) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { ReservationStatus($0, layout: .extended) } == Self.status)
        #expect(decoded(Array(theirs.dropLast())) { ReservationStatus($0, layout: .extended) } == nil)
        #expect(decoded(Array(theirs.prefix(63))) { ReservationStatus($0, layout: .extended) } == nil)
    }

    @Test("The basic report is libnvme's nvme_resv_status with registrants of 64-bit identifiers")
    func basicReport() {
        let header = cBytes(of: nvme_resv_status()) {
            $0.gen = 0x1234_5678
            $0.rtype = 4
            $0.regctl = (2, 0)
            $0.ptpls = 1
        }
        let first = cBytes(of: nvme_registered_ctrl()) {
            $0.cntlid = 0xFFFF
            $0.rkey = 0x0102_0304_0506_0708
            $0.hostid = 0x7766_5544_3322_1100
        }
        let second = cBytes(of: nvme_registered_ctrl()) {
            $0.cntlid = 7
            $0.rcsts = 1
            $0.rkey = 0xF1F2_F3F4_F5F6_F7F8
            $0.hostid = 0x8899_AABB_CCDD_EEFF
        }
        let theirs = Array(header.prefix(24)) + first + second
        #expect(Self.status.byteCount(.basic) == theirs.count)
        let ours = encoded(theirs.count) { Self.status.encode(into: &$0, layout: .basic) }
        #expect(firstDifference(ours, theirs) == nil)
        let read = decoded(theirs) { ReservationStatus($0, layout: .basic) }
        #expect(read?.registrants.map(\.key) == Self.status.registrants.map(\.key))
        #expect(read?.registrants.first?.hostID == HostID("00112233-4455-6677-0000-000000000000"))
        #expect(decoded(Array(theirs.dropLast())) { ReservationStatus($0, layout: .basic) } == nil)
    }

    @Test("A notification is libnvme's nvme_resv_notification_log")
    func notification() {
        var log = ReservationNotificationLog()
        log.count = 0x0102_0304_0506_0708
        log.type = .reservationPreempted
        log.availableCount = 0xFE
        log.namespaceID = 0x0A0B_0C0D
        let theirs = cBytes(of: nvme_resv_notification_log()) {
            $0.lpc = 0x0102_0304_0506_0708
            $0.rnlpt = 3
            $0.nalp = 0xFE
            $0.nsid = 0x0A0B_0C0D
        }
        let ours = encoded(ReservationNotificationLog.byteCount) { log.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { ReservationNotificationLog($0) } == log)
        #expect(decoded(Array(theirs.dropLast())) { ReservationNotificationLog($0) } == nil)
    }
}
