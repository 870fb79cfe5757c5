// Submission and completion queue entries. The oracle of the first is the structure by which user space hands
// commands to the kernel, as libnvme declares it: it starts with the 64 bytes of an entry.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Queue entries")
struct EntryTests {
    @Test("A submission entry is the kernel's nvme_passthru_cmd")
    func submission() {
        let theirs = cBytes(of: nvme_passthru_cmd()) {
            $0.opcode = 0x81
            $0.flags = 0x42
            $0.rsvd1 = 0x1234
            $0.nsid = 0x0102_0304
            $0.cdw2 = 0x1112_1314
            $0.cdw3 = 0x2122_2324
            $0.metadata = 0x3132_3334_3536_3738
            $0.addr = 0x4142_4344_4546_4748
            $0.metadata_len = 0x5152_5354
            $0.data_len = 0x5A62_6364
            $0.cdw10 = 0x7172_7374
            $0.cdw11 = 0x8182_8384
            $0.cdw12 = 0x9192_9394
            $0.cdw13 = 0xA1A2_A3A4
            $0.cdw14 = 0xB1B2_B3B4
            $0.cdw15 = 0xC1C2_C3C4
        }
        let entry = decoded(theirs) { SubmissionEntry($0, at: 0) }
        #expect(entry.opcode == 0x81)
        #expect(entry.fusedOperation == 2)
        #expect(entry.dataPointerType == 1)
        #expect(entry.commandID == 0x1234)
        #expect(entry.namespaceID == 0x0102_0304)
        #expect(entry.fabricsType == 0x04)
        #expect(entry.dword2 == 0x1112_1314)
        #expect(entry.dword3 == 0x2122_2324)
        #expect(entry.metadataPointer == 0x3132_3334_3536_3738)
        #expect(entry.sglAddress == 0x4142_4344_4546_4748)
        #expect(entry.sglLength == 0x5152_5354)
        #expect(entry.sglIdentifier == 0x5A)
        #expect(entry.startingLBA == 0x8182_8384_7172_7374)
        #expect(entry.dword12 == 0x9192_9394)
        #expect(entry.dword13 == 0xA1A2_A3A4)
        #expect(entry.dword14 == 0xB1B2_B3B4)
        #expect(entry.dword15 == 0xC1C2_C3C4)
        let ours = encoded(80) { entry.encode(into: &$0, at: 8) }
        #expect(Array(ours[8..<72]) == Array(theirs[..<64]))
        #expect(ours[..<8].allSatisfy { $0 == 0x5A })
        #expect(ours[72...].allSatisfy { $0 == 0x5A })
    }

    @Test("A completion entry is the kernel's nvme_completion")
    func completion() {
        // include/linux/nvme.h: result (8 bytes), sq_head, sq_id, command_id, status (2 each).
        let entry = CompletionEntry(
            result: 0x0102_0304_0506_0708, submissionQueueHead: 0x1112, submissionQueueID: 0x2122,
            commandID: 0x3132, status: .lbaOutOfRange.notRetryable)
        let ours = encoded(CompletionEntry.byteCount) { entry.encode(into: &$0, at: 0) }
        #expect(ours == [8, 7, 6, 5, 4, 3, 2, 1, 0x12, 0x11, 0x22, 0x21, 0x32, 0x31, 0x00, 0x81])
        #expect(decoded(ours) { CompletionEntry($0, at: 0) } == entry)
    }
}
