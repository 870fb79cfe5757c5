// The identifiers of log pages, features and Identify structures against libnvme's lists.

import CLibnvme
import NVMeTCP
import Testing

@Suite("Log page, feature and Identify identifiers")
struct IdentifierTableTests {
    static let logPages: [(ours: LogPageID, theirs: nvme_cmd_get_log_lid)] = [
        (.supportedLogPages, NVME_LOG_LID_SUPPORTED_LOG_PAGES),
        (.errorInformation, NVME_LOG_LID_ERROR),
        (.health, NVME_LOG_LID_SMART),
        (.firmwareSlot, NVME_LOG_LID_FW_SLOT),
        (.changedNamespaces, NVME_LOG_LID_CHANGED_NS),
        (.commandEffects, NVME_LOG_LID_CMD_EFFECTS),
        (.deviceSelfTest, NVME_LOG_LID_DEVICE_SELF_TEST),
        (.telemetryHost, NVME_LOG_LID_TELEMETRY_HOST),
        (.telemetryController, NVME_LOG_LID_TELEMETRY_CTRL),
        (.enduranceGroup, NVME_LOG_LID_ENDURANCE_GROUP),
        (.predictableLatencySet, NVME_LOG_LID_PREDICTABLE_LAT_NVMSET),
        (.predictableLatencyEvents, NVME_LOG_LID_PREDICTABLE_LAT_AGG),
        (.asymmetricNamespaceAccess, NVME_LOG_LID_ANA),
        (.persistentEvent, NVME_LOG_LID_PERSISTENT_EVENT),
        (.lbaStatus, NVME_LOG_LID_LBA_STATUS),
        (.enduranceGroupEvents, NVME_LOG_LID_ENDURANCE_GRP_EVT),
        (.mediaUnitStatus, NVME_LOG_LID_MEDIA_UNIT_STATUS),
        (.capacityConfigurations, NVME_LOG_LID_SUPPORTED_CAP_CONFIG_LIST),
        (.featureEffects, NVME_LOG_LID_FID_SUPPORTED_EFFECTS),
        (.managementCommandEffects, NVME_LOG_LID_MI_CMD_SUPPORTED_EFFECTS),
        (.bootPartition, NVME_LOG_LID_BOOT_PARTITION),
        (.placementConfigurations, NVME_LOG_LID_FDP_CONFIGS),
        (.placementHandleUsage, NVME_LOG_LID_FDP_RUH_USAGE),
        (.placementStatistics, NVME_LOG_LID_FDP_STATS),
        (.placementEvents, NVME_LOG_LID_FDP_EVENTS),
        (.discovery, NVME_LOG_LID_DISCOVER),
        (.reservationNotification, NVME_LOG_LID_RESERVATION),
        (.sanitizeStatus, NVME_LOG_LID_SANITIZE),
        (.changedZones, NVME_LOG_LID_ZNS_CHANGED_ZONES),
    ]

    /// What Debian 12's libnvme does not list yet: values of libnvme 1.16's types.h, nvme_cmd_get_log_lid.
    static let newerLogPages: [(ours: LogPageID, raw: UInt8)] = [
        (.lockdown, 0x14),
        (.rotationalMedia, 0x16),
        (.dispersedParticipants, 0x17),
        (.managementAddresses, 0x18),
        (.physicalEyeOpening, 0x19),
        (.reachabilityGroups, 0x1A),
        (.reachabilityAssociations, 0x1B),
        (.changedAllocatedNamespaces, 0x1C),
        (.hostDiscovery, 0x71),
        (.aveDiscovery, 0x72),
        (.pullModelRequest, 0x73),
    ]

