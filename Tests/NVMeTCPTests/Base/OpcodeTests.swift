// Opcodes and SGL identifiers against libnvme's lists, and the layout of the descriptor itself.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Opcodes")
struct OpcodeTests {
    static let admin: [(ours: AdminOpcode, theirs: nvme_admin_opcode)] = [
        (.deleteSubmissionQueue, nvme_admin_delete_sq),
        (.createSubmissionQueue, nvme_admin_create_sq),
        (.getLogPage, nvme_admin_get_log_page),
        (.deleteCompletionQueue, nvme_admin_delete_cq),
        (.createCompletionQueue, nvme_admin_create_cq),
        (.identify, nvme_admin_identify),
        (.abort, nvme_admin_abort_cmd),
        (.setFeatures, nvme_admin_set_features),
        (.getFeatures, nvme_admin_get_features),
        (.asyncEventRequest, nvme_admin_async_event),
        (.namespaceManagement, nvme_admin_ns_mgmt),
        (.firmwareCommit, nvme_admin_fw_commit),
        (.firmwareImageDownload, nvme_admin_fw_download),
        (.deviceSelfTest, nvme_admin_dev_self_test),
        (.namespaceAttachment, nvme_admin_ns_attach),
        (.keepAlive, nvme_admin_keep_alive),
        (.directiveSend, nvme_admin_directive_send),
        (.directiveReceive, nvme_admin_directive_recv),
        (.virtualizationManagement, nvme_admin_virtual_mgmt),
        (.managementInterfaceSend, nvme_admin_nvme_mi_send),
        (.managementInterfaceReceive, nvme_admin_nvme_mi_recv),
        (.capacityManagement, nvme_admin_capacity_mgmt),
        (.discoveryInformationManagement, nvme_admin_discovery_info_mgmt),
        (.fabricZoningReceive, nvme_admin_fabric_zoning_recv),
        (.lockdown, nvme_admin_lockdown),
        (.fabricZoningLookup, nvme_admin_fabric_zoning_lookup),
        (.fabricZoningSend, nvme_admin_fabric_zoning_send),
        (.doorbellBufferConfig, nvme_admin_dbbuf),
        (.fabrics, nvme_admin_fabrics),
        (.formatNVM, nvme_admin_format_nvm),
        (.securitySend, nvme_admin_security_send),
        (.securityReceive, nvme_admin_security_recv),
        (.sanitize, nvme_admin_sanitize_nvm),
        (.getLBAStatus, nvme_admin_get_lba_status),
    ]

    static let io: [(ours: IOOpcode, theirs: nvme_io_opcode)] = [
        (.flush, nvme_cmd_flush),
        (.write, nvme_cmd_write),
        (.read, nvme_cmd_read),
        (.writeUncorrectable, nvme_cmd_write_uncor),
        (.compare, nvme_cmd_compare),
        (.writeZeroes, nvme_cmd_write_zeroes),
        (.datasetManagement, nvme_cmd_dsm),
        (.verify, nvme_cmd_verify),
        (.reservationRegister, nvme_cmd_resv_register),
        (.reservationReport, nvme_cmd_resv_report),
        (.reservationAcquire, nvme_cmd_resv_acquire),
        (.ioManagementReceive, nvme_cmd_io_mgmt_recv),
        (.reservationRelease, nvme_cmd_resv_release),
        (.copy, nvme_cmd_copy),
        (.ioManagementSend, nvme_cmd_io_mgmt_send),
        (.zoneManagementSend, nvme_zns_cmd_mgmt_send),
        (.zoneManagementReceive, nvme_zns_cmd_mgmt_recv),
        (.zoneAppend, nvme_zns_cmd_append),
    ]

    static let fabrics: [(ours: FabricsType, theirs: nvme_fctype)] = [
        (.propertySet, nvme_fabrics_type_property_set),
        (.connect, nvme_fabrics_type_connect),
        (.propertyGet, nvme_fabrics_type_property_get),
        (.authenticationSend, nvme_fabrics_type_auth_send),
        (.authenticationReceive, nvme_fabrics_type_auth_receive),
        (.disconnect, nvme_fabrics_type_disconnect),
    ]

    @Test("Every opcode and Fabrics type has libnvme's value")
    func agreesWithLibnvme() {
        for pair in Self.admin {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.io {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.fabrics {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
    }

    @Test("No value stands twice in a table")
    func tablesAreUnambiguous() {
        #expect(Set(AdminOpcode.table.map(\.value)).count == AdminOpcode.table.count)
        #expect(Set(IOOpcode.table.map(\.value)).count == IOOpcode.table.count)
        #expect(Set(FabricsType.table.map(\.value)).count == FabricsType.table.count)
    }

    @Test("The opcode says which way data goes")
    func transfer() {
        #expect(IOOpcode.flush.transfer == .none)
        #expect(IOOpcode.write.transfer == .hostToController)
        #expect(IOOpcode.read.transfer == .controllerToHost)
        #expect(IOOpcode.writeZeroes.transfer == .none)
        #expect(IOOpcode.compare.transfer == .hostToController)
        #expect(AdminOpcode.identify.transfer == .controllerToHost)
        #expect(FabricsType.connect.transfer == .hostToController)
        #expect(FabricsType.propertyGet.transfer == .none)
        #expect(FabricsType.authenticationReceive.transfer == .controllerToHost)
    }

    @Test("A value without a name shows its number")
    func unknownNames() {
        #expect(IOOpcode(rawValue: 0xC5).name == "IOOpcode C5h")
        #expect(IOOpcode.datasetManagement.name == "Dataset Management")
    }
}

@Suite("SGL descriptors")
struct SGLTests {
    @Test("The two descriptors of NVMe/TCP are those that Linux sends")
    func identifiers() {
        // NVME_SGL_FMT_DATA_DESC << 4 | NVME_SGL_FMT_OFFSET and NVME_TRANSPORT_SGL_DATA_DESC << 4 |
        // NVME_SGL_FMT_TRANSPORT_A of the kernel's include/linux/nvme.h.
        #expect(SGLIdentifier.inCapsule.rawValue == 0x00 << 4 | 0x01)
        #expect(SGLIdentifier.transport.rawValue == 0x05 << 4 | 0x0A)
        #expect(SGLIdentifier.transport.type == .transportDataBlock)
        #expect(SGLIdentifier.transport.subtype == .transport)
        #expect(SGLIdentifier.inCapsule == SGLIdentifier(type: .dataBlock, subtype: .offset))
    }

    @Test("A descriptor stands at bytes 24 to 39 of the submission entry")
    func layout() {
        var entry = SubmissionEntry(opcode: 1)
        entry.sgl = .inCapsule(offset: 0x1122_3344_5566_7788, length: 0x99AA_BBCC)
        let bytes = encoded(SubmissionEntry.byteCount) { entry.encode(into: &$0, at: 0) }
        let expected: [UInt8] = [
            0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0xCC, 0xBB, 0xAA, 0x99, 0, 0, 0, 0x01,
        ]
        #expect(Array(bytes[24..<40]) == expected)
        #expect(decoded(bytes) { SubmissionEntry($0, at: 0) }.sgl == entry.sgl)
    }
}
