// swift-tools-version: 6.2
// The products: four libraries (NVMeTCP, GatewayCore, GatewayIO, RBDBackend) and one program (gatewayd).
// Imports go one way only; Tests/TidyTests checks it, and Docs/Architecture.md draws it.

import PackageDescription

/// What every target is compiled with: Swift 6, explicit imports and existentials.
let common: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Sources add strict memory safety: `unsafe` stands only in the files that TidyTests lists.
let strict: [SwiftSetting] = common + [.strictMemorySafety()]

let package = Package(
    name: "gatewayd",
    products: [
        .library(name: "NVMeTCP", targets: ["NVMeTCP"]),
        .library(name: "GatewayCore", targets: ["GatewayCore"]),
        .library(name: "GatewayIO", targets: ["GatewayIO"]),
        .library(name: "RBDBackend", targets: ["RBDBackend"]),
        .executable(name: "gatewayd", targets: ["gatewayd"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CCRC32C"),
        .systemLibrary(name: "CLiburing", pkgConfig: "liburing", providers: [.apt(["liburing-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CLibrbd", providers: [.apt(["librbd-dev", "librados-dev"])]),
        .systemLibrary(name: "CLibnvme", path: "Tests/CLibnvme", providers: [.apt(["libnvme-dev"])]),

        .target(name: "NVMeTCP", dependencies: ["CCRC32C"], swiftSettings: strict),
        .target(name: "GatewayCore", dependencies: ["NVMeTCP"], swiftSettings: strict),
        .target(
            name: "GatewayIO",
            dependencies: ["NVMeTCP", "GatewayCore", "CLiburing", "CISAL"],
            swiftSettings: strict),
        .target(name: "RBDBackend", dependencies: ["GatewayCore", "CLibrbd"], swiftSettings: strict),
        .target(
            name: "GatewayControl",
            dependencies: [
                "NVMeTCP", "GatewayCore", "RBDBackend", .product(name: "Logging", package: "swift-log"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ],
            swiftSettings: strict),
        .target(
            name: "GatewayRPC",
            dependencies: [
                "GatewayCore", "GatewayControl",
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            exclude: ["Protos"],
            swiftSettings: common),
        .executableTarget(
            name: "gatewayd",
            dependencies: [
                "NVMeTCP", "GatewayCore", "GatewayIO", "RBDBackend", "GatewayControl", "GatewayRPC",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "null-target", dependencies: ["GatewayCore", "GatewayIO"], path: "Benchmarks/NullTarget",
            swiftSettings: common),
        .executableTarget(
            name: "EmbeddedTarget",
            dependencies: ["GatewayCore", "GatewayIO"],
            path: "Examples/EmbeddedTarget",
            swiftSettings: common),

        .testTarget(name: "NVMeTCPTests", dependencies: ["NVMeTCP", "CLibnvme"], swiftSettings: common),
        .testTarget(
            name: "GatewayCoreTests", dependencies: ["NVMeTCP", "GatewayCore", "CLibnvme"],
            swiftSettings: common),
        .testTarget(
            name: "GatewayIOTests", dependencies: ["NVMeTCP", "GatewayCore", "GatewayIO", "CLiburing"],
            swiftSettings: common),
        .testTarget(
            name: "RBDBackendTests",
            dependencies: ["GatewayCore", "RBDBackend", "GatewayControl", "CLibrbd"],
            swiftSettings: common),
        .testTarget(
            name: "GatewayControlTests",
            dependencies: ["GatewayCore", "GatewayControl", "RBDBackend", "commit-storm"],
            swiftSettings: common),
        .executableTarget(
            name: "commit-storm", dependencies: ["GatewayCore", "GatewayControl"], path: "Tests/commitStorm",
            swiftSettings: common),
        .testTarget(
            name: "GatewaydTests",
            dependencies: [
                "NVMeTCP", "GatewayCore", "GatewayIO", "RBDBackend", "GatewayControl", "GatewayRPC",
                "gatewayd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: common),
        .testTarget(
            name: "GatewayRPCTests",
            dependencies: [
                "GatewayRPC", "GatewayControl", "RBDBackend", "gatewayd",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "GRPCCore", package: "grpc-swift-2"),
                .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: common),
        .testTarget(name: "TidyTests", swiftSettings: common),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: common),
        .target(
            name: "Simulation", dependencies: ["NVMeTCP", "GatewayCore"], path: "Tests/Simulation",
            swiftSettings: common),
        .executableTarget(
            name: "simulate", dependencies: ["Simulation"], path: "Tests/simulate", swiftSettings: common),
        .testTarget(
            name: "LiveTests",
            dependencies: [
                "NVMeTCP", "GatewayCore", "GatewayIO", "GatewayControl", "gatewayd", "EmbeddedTarget",
            ],
            swiftSettings: common),
    ]
)
