// Connect, Property Get and Set, Disconnect: golden bytes after the Linux kernel's structures
// (include/linux/nvme.h: nvmf_connect_command, nvmf_property_get_command, nvmf_property_set_command), and
// libnvme's Connect data.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Fabrics commands")
struct FabricsCommandTests {
    func bytes(of entry: SubmissionEntry) -> [UInt8] { encoded(64) { entry.encode(into: &$0, at: 0) } }

    @Test("Connect's entry is the one that Linux sends")
    func connect() {
        let command = ConnectCommand(
            queueID: 0x0102, submissionQueueSize: 127, attributes: .disableFlowControl,
            keepAliveMilliseconds: 5000)
        var expected = [UInt8](repeating: 0, count: 64)
        expected.replaceSubrange(0..<5, with: [0x7F, 0x40, 0x34, 0x12, 0x01])
        expected.replaceSubrange(32..<40, with: [0x00, 0x04, 0, 0, 0, 0, 0, 0x01])
        expected.replaceSubrange(42..<48, with: [0x02, 0x01, 127, 0, 0x04, 0])
        expected.replaceSubrange(48..<52, with: [0x88, 0x13, 0, 0])
        let entry = command.entry(commandID: 0x1234)
        #expect(firstDifference(bytes(of: entry), expected) == nil)
        #expect(ConnectCommand(entry) == command)
        #expect(command.queueEntries == 128)
        #expect(FabricsType(rawValue: entry.fabricsType) == .connect)
    }

    @Test("Property Get and Set are the ones that Linux sends")
    func properties() {
        let get = PropertyGetCommand(.capabilities, size: .eightBytes)
        var expected = [UInt8](repeating: 0, count: 64)
        expected.replaceSubrange(0..<5, with: [0x7F, 0x40, 7, 0, 0x04])
        expected[40] = 1
        #expect(firstDifference(bytes(of: get.entry(commandID: 7)), expected) == nil)
        #expect(PropertyGetCommand(get.entry(commandID: 7)) == get)

        let set = PropertySetCommand(.configuration, size: .fourBytes, value: 0x1122_3344_0046_0061)
        expected = [UInt8](repeating: 0, count: 64)
        expected.replaceSubrange(0..<5, with: [0x7F, 0x40, 8, 0, 0x00])
        expected[44] = 0x14
        expected.replaceSubrange(48..<56, with: [0x61, 0x00, 0x46, 0x00, 0x44, 0x33, 0x22, 0x11])
        #expect(firstDifference(bytes(of: set.entry(commandID: 8)), expected) == nil)
        #expect(PropertySetCommand(set.entry(commandID: 8)) == set)
    }

    @Test("Disconnect has its record format at byte 40")
    func disconnect() {
        var expected = [UInt8](repeating: 0, count: 64)
        expected.replaceSubrange(0..<5, with: [0x7F, 0x40, 9, 0, 0x08])
        expected.replaceSubrange(40..<42, with: [0x22, 0x11])
        let command = DisconnectCommand(recordFormat: 0x1122)
        #expect(firstDifference(bytes(of: command.entry(commandID: 9)), expected) == nil)
        #expect(DisconnectCommand(command.entry(commandID: 9)) == command)
    }

    @Test("Connect's data is libnvme's nvmf_connect_data")
    func connectData() throws {
        let subsystem = try NQN("nqn.2016-06.io.example:subsystem")
        let host = try NQN("nqn.2014-08.org.nvmexpress:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")
        let hostID = try #require(HostID("00112233-4455-6677-8899-aabbccddeeff"))
        let data = ConnectData(hostID: hostID, controllerID: 0xABCD, subsystemNQN: subsystem, hostNQN: host)
        let ours = encoded(ConnectData.byteCount) { data.encode(into: &$0) }

        let theirs = cBytes(of: nvmf_connect_data()) { value in
            withUnsafeMutableBytes(of: &value.hostid) { field in
                for index in 0..<16 { field[index] = UInt8(index) * 0x11 }
            }
            value.cntlid = 0xABCD
            withUnsafeMutableBytes(of: &value.subsysnqn) { $0.copyBytes(from: subsystem.text.utf8) }
            withUnsafeMutableBytes(of: &value.hostnqn) { $0.copyBytes(from: host.text.utf8) }
        }
        #expect(theirs.count == 1024)
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { ConnectData($0) } == data)
        #expect(
            Int(ConnectData.Offset.subsystemNQN) == MemoryLayout<nvmf_connect_data>.offset(of: \.subsysnqn))
        #expect(Int(ConnectData.Offset.hostNQN) == MemoryLayout<nvmf_connect_data>.offset(of: \.hostnqn))
        #expect(Int(ConnectData.Offset.controllerID) == MemoryLayout<nvmf_connect_data>.offset(of: \.cntlid))
    }

    @Test("Connect's data that is too short is nil; a name that is none is nil in it")
    func badConnectData() throws {
        let short = [UInt8](repeating: 0, count: 1023)
        #expect(decoded(short) { ConnectData($0) } == nil)
        let zeroes = [UInt8](repeating: 0, count: 1024)
        let data = try #require(decoded(zeroes) { ConnectData($0) })
        #expect(data.subsystemNQN == nil)
        #expect(data.hostNQN == nil)
    }

    @Test("Connect's results have their fields where Linux looks for them")
    func responses() {
        // NVME_CONNECT_AUTHREQ_ATR is bit 17, NVME_CONNECT_AUTHREQ_ASCR bit 18 of the kernel's nvme.h.
        #expect(ConnectResponse.success(controllerID: 0x1234) == 0x1234)
        let both = ConnectResponse.success(
            controllerID: 1, authenticationRequired: true, secureChannelRequired: true)
        #expect(both == 0x0006_0001)
        #expect(ConnectResponse.authenticationRequired(both))
        #expect(ConnectResponse.secureChannelRequired(both))
        #expect(ConnectResponse.controllerID(both) == 1)
        // The kernel's nvmf_log_connect_error looks at bit 16 for "in the data".
        #expect(ConnectResponse.invalidParameters(offset: 256, inData: true) == 0x0001_0100)
        #expect(ConnectResponse.invalidParameters(offset: 44, inData: false) == 44)
    }
}