    static let features: [(ours: FeatureID, theirs: nvme_features_id)] = [
        (.arbitration, NVME_FEAT_FID_ARBITRATION),
        (.powerManagement, NVME_FEAT_FID_POWER_MGMT),
        (.lbaRangeType, NVME_FEAT_FID_LBA_RANGE),
        (.temperatureThreshold, NVME_FEAT_FID_TEMP_THRESH),
        (.errorRecovery, NVME_FEAT_FID_ERR_RECOVERY),
        (.volatileWriteCache, NVME_FEAT_FID_VOLATILE_WC),
        (.numberOfQueues, NVME_FEAT_FID_NUM_QUEUES),
        (.interruptCoalescing, NVME_FEAT_FID_IRQ_COALESCE),
        (.interruptVectorConfiguration, NVME_FEAT_FID_IRQ_CONFIG),
        (.writeAtomicityNormal, NVME_FEAT_FID_WRITE_ATOMIC),
        (.asyncEventConfiguration, NVME_FEAT_FID_ASYNC_EVENT),
        (.autonomousPowerStateTransition, NVME_FEAT_FID_AUTO_PST),
        (.hostMemoryBuffer, NVME_FEAT_FID_HOST_MEM_BUF),
        (.timestamp, NVME_FEAT_FID_TIMESTAMP),
        (.keepAliveTimer, NVME_FEAT_FID_KATO),
        (.hostControlledThermalManagement, NVME_FEAT_FID_HCTM),
        (.nonOperationalPowerState, NVME_FEAT_FID_NOPSC),
        (.readRecoveryLevel, NVME_FEAT_FID_RRL),
        (.predictableLatencyMode, NVME_FEAT_FID_PLM_CONFIG),
        (.predictableLatencyWindow, NVME_FEAT_FID_PLM_WINDOW),
        (.lbaStatusInterval, NVME_FEAT_FID_LBA_STS_INTERVAL),
        (.hostBehaviorSupport, NVME_FEAT_FID_HOST_BEHAVIOR),
        (.sanitizeConfiguration, NVME_FEAT_FID_SANITIZE),
        (.enduranceGroupEvents, NVME_FEAT_FID_ENDURANCE_EVT_CFG),
        (.commandSetProfile, NVME_FEAT_FID_IOCS_PROFILE),
        (.spinupControl, NVME_FEAT_FID_SPINUP_CONTROL),
        (.flexibleDataPlacement, NVME_FEAT_FID_FDP),
        (.placementEvents, NVME_FEAT_FID_FDP_EVENTS),
        (.enhancedControllerMetadata, NVME_FEAT_FID_ENH_CTRL_METADATA),
        (.controllerMetadata, NVME_FEAT_FID_CTRL_METADATA),
        (.namespaceMetadata, NVME_FEAT_FID_NS_METADATA),
        (.softwareProgressMarker, NVME_FEAT_FID_SW_PROGRESS),
        (.hostID, NVME_FEAT_FID_HOST_ID),
        (.reservationNotificationMask, NVME_FEAT_FID_RESV_MASK),
        (.reservationPersistence, NVME_FEAT_FID_RESV_PERSIST),
        (.namespaceWriteProtection, NVME_FEAT_FID_WRITE_PROTECT),
    ]

    /// What Debian 12's libnvme does not list yet: values of libnvme 1.16's types.h, nvme_features_id.
    static let newerFeatures: [(ours: FeatureID, raw: UInt8)] = [
        (.powerLossSignaling, 0x1B),
        (.performanceCharacteristics, 0x1C),
        (.namespaceAdminLabel, 0x1F),
        (.keyValueConfiguration, 0x20),
        (.controllerDataQueue, 0x21),
        (.embeddedManagementAddress, 0x78),
        (.hostManagementAddress, 0x79),
        (.bootPartitionWriteProtection, 0x85),
    ]

