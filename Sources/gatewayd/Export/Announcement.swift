// What `export` prints when it is ready, on standard output: what is exported, and the very lines to type on
// a host. Scripts read it too: the lines stay as they are.

import GatewayCore
import NVMeTCP

/// The text that tells a user how to connect.
struct Announcement: CustomStringConvertible {
    let plan: ExportPlan
    let namespaces: [Namespace]
    /// Those that are open, with the ports they really have.
    let listeners: [ExportPlan.Listener]

    var description: String {
        var lines = ["Exporting \(plan.nqn) to \(hosts):"]
        for namespace in namespaces {
            let size = ByteCount(bytes: namespace.blockCount << UInt64(namespace.blockSize.shift))
            let readOnly = namespace.backend.geometry.isReadOnly ? ", read-only" : ""
            lines.append(
                "  namespace \(namespace.id): \(namespace.name), \(size), "
                    + "\(namespace.blockSize.rawValue)-byte blocks\(readOnly), "
                    + "uuid \(NamespaceUUID(rawValue: namespace.uuid))"
            )
        }
        lines.append("On a host (as root):")
        for listener in listeners where listener.isDiscoveryOnly {
            lines.append("  nvme discover \(arguments(listener))")
        }
        for listener in listeners where !listener.isDiscoveryOnly {
            lines.append("  nvme connect \(arguments(listener)) -n \(plan.nqn)")
        }
        return lines.joined(separator: "\n")
    }

    private var hosts: String {
        switch plan.access {
        case .any: "any host"
        case .only(let hosts): hosts.sorted().joined(separator: " and ")
        }
    }

    private func arguments(_ listener: ExportPlan.Listener) -> String {
        "-t tcp -a \(listener.advertised.address) -s \(listener.advertised.port)"
    }
}
