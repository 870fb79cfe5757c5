// Imports go one way only: this is the diagram of Docs/Architecture.md as data.

import Testing

@Suite("Imports")
struct ImportTests {
    /// What each module of `Sources` may import, besides the standard library.
    static let allowed: [String: Set<String>] = [
        "NVMeTCP": ["CCRC32C", "Synchronization"],
        "GatewayCore": ["NVMeTCP", "Synchronization"],
        "RBDBackend": ["GatewayCore", "CLibrbd", "Synchronization", "Glibc"],
        "GatewayIO": [
            "NVMeTCP", "GatewayCore", "CLiburing", "CISAL", "COpenSSL", "Synchronization", "Glibc",
        ],
        "GatewayControl": [
            "NVMeTCP", "GatewayCore", "RBDBackend", "Logging", "Foundation", "Dispatch", "Glibc",
            "Synchronization", "Crypto", "CryptoExtras",
        ],
        "GatewayRPC": [
            "GatewayCore", "GatewayControl", "GRPCCore", "GRPCNIOTransportHTTP2", "GRPCProtobuf",
            "SwiftProtobuf", "Glibc",
        ],
        "gatewayd": [
            "NVMeTCP", "GatewayCore", "GatewayIO", "RBDBackend", "GatewayControl", "GatewayRPC",
            "ArgumentParser", "Logging", "Histogram", "Foundation", "Dispatch", "Glibc", "Synchronization",
            "Yams",
        ],
    ]

    @Test("A module imports nothing but what the diagram lets it know")
    func modules() {
        for file in SourceTree.swift(below: "Sources/") {
            guard let allowed = Self.allowed[file.module] else {
                report(file, "the module \(file.module) is not in the table of ImportTests")
                continue
            }
            for (line, name) in Self.imports(of: file) where !allowed.contains(name) {
                report(file, line: line, "\(file.module) may not import \(name)")
            }
        }
    }

    @Test("A shim for C holds a header and a module map, and no code of its own")
    func shims() {
        for file in SourceTree.all
        where file.path.hasPrefix("Sources/") && !file.path.hasSuffix(".swift")
            && !file.path.hasPrefix("Sources/GatewayRPC/Protos/")
        {
            if !["module.modulemap", "shim.h"].contains(file.path.split(separator: "/").last ?? "") {
                report(file, "not Swift, and not a shim's module.modulemap or shim.h")
            }
        }
    }

    private static func imports(of file: SourceFile) -> [(line: Int, name: String)] {
        let pattern = #/^\s*(@\w+(\(\w+\))?\s+)*(\w+\s+)?import\s+(\w+\s+)?(?<name>\w+)/#
        return file.code.enumerated().compactMap { index, line in
            line.firstMatch(of: pattern).map { (index + 1, String($0.name)) }
        }
    }
}
