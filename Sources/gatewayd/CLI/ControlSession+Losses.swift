// What hosts would lose by a command, asked for before it is carried out: what the question to the operator
// says. Between the answer and the deed others may change it; the gateway's own rules hold in any case.

import GatewayControl
import GatewayRPC
import Glibc

extension ControlSession {
    /// The connections that hosts have to a subsystem. None if there is no such subsystem: the command
    /// itself is told so.
    func connections(to nqn: String) async throws(ControlFailure) -> [PB_connection] {
        var request = PB_list_connections_req()
        request.subsystem = nqn
        do throws(ControlFailure) {
            return try await call(GatewayMethods.listConnections, request).connections.filter(\.connected)
        } catch {
            if error.isAboutAnObject { return [] }
            throw error
        }
    }

    func namespaces(
        of nqn: String, nsid: UInt32? = nil
    ) async throws(ControlFailure) -> [PB_namespace_cli] {
        var request = PB_list_namespaces_req()
        request.subsystem = nqn
        if let nsid { request.nsid = nsid }
        do throws(ControlFailure) {
            return try await call(GatewayMethods.listNamespaces, request).namespaces
        } catch {
            if error.isAboutAnObject { return [] }
            throw error
        }
    }

    /// What goes with a subsystem, to stand after "Deleting it"; nil if nothing does.
    func loss(ofSubsystem nqn: String) async throws(ControlFailure) -> String? {
        let namespaces = try await namespaces(of: nqn)
        let hosts = Set(try await connections(to: nqn).map(\.nqn))
        guard !namespaces.isEmpty || !hosts.isEmpty else { return nil }
        var words = ["takes its \(Words.count(namespaces.count, "namespace")) away"]
        if !hosts.isEmpty { words.append("disconnects \(Words.count(hosts.count, "host"))") }
        let trashed = namespaces.filter(\.trashImage).map(\.image)
        if !trashed.isEmpty { words.append("moves to the trash: \(trashed.joined(separator: ", "))") }
        return words.joined(separator: " and ")
    }
}

extension ControlFailure {
    /// Whether the gateway answered, and what was asked about is not there or not named well.
    fileprivate var isAboutAnObject: Bool { [ENODEV, ENOENT, EINVAL].contains(errno) }
}

extension PB_namespace_cli {
    /// The image as people write it.
    var image: String {
        let space = radosNamespaceName.isEmpty ? "" : "\(radosNamespaceName)/"
        return "\(rbdPoolName)/\(space)\(rbdImageName)"
    }
}

enum Words {
    /// "1 host", "2 hosts", "no host".
    static func count(_ count: Int, _ noun: String) -> String {
        switch count {
        case 0: "no \(noun)"
        case 1: "1 \(noun)"
        case _: "\(count) \(noun)s"
        }
    }
}
