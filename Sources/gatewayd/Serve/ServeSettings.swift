// What the parts of a gateway are told of its configuration.

import GatewayControl
import GatewayCore
import GatewayIO
import RBDBackend

extension ServeConfiguration {
    /// Which listeners are this gateway's.
    var ownHostName: String { hostName.isEmpty ? Machine.hostName : hostName }
    /// What it is called in its group.
    var ownName: String { gatewayName.isEmpty ? Machine.hostName : gatewayName }

    func clusterConfiguration(_ log: any TargetLog) -> ClusterConfiguration {
        var limits = RBDLimits()
        limits.openSeconds = openSeconds
        var configuration = ClusterConfiguration(
            configurationFile: cephConfigurationFile.isEmpty ? nil : cephConfigurationFile,
            user: cephUser.isEmpty ? "admin" : cephUser, limits: limits)
        configuration.log = log
        return configuration
    }

    /// How images are spread over RADOS clients: the most exact of the three keys counts.
    var clusterSharing: ClusterSharing {
        if clientCount > 0 { return ClusterSharing(imagesPerClient: 1, clientsMax: clientCount) }
        if flatImagesPerClient > 0 {
            return ClusterSharing(imagesPerClient: flatImagesPerClient, clientsMax: Self.clientsMax)
        }
        if imagesPerClient > 0 {
            return ClusterSharing(
                imagesPerClient: imagesPerClient, clientsMax: Self.clientsMax, isByGroup: true)
        }
        return .automatic(processorCount: Machine.processorCount)
    }

    /// A RADOS client costs 16 threads; a gateway that had more of them had no thread left.
    private static let clientsMax = 256

    var reconcilerSettings: ReconcilerSettings {
        var settings = ReconcilerSettings(hostName: ownHostName)
        settings.anaGroupsMax = UInt32(gatewaysInGroupMax)
        settings.namespacesPerSubsystemMax = UInt32(namespacesPerSubsystemMax)
        settings.groupsStartOptimized = groupsAtStart == "optimized"
        settings.offersReservations = !reservationFolder.isEmpty
        settings.opensMax = imagesOpenedAtOnce
        settings.longestRetry = .seconds(retrySecondsMax)
        settings.localAddresses = { Machine.addresses }
        let start = ContinuousClock.now
        settings.shardStatistics = { ShardTimes.statistics(since: start) }
        settings.firstPortIDElsewhere = Target.portIDMax + 1
        return settings
    }

    var stateLimits: StateLimits {
        var limits = StateLimits()
        limits.pollInterval = .seconds(pollSeconds)
        return limits
    }

    func targetConfiguration(
        _ reservations: FileReservationStore?, _ log: any TargetLog
    ) -> Target.Configuration {
        var listeners: [ListenAddress] = []
        if discoveryPort > 0 {
            let address = ServedAddress(host: discoveryAddress, port: UInt16(discoveryPort))
            listeners = [
                ListenAddress(
                    host: address.host, port: address.port, isDiscoveryOnly: true,
                    isAdvertised: !address.isWildcard)
            ]
        }
        var configuration = Target.Configuration(
            listeners: listeners, subsystems: [],
            shardCount: threadCount, log: log)
        configuration.spinning = spin == "off" ? .off : .automatic
        configuration.limits.transferShift = UInt8((transferMax.bytes / 4096).trailingZeroBitCount)
        // The first gateway of a group, unless the monitor says otherwise.
        configuration.limits.controllerIDs = configuredControllerIDs ?? .ofGateway(index: 0)
        configuration.reservationStore = reservations
        return configuration
    }

    /// Threads that serve hosts.
    var threadCount: Int { shardCount == 0 ? min(4, Machine.processorCount) : shardCount }

    /// The controllers' identifiers that the file names; nil if they go by the gateway's index.
    var configuredControllerIDs: ClosedRange<UInt16>? {
        guard firstControllerID > 0 || lastControllerID > 0 else { return nil }
        let (all, first, last) = (Limits.allControllerIDs, firstControllerID, lastControllerID)
        return (first > 0 ? UInt16(first) : all.lowerBound)...(last > 0 ? UInt16(last) : all.upperBound)
    }

    /// The pools that are folders: `NAME=PATH`, one or several.
    var folders: [String: String] {
        var folders: [String: String] = [:]
        for word in folderPools.split(whereSeparator: \.isWhitespace) {
            guard let equals = word.firstIndex(of: "=") else { continue }
            folders[String(word[..<equals])] = String(word[word.index(after: equals)...])
        }
        return folders
    }
}