    static let structures: [(ours: IdentifyCNS, theirs: nvme_identify_cns)] = [
        (.namespace, NVME_IDENTIFY_CNS_NS),
        (.controller, NVME_IDENTIFY_CNS_CTRL),
        (.activeNamespaces, NVME_IDENTIFY_CNS_NS_ACTIVE_LIST),
        (.namespaceDescriptors, NVME_IDENTIFY_CNS_NS_DESC_LIST),
        (.nvmSets, NVME_IDENTIFY_CNS_NVMSET_LIST),
        (.commandSetNamespace, NVME_IDENTIFY_CNS_CSI_NS),
        (.commandSetController, NVME_IDENTIFY_CNS_CSI_CTRL),
        (.commandSetActiveNamespaces, NVME_IDENTIFY_CNS_CSI_NS_ACTIVE_LIST),
        (.independentNamespace, NVME_IDENTIFY_CNS_CSI_INDEPENDENT_ID_NS),
        (.namespaceFormat, NVME_IDENTIFY_CNS_NS_USER_DATA_FORMAT),
        (.commandSetNamespaceFormat, NVME_IDENTIFY_CNS_CSI_NS_USER_DATA_FORMAT),
        (.allocatedNamespaces, NVME_IDENTIFY_CNS_ALLOCATED_NS_LIST),
        (.allocatedNamespace, NVME_IDENTIFY_CNS_ALLOCATED_NS),
        (.attachedControllers, NVME_IDENTIFY_CNS_NS_CTRL_LIST),
        (.controllers, NVME_IDENTIFY_CNS_CTRL_LIST),
        (.primaryControllerCapabilities, NVME_IDENTIFY_CNS_PRIMARY_CTRL_CAP),
        (.secondaryControllers, NVME_IDENTIFY_CNS_SECONDARY_CTRL_LIST),
        (.namespaceGranularities, NVME_IDENTIFY_CNS_NS_GRANULARITY),
        (.uuids, NVME_IDENTIFY_CNS_UUID_LIST),
        (.domains, NVME_IDENTIFY_CNS_DOMAIN_LIST),
        (.enduranceGroups, NVME_IDENTIFY_CNS_ENDURANCE_GROUP_ID),
        (.commandSetAllocatedNamespaces, NVME_IDENTIFY_CNS_CSI_ALLOCATED_NS_LIST),
        (.commandSetAllocatedNamespace, NVME_IDENTIFY_CNS_CSI_ID_NS_DATA_STRUCTURE),
        (.commandSets, NVME_IDENTIFY_CNS_COMMAND_SET_STRUCTURE),
    ]

    /// What Debian 12's libnvme does not list yet: values of libnvme 1.16's types.h, nvme_identify_cns.
    static let newerStructures: [(ours: IdentifyCNS, raw: UInt8)] = [
        (.underlyingNamespaces, 0x1D),
        (.ports, 0x1E),
        (.independentAllocatedNamespace, 0x1F),
        (.controllerStateFormats, 0x20),
    ]

    static let selects: [(ours: FeatureSelect, theirs: nvme_get_features_sel)] = [
        (.current, NVME_GET_FEATURES_SEL_CURRENT),
        (.defaultValue, NVME_GET_FEATURES_SEL_DEFAULT),
        (.saved, NVME_GET_FEATURES_SEL_SAVED),
        (.supportedCapabilities, NVME_GET_FEATURES_SEL_SUPPORTED),
    ]

    @Test("Every identifier has libnvme's value")
    func agreesWithLibnvme() {
        for pair in Self.logPages {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.features {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.structures {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.selects {
            #expect(UInt32(pair.ours.rawValue) == pair.theirs.rawValue, "\(pair.ours.name)")
        }
        for pair in Self.newerLogPages { #expect(pair.ours.rawValue == pair.raw, "\(pair.ours.name)") }
        for pair in Self.newerFeatures { #expect(pair.ours.rawValue == pair.raw, "\(pair.ours.name)") }
        for pair in Self.newerStructures { #expect(pair.ours.rawValue == pair.raw, "\(pair.ours.name)") }
    }

    @Test("Every row of our tables is in libnvme's lists, and none stands twice")
    func tablesAreComplete() {
        #expect(LogPageID.table.count == Self.logPages.count + Self.newerLogPages.count)
        #expect(FeatureID.table.count == Self.features.count + Self.newerFeatures.count)
        #expect(IdentifyCNS.table.count == Self.structures.count + Self.newerStructures.count)
        #expect(Set(LogPageID.table.map(\.value)).count == LogPageID.table.count)
        #expect(Set(FeatureID.table.map(\.value)).count == FeatureID.table.count)
        #expect(Set(IdentifyCNS.table.map(\.value)).count == IdentifyCNS.table.count)
    }

    @Test("Command set identifiers are libnvme's")
    func commandSets() {
        #expect(UInt32(CommandSetID.nvm.rawValue) == NVME_CSI_NVM.rawValue)
        #expect(UInt32(CommandSetID.keyValue.rawValue) == NVME_CSI_KV.rawValue)
        #expect(UInt32(CommandSetID.zonedNamespace.rawValue) == NVME_CSI_ZNS.rawValue)
    }
}
