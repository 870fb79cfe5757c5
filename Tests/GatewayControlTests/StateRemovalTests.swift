// What goes together: a subsystem with all that is in it, a namespace with its limits and hosts. Whatever
// upstream ever put under such a key goes, too.

import Testing

@testable import GatewayControl

@Suite("State removal")
struct StateRemovalTests {
    private static let keys: [String] = [
        "subsystem_nqn.s", "subsystem_nqn.s2", "key-subsystem_nqn.s", "host_nqn.s_*", "host_nqn.s_nqn.h",
        "key-host_nqn.s_nqn.h", "host_nqn.s2_nqn.h", "listener_nqn.s_gw_TCP_10.0.0.1_4420",
        "namespace_nqn.s_1", "namespace_nqn.s_10", "namespace_nqn.s2_1", "qos_nqn.s_1", "qos_nqn.s_10",
        "ns-host_nqn.s_1_nqn.h", "ns-host_nqn.s_10_nqn.h", "ns-refresh-size_nqn.s_1", "lbgroup_nqn.s_1",
        "ns-visibility-on_nqn.s_1", "ns-visibility-off_nqn.s_1", "ns-trash-image_nqn.s_1",
        "ns-auto-resize_nqn.s_1", "kmip_nqn.s_x",
    ]
    private let state = GroupState(
        StateSnapshot(version: 1, entries: Dictionary(uniqueKeysWithValues: keys.map { ($0, "?") })))

    @Test("A subsystem goes with all that is in it, and with nothing of another whose NQN begins alike")
    func subsystem() {
        let stays: Set = ["subsystem_nqn.s2", "host_nqn.s2_nqn.h", "namespace_nqn.s2_1", "kmip_nqn.s_x"]
        #expect(left(after: state.removal(ofSubsystem: "nqn.s")) == stays)
    }

    @Test("NSID 1 goes with its limits and hosts, and NSID 10 keeps its own")
    func namespace() {
        let gone = Set(Self.keys).subtracting(left(after: state.removal(ofNamespace: 1, "nqn.s")))
        #expect(
            gone == [
                "namespace_nqn.s_1", "qos_nqn.s_1", "ns-host_nqn.s_1_nqn.h", "ns-refresh-size_nqn.s_1",
                "lbgroup_nqn.s_1", "ns-visibility-on_nqn.s_1", "ns-visibility-off_nqn.s_1",
                "ns-trash-image_nqn.s_1", "ns-auto-resize_nqn.s_1",
            ])
    }

    @Test("A host goes from the allow list, and stays where a namespace is visible to it")
    func host() {
        let gone = Set(Self.keys).subtracting(left(after: state.removal(ofHost: "nqn.h", "nqn.s")))
        #expect(gone == ["host_nqn.s_nqn.h", "key-host_nqn.s_nqn.h"])
    }

    @Test("An NSID whose entry can't be read is not given away")
    func unusedNSID() {
        #expect(state.unusedNSID(in: "nqn.s", max: 20) == 2)
        #expect(state.unusedNSID(in: "nqn.s2", max: 1) == nil)
        #expect(state.unusedNSID(in: "nqn.s2", max: 0) == nil)
    }

    @Test("Of two steps with one key the last counts")
    func lastCounts() {
        let steps: [StateChange] = [
            .put(key: "a", text: "1"), .remove(key: "a"), .remove(key: "b"), .put(key: "b", text: "2"),
        ]
        let changes = StateChanges(steps)
        #expect(changes.puts == ["b": "2"] && changes.removals == ["a"])
    }

    private func left(after changes: [StateChange]) -> Set<String> {
        var entries = state.entries
        StateChanges(changes).apply(to: &entries)
        return Set(entries.keys)
    }
}
