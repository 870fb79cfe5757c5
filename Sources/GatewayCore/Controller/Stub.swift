// Stands in for the controller until it lands, with the exact API that TargetShard uses: whoever writes the
// controller deletes this file and keeps these names (or changes Shard/ with them).

internal import NVMeTCP
public struct ConnectRequest: Sendable {
    let queueID: UInt16, controllerID: UInt16, hostNQN: String, queueEntries: Int, isFlowControlDisabled: Bool
    static func isConnect(_ c: SubmissionEntry) -> Bool { c.opcode == 0x7F && c.fabricsType == 1 }
    static func parse(_ command: SubmissionEntry, data: RawSpan) throws(CommandFailure) -> ConnectRequest {
        throw CommandFailure(.internalError)
    }
    func admit(to model: TargetModel, port: UInt16, limits: Limits) throws(CommandFailure) -> ControllerKind {
        .discovery
    }
}
enum ControllerKind { case discovery, io(Subsystem) }
enum AdminOutcome {
    case completed(result: UInt64), eventAwaited, abort(queueID: UInt16, commandID: UInt16), disconnected
}
enum ControllerEffect { case resetStarted, shutdownStarted, ended(reason: String) }
public final class QueueCounters: Sendable {
    func countCommand() {}; func countRead(byteCount: Int) {}; func countWrite(byteCount: Int) {}
}
struct Transfer { var direction: DataDirection; var byteCount: Int }
final class Controller {
    let id: UInt16; let hostNQN = ""; let subsystemNQN = ""; var subsystem: Subsystem?; var isEnabled = false
    init(
        id: UInt16, kind: ControllerKind, connect: ConnectRequest, port: UInt16, model: TargetModel,
        limits: Limits, log: any TargetLog, at now: Instant
    ) { self.id = id }
    func attach(_ c: QueueCounters) {}
    func admitQueue(_ r: ConnectRequest) throws(CommandFailure) {}
    func queueClosed(_ q: UInt16) {}
    func record(_ f: CommandFailure, of c: SubmissionEntry, queue: UInt16) -> Status { f.status }
    func dataTransfer(_ c: SubmissionEntry) throws(CommandFailure) -> Transfer {
        throw CommandFailure(.internalError)
    }
    func execute(_ command: SubmissionEntry, hostData: RawSpan, reply: inout MutableRawSpan, at now: Instant)
        throws(CommandFailure) -> AdminOutcome
    { .eventAwaited }
    func takeEvent() -> (commandID: UInt16, result: UInt32)? { nil }
    func takeEffect() -> ControllerEffect? { nil }
    func resetCompleted() {}; func shutdownCompleted() {}; func abortEnded() {}  // an Abort that execute() answered with .abort has been completed
    func apply(_ m: TargetModel) {}; func geometryChanged(namespace: UInt32) {};
    func timerFired(at now: Instant) {}  // sums its attached QueueCounters itself for TBKAS
}
extension CommandFailure {
    static func connectInvalidParameter(inData o: UInt16) -> CommandFailure {
        CommandFailure(.connectInvalidParameters, result: UInt64(o) | 1 << 16)
    }
}
struct Row { var ioAction: IOAction? }
enum CommandTable { static func io(_ o: UInt8) -> Row? { nil } }
extension Subsystem { var namespaceIDMax: UInt32 { 1024 } }
