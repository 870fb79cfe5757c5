// What `gatewayd serve` is configured with, as values that can be used: filled from the file by
// ConfigurationTable, whose rows point at these fields. The values here are the defaults.

/// The configuration of a gateway.
struct ServeConfiguration: Equatable, Sendable {
    // MARK: This gateway in its group
    var gatewayName = ""
    var group = ""
    var hostName = ""
    var gatewaysInGroupMax = 16

    // MARK: The control interface
    var controlAddress = "0.0.0.0"
    var controlPort = 5500
    var requiresClientCertificates = false
    var serverKeyFile = "./server.key"
    var serverCertificateFile = "./server.crt"
    var clientCertificateFile = "./client.crt"
    var messageMegabytesMax = 4

    // MARK: The group's state
    var stateStore = "omap"
    var pollSeconds = 5
    var encryptionKeyFile = "/etc/ceph/encryption.key"
    var encryptsKeys = true

    // MARK: What may be configured
    var verifiesNQNs = true
    var verifiesKeys = true
    var verifiesListenerAddresses = true
    var subsystemsMax = 128
    var hostsMax = 2048
    var hostsPerSubsystemMax = 128
    var hostsPerNamespaceMax = 16
    var namespacesMax = 4096
    var namespacesPerSubsystemMax = 512
    var maskedNamespacesMax = 1000

    // MARK: Ceph
    var pool = "rbd"
    var cephConfigurationFile = "/etc/ceph/ceph.conf"
    var cephUser = ""
    /// 0 for automatic.
    var imagesPerClient = 0
    /// 0 for automatic.
    var flatImagesPerClient = 0
    /// 0 for automatic.
    var clientCount = 0

    // MARK: Serving
    var discoveryAddress = "0.0.0.0"
    var discoveryPort = 8009
    /// 0 for automatic.
    var shardCount = 0
    var spin = "auto"
    var transferMax = ByteCount(bytes: 131_072)
    /// 0 for what the gateway's index in its group says.
    var firstControllerID = 0
    /// 0 likewise.
    var lastControllerID = 0
    var openSeconds = 10
    var imagesOpenedAtOnce = 64
    var retrySecondsMax = 30
    var drainSeconds = 10
    var groupsAtStart = "optimized"
    var reservationFolder = ""
    var folderPools = ""

    // MARK: The log
    var logLevel = "INFO"
}
