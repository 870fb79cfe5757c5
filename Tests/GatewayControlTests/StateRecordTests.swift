// Entries: what upstream wrote is read, and written back as it was; what it could have written is read, too;
// and what nobody can read is named and stops nothing.

import Testing

@testable import GatewayControl

@Suite("State records")
struct StateRecordTests {
    private let upstream = GroupState(
        StateSnapshot(version: UpstreamState.version, entries: UpstreamState.entries))

    @Test("A state written by upstream comes up as it was meant")
    func comesUp() throws {
        #expect(upstream.corruptEntries.isEmpty && upstream.foreignKeys.isEmpty)
        let subsystem = try #require(upstream.subsystems[UpstreamState.nqn])
        #expect(subsystem.record.serialNumber == "Ceph31548293710546")
        #expect(subsystem.record.maxNamespaces == 512 && subsystem.record.enableHA)
        #expect(subsystem.namespaces.keys.sorted() == [1, 10])
        let first = try #require(subsystem.namespaces[1])
        #expect(first.record.rbdImageName == "demo_image1" && first.record.blockSize == 512)
        #expect(first.record.uuid == "9b8a1d36-9e1d-4a5c-a67f-8a9e0a1b7c55" && first.record.anaGroupID == 1)
        #expect(first.record.size == 10 << 30 && first.isAutoVisible && first.hosts.isEmpty)
        #expect(first.qos?.readWriteIOsPerSecond == 20_000)
        #expect(first.qos?.readWriteMegabytesPerSecond == UInt64.max)
        #expect(first.qos?.readMegabytesPerSecond == nil)
        let second = try #require(subsystem.namespaces[10])
        #expect(!second.isAutoVisible && second.record.trashImage == true && second.qos == nil)
        #expect(Array(second.hosts.keys) == [UpstreamState.host])
        #expect(subsystem.allowsAnyHost && subsystem.hosts.count == 2)
        #expect(subsystem.hosts[UpstreamState.host]?.dhchapKey == "gAAAAABl")
        #expect(subsystem.hosts[UpstreamState.host]?.keyEncrypted == true)
        let listeners = subsystem.sortedListeners
        #expect(listeners.map(\.hostName) == ["gw-host-1", "gw-host-2"])
        #expect(listeners.map(\.addressFamily) == [.ipv4, .ipv6] && listeners.map(\.port) == [4420, 4421])
        #expect(listeners[1].secure == true && listeners[1].address == "fd00::2")
    }

