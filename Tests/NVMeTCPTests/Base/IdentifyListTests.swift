// The lists of Identify against libnvme's structures and bytes laid out by hand.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Identify lists")
struct IdentifyListTests {
    @Test("A namespace list is libnvme's nvme_ns_list")
    func namespaceList() {
        let list = NamespaceList([1, 2, 0x1122_3344])
        let theirs = cBytes(of: nvme_ns_list()) {
            $0.ns.0 = 1
            $0.ns.1 = 2
            $0.ns.2 = 0x1122_3344
        }
        let ours = encoded(NamespaceList.byteCount) { list.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { NamespaceList($0) } == list)
        #expect(decoded(Array(theirs.dropLast())) { NamespaceList($0) } == nil)
    }

    @Test("A full namespace list holds 1,024 entries, an empty one none")
    func fullNamespaceList() {
        let full = NamespaceList(Array(1...1024))
        let bytes = encoded(NamespaceList.byteCount) { full.encode(into: &$0) }
        #expect(decoded(bytes) { NamespaceList($0) } == full)
        let empty = encoded(NamespaceList.byteCount) { NamespaceList([]).encode(into: &$0) }
        #expect(empty.allSatisfy { $0 == 0 })
        #expect(decoded(empty) { NamespaceList($0) }?.namespaceIDs.isEmpty == true)
        let many = encoded(NamespaceList.byteCount) { NamespaceList.tooManyChanged.encode(into: &$0) }
        #expect(Array(many.prefix(8)) == [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0])
    }

    @Test("A controller list is libnvme's nvme_ctrl_list")
    func controllerList() {
        let list = ControllerList([1, 0x1234])
        let theirs = cBytes(of: nvme_ctrl_list()) {
            $0.num = 2
            $0.identifier.0 = 1
            $0.identifier.1 = 0x1234
        }
        let ours = encoded(ControllerList.byteCount) { list.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { ControllerList($0) } == list)
        #expect(decoded(Array(theirs.dropLast())) { ControllerList($0) } == nil)
        let full = ControllerList(Array(1...2047))
        let bytes = encoded(ControllerList.byteCount) { full.encode(into: &$0) }
        #expect(decoded(bytes) { ControllerList($0) } == full)
    }

    @Test("A controller list that counts more than fit is refused")
    func overfullControllerList() {
        var bytes = [UInt8](repeating: 0, count: 4096)
        bytes[0] = 0x00
        bytes[1] = 0x08
        #expect(decoded(bytes) { ControllerList($0) } == nil)
    }

    @Test("The command set combinations are libnvme's nvme_id_iocs")
    func commandSets() {
        let theirs = cBytes(of: nvme_id_iocs()) {
            $0.iocsc.0 = 1
            $0.iocsc.1 = 0x1122_3344_5566_7788
        }
        let value = CommandSetCombinations([1, 0x1122_3344_5566_7788])
        let ours = encoded(CommandSetCombinations.byteCount) { value.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { CommandSetCombinations($0) } == value)
        #expect(decoded(Array(theirs.dropLast())) { CommandSetCombinations($0) } == nil)
        #expect(CommandSetCombinations.nvmOnly.combinations == [1 << UInt64(CommandSetID.nvm.rawValue)])
    }

    /// A descriptor: libnvme's nvme_ns_id_desc (type, length, two reserved bytes, identifier).
    func descriptor(_ type: nvme_ns_id_desc_nidt, _ identifier: [UInt8]) -> [UInt8] {
        [UInt8(type.rawValue), UInt8(identifier.count), 0, 0] + identifier
    }

    @Test("Namespace descriptors are libnvme's, each with its identifier in the order of its text")
    func descriptors() throws {
        #expect(MemoryLayout<nvme_ns_id_desc>.size == 4)
        #expect(MemoryLayout<nvme_ns_id_desc>.offset(of: \.nidl) == 1)
        let value = NamespaceDescriptors(
            eui64: EUI64(rawValue: 0x0102_0304_0506_0708),
            nguid: NGUID(rawValue: 0x1112_1314_1516_1718_191A_1B1C_1D1E_1F20),
            uuid: NamespaceUUID("21222324-2526-2728-292a-2b2c2d2e2f30"), commandSet: .nvm)
        var theirs = descriptor(NVME_NIDT_EUI64, Array(0x01...0x08))
        theirs += descriptor(NVME_NIDT_NGUID, Array(0x11...0x20))
        theirs += descriptor(NVME_NIDT_UUID, Array(0x21...0x30))
        theirs += descriptor(NVME_NIDT_CSI, [0])
        theirs += [UInt8](repeating: 0, count: 4096 - theirs.count)
        let ours = encoded(NamespaceDescriptors.byteCount) { value.encode(into: &$0) }
        #expect(firstDifference(ours, theirs) == nil)
        #expect(decoded(theirs) { NamespaceDescriptors($0) } == value)
        #expect(decoded(Array(theirs.dropLast())) { NamespaceDescriptors($0) } == nil)
    }

    @Test("Any of the descriptors may be missing")
    func someDescriptors() {
        let value = NamespaceDescriptors(uuid: NamespaceUUID(rawValue: 5))
        let bytes = encoded(NamespaceDescriptors.byteCount) { value.encode(into: &$0) }
        #expect(bytes[0] == 3)
        #expect(bytes[20...].allSatisfy { $0 == 0 })
        #expect(decoded(bytes) { NamespaceDescriptors($0) } == value)
        let empty = encoded(NamespaceDescriptors.byteCount) { NamespaceDescriptors().encode(into: &$0) }
        #expect(empty.allSatisfy { $0 == 0 })
    }

    @Test("Unknown descriptors are passed over; wrong lengths and overruns are refused")
    func badDescriptors() {
        func list(_ start: [UInt8]) -> [UInt8] { start + [UInt8](repeating: 0, count: 4096 - start.count) }
        let unknown = list([9, 2, 0, 0, 0xAA, 0xBB] + descriptor(NVME_NIDT_CSI, [2]))
        #expect(
            decoded(unknown) { NamespaceDescriptors($0) }
                == NamespaceDescriptors(commandSet: .zonedNamespace))
        for (type, length) in [(1, 7), (2, 8), (3, 15), (4, 2)] as [(UInt8, UInt8)] {
            let bytes = list([type, length, 0, 0])
            #expect(decoded(bytes) { NamespaceDescriptors($0) } == nil)
        }
        // Unknown descriptors of the greatest length to the very end: the last one runs over it.
        var overrun: [UInt8] = []
        while overrun.count + 259 <= 4096 { overrun += [9, 255, 0, 0] + [UInt8](repeating: 1, count: 255) }
        overrun = list(overrun + [9, 255, 0, 0])
        #expect(decoded(overrun) { NamespaceDescriptors($0) } == nil)
    }
}
