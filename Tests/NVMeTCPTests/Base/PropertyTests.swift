// Controller properties, bit for bit against libnvme's shifts and masks. What Debian 12's libnvme does not
// have yet (CPS, NSSS, NSSD) is taken from libnvme 1.16's types.h.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Controller properties")
struct PropertyTests {
    /// The value with `field` at libnvme's place for it.
    func placed(_ field: UInt64, _ shift: some RawRepresentable<UInt32>) -> UInt64 {
        field << UInt64(shift.rawValue)
    }

    @Test("CAP has each field at libnvme's shift")
    func capabilities() {
        func value(_ set: (inout ControllerCapabilities) -> Void) -> UInt64 {
            var capabilities = ControllerCapabilities(rawValue: 0)
            set(&capabilities)
            return capabilities.rawValue
        }
        #expect(value { $0.queueEntriesMax = 128 } == placed(127, NVME_CAP_MQES_SHIFT))
        #expect(value { $0.queueEntriesMax = 65536 } == placed(0xFFFF, NVME_CAP_MQES_SHIFT))
        #expect(value { $0.contiguousQueuesRequired = true } == placed(1, NVME_CAP_CQR_SHIFT))
        #expect(value { $0.arbitrationMechanisms = 3 } == placed(3, NVME_CAP_AMS_SHIFT))
        #expect(value { $0.timeoutHalfSeconds = 0xFF } == placed(0xFF, NVME_CAP_TO_SHIFT))
        #expect(value { $0.doorbellStride = 0xF } == placed(0xF, NVME_CAP_DSTRD_SHIFT))
        #expect(value { $0.subsystemReset = true } == placed(1, NVME_CAP_NSSRC_SHIFT))
        #expect(
            value { $0.commandSets = .selectable }
                == placed(UInt64(NVME_CAP_CSS_CSI.rawValue), NVME_CAP_CSS_SHIFT))
        #expect(
            value { $0.commandSets = .nvm } == placed(UInt64(NVME_CAP_CSS_NVM.rawValue), NVME_CAP_CSS_SHIFT))
        #expect(
            value { $0.commandSets = .none }
                == placed(UInt64(NVME_CAP_CSS_ADMIN.rawValue), NVME_CAP_CSS_SHIFT))
        #expect(value { $0.bootPartitions = true } == placed(1, NVME_CAP_BPS_SHIFT))
        #expect(value { $0.powerScope = 3 } == 3 << 46)
        #expect(value { $0.pageSizeMinShift = 0xF } == placed(0xF, NVME_CAP_MPSMIN_SHIFT))
        #expect(value { $0.pageSizeMaxShift = 0xF } == placed(0xF, NVME_CAP_MPSMAX_SHIFT))
        #expect(value { $0.persistentMemoryRegion = true } == placed(1, NVME_CAP_PMRS_SHIFT))
        #expect(value { $0.memoryBuffer = true } == placed(1, NVME_CAP_CMBS_SHIFT))
        #expect(value { $0.subsystemShutdown = true } == 1 << 58)
        let ready = UInt64(NVME_CAP_CRWMS.rawValue), independent = UInt64(NVME_CAP_CRIMS.rawValue)
        #expect(value { $0.readyWithMedia = true } == placed(ready, NVME_CAP_CRMS_SHIFT))
        #expect(value { $0.readyIndependentOfMedia = true } == placed(independent, NVME_CAP_CRMS_SHIFT))
    }

    @Test("CAP reads back what it was given, field by field")
    func capabilitiesReadBack() {
        var capabilities = ControllerCapabilities(rawValue: .max)
        capabilities.queueEntriesMax = 2
        capabilities.timeoutHalfSeconds = 0x11
        capabilities.commandSets = [.nvm, .selectable]
        capabilities.pageSizeMaxShift = 4
        capabilities.subsystemShutdown = false
        #expect(capabilities.queueEntriesMax == 2)
        #expect(capabilities.timeoutHalfSeconds == 0x11)
        #expect(capabilities.commandSets == [.nvm, .selectable])
        #expect(capabilities.pageSizeMaxShift == 4)
        #expect(!capabilities.subsystemShutdown)
        #expect(capabilities.contiguousQueuesRequired)
        #expect(capabilities.rawValue.nonzeroBitCount == 64 - 15 - 6 - 6 - 3 - 1)
    }

    @Test("The CC that Linux writes reads as Linux means it")
    func linuxConfiguration() {
        let enabled = ControllerConfiguration(rawValue: 0x0046_0061)
        #expect(enabled.enabled)
        #expect(enabled.commandSetSelected == UInt8(NVME_CC_CSS_CSI.rawValue))
        #expect(enabled.pageSizeShift == 0)
        #expect(enabled.arbitrationMechanism == 0)
        #expect(enabled.submissionEntrySizeShift == 6)
        #expect(enabled.completionEntrySizeShift == 4)
        #expect(enabled.shutdownNotification == .none)
        #expect(!enabled.readyIndependentOfMedia)
        #expect(ControllerConfiguration(rawValue: 0x0046_4061).shutdownNotification == .normal)
    }

    @Test("CC, CSTS and CRTO have each field at libnvme's shift")
    func otherProperties() {
        var configuration = ControllerConfiguration(rawValue: 0)
        configuration.pageSizeShift = 0xF
        configuration.arbitrationMechanism = 7
        configuration.shutdownNotification = .abrupt
        configuration.readyIndependentOfMedia = true
        #expect(
            UInt64(configuration.rawValue) == placed(0xF, NVME_CC_MPS_SHIFT) | placed(7, NVME_CC_AMS_SHIFT)
                | placed(UInt64(NVME_CC_SHN_ABRUPT.rawValue), NVME_CC_SHN_SHIFT)
                | placed(1, NVME_CC_CRIME_SHIFT))

        var status = ControllerStatus(rawValue: 0)
        status.fatal = true
        status.shutdown = .complete
        #expect(
            UInt64(status.rawValue) == placed(1, NVME_CSTS_CFS_SHIFT)
                | placed(UInt64(NVME_CSTS_SHST_CMPLT.rawValue), NVME_CSTS_SHST_SHIFT))
        status = ControllerStatus(rawValue: 0)
        status.ready = true
        status.subsystemResetOccurred = true
        status.processingPaused = true
        #expect(
            UInt64(status.rawValue) == placed(1, NVME_CSTS_RDY_SHIFT) | placed(1, NVME_CSTS_NSSRO_SHIFT)
                | placed(1, NVME_CSTS_PP_SHIFT))

        let timeouts = ControllerReadyTimeouts(withMediaHalfSeconds: 0x1234, independentHalfSeconds: 0x5678)
        #expect(
            UInt64(timeouts.rawValue) == placed(0x1234, NVME_CRTO_CRWMT_SHIFT)
                | placed(0x5678, NVME_CRTO_CRIMT_SHIFT))
        #expect(timeouts.withMediaHalfSeconds == 0x1234)
        #expect(timeouts.independentHalfSeconds == 0x5678)
    }

    @Test("Offsets and the version are libnvme's")
    func offsets() {
        #expect(PropertyOffset.capabilities.rawValue == NVME_REG_CAP.rawValue)
        #expect(PropertyOffset.version.rawValue == NVME_REG_VS.rawValue)
        #expect(PropertyOffset.configuration.rawValue == NVME_REG_CC.rawValue)
        #expect(PropertyOffset.status.rawValue == NVME_REG_CSTS.rawValue)
        #expect(PropertyOffset.subsystemReset.rawValue == NVME_REG_NSSR.rawValue)
        #expect(PropertyOffset.subsystemShutdown.rawValue == 0x64)
        #expect(PropertyOffset.readyTimeouts.rawValue == NVME_REG_CRTO.rawValue)
        #expect(Spec.baseVersion.rawValue == 0x0002_0100)
        #expect(Spec.baseVersion.major == 2)
        #expect(Spec.baseVersion.minor == 1)
        #expect(Spec.baseVersion.tertiary == 0)
    }
}