    @Test("A record that upstream wrote is written back byte for byte")
    func writesBack() throws {
        let subsystem = try #require(upstream.subsystems[UpstreamState.nqn])
        var records: [any StateRecord] = [subsystem.record]
        records += subsystem.hosts.values.map { $0 as any StateRecord }
        records += subsystem.listeners.values.map { $0 as any StateRecord }
        for namespace in subsystem.namespaces.values {
            records.append(namespace.record)
            records += namespace.hosts.values.map { $0 as any StateRecord }
            if let qos = namespace.qos { records.append(qos) }
        }
        #expect(records.count == UpstreamState.entries.count)
        for record in records { #expect(record.text == UpstreamState.entries[record.key.text]) }
    }

    @Test(
        "Numbers may be strings, strings numbers' names, and fields missing or null",
        arguments: [
            #"{"subsystem_nqn":"nqn.s","nsid":"7","size":"5","anagrpid":"2"}"#,
            #"{"subsystem_nqn":"nqn.s","nsid":7,"size":5,"anagrpid":2,"uuid":null,"force":null}"#,
            #"{"subsystem_nqn":"nqn.s","nsid":7.0,"size":5,"anagrpid":2,"encryption_algorithm":"AES256"}"#,
            #"{"subsystem_nqn":"nqn.s","size":5,"anagrpid":2,"encryption_algorithm":2}"#,
        ])
    func tolerant(text: String) throws {
        let state = self.state(["namespace_nqn.s_7": text])
        let record = try #require(state.namespace(7, of: "nqn.s")?.record)
        #expect(record.nsid == 7 && record.size == 5 && record.anaGroupID == 2)
        #expect(record.uuid == nil && record.force == nil && record.blockSize == 0)
    }

    @Test("Fields of later releases are written back when the record changes")
    func unknownFields() throws {
        let later = #"""
            {"subsystem_nqn": "nqn.s", "nsid": 1, "new_list": [1, {"b": null, "a": 1.5}], "new_number":
            18446744073709551615, "new_text": "\u00e9\"\n"}
            """#
        var record = try #require(state(["namespace_nqn.s_1": later]).namespace(1, of: "nqn.s")?.record)
        #expect(record.unknownFields.names == ["new_list", "new_number", "new_text"])
        record.anaGroupID = 3
        #expect(
            record.text == #"""
                {
                  "rbd_pool_name": "",
                  "rbd_image_name": "",
                  "subsystem_nqn": "nqn.s",
                  "nsid": 1,
                  "block_size": 0,
                  "anagrpid": 3,
                  "new_list": [
                    1,
                    {
                      "a": 1.5,
                      "b": null
                    }
                  ],
                  "new_number": 18446744073709551615,
                  "new_text": "\u00e9\"\n"
                }
                """#)
    }

    @Test(
        "An entry that can't be read is named, and the rest is served",
        arguments: [
            ("namespace_nqn.s_1", "{", "not JSON"),
            ("namespace_nqn.s_1", "", "not JSON"),
            ("namespace_nqn.s_1", "[]", "another type"),
            ("namespace_nqn.s_1", #"{"subsystem_nqn":"nqn.s","nsid":"x"}"#, "nsid"),
            ("namespace_nqn.s_1", #"{"subsystem_nqn":"nqn.s","nsid":-1}"#, "nsid"),
            ("namespace_nqn.s_1", #"{"subsystem_nqn":"nqn.s","nsid":2}"#, "namespace_nqn.s_2"),
            ("namespace_nqn.s_0", #"{"subsystem_nqn":"nqn.s"}"#, "namespace_nqn.s_0"),
            ("namespace_nqn.s_1", #"{"subsystem_nqn":"nqn.s","nsid":1,"force":"maybe"}"#, "force"),
            ("namespace_nqn.t_1", #"{"subsystem_nqn":"nqn.t","nsid":1}"#, "subsystem is not there"),
            ("qos_nqn.s_9", #"{"subsystem_nqn":"nqn.s","nsid":9}"#, "namespace is not there"),
            ("ns-host_nqn.s_9_h", #"{"subsystem_nqn":"nqn.s","nsid":9,"host_nqn":"h"}"#, "namespace"),
            ("host_nqn.s_h", #"{"subsystem_nqn":"nqn.s","host_nqn":"g"}"#, "host_nqn.s_g"),
            ("listener_nqn.s_a_TCP_b_1", #"{"nqn":"nqn.t"}"#, "listener_nqn.t"),
            ("listener_nqn.s_a_TCP_b_1", #"{"nqn":"nqn.s","adrfam":"ib"}"#, "adrfam"),
            ("ns-refresh-size_nqn.s", "1700000000.5", "names no namespace"),
            ("subsystem_nqn.x", "null", "(the whole)"),
        ])
    func corrupt(key: String, text: String, reason: String) {
        let good = #"{"subsystem_nqn":"nqn.s","host_nqn":"nqn.good"}"#
        let state = self.state([key: text, "host_nqn.s_nqn.good": good])
        #expect(state.corruptEntries.map(\.key) == [key])
        #expect(state.corruptEntries.first?.reason.contains(reason) == true, "\(state.corruptEntries)")
        #expect(state.subsystems["nqn.s"]?.hosts["nqn.good"] != nil)
        #expect(state.subsystems["nqn.s"]?.namespaces.isEmpty == true)
    }

    @Test("Entries of kinds that are not known are left alone, and listed")
    func foreign() {
        let state = self.state(["kmip_nqn.s_server": "{}", "bdev_1": "x"])
        #expect(state.foreignKeys == ["bdev_1", "kmip_nqn.s_server"] && state.corruptEntries.isEmpty)
    }

    @Test("A request to look at an image's size again is a mark at its namespace")
    func refreshSize() {
        let namespace = #"{"subsystem_nqn":"nqn.s","nsid":1}"#
        let state = self.state([
            "namespace_nqn.s_1": namespace, "ns-refresh-size_nqn.s_1": "1763999999.123",
        ])
        #expect(state.namespace(1, of: "nqn.s")?.refreshSizeMark == "1763999999.123")
    }

    @Test("A listener counts by what it says, however its key is written")
    func listenerKeys() {
        let text = #"{"nqn":"nqn.s","host_name":"gw","traddr":"fd00::1","adrfam":1}"#
        let state = self.state(["listener_nqn.s_gw_tcp_[fd00::1]_4420": text])
        #expect(state.subsystems["nqn.s"]?.sortedListeners.first?.portOrDefault == 4420)
        #expect(state.subsystems["nqn.s"]?.sortedListeners.first?.addressFamily == .ipv6)
    }

    private func state(_ entries: [String: String]) -> GroupState {
        var entries = entries
        entries["subsystem_nqn.s"] = #"{"subsystem_nqn":"nqn.s"}"#
        return GroupState(StateSnapshot(version: 1, entries: entries))
    }
}
