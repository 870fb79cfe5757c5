// Identify: finds the structure that is asked for, checks the namespace or command set that it is for, and
// writes it.

internal import NVMeTCP

extension Controller {
    /// Serves Identify; the reply is 4,096 bytes.
    ///
    /// Source: NVM Express Base Specification, "Identify command" and the section of each CNS value.
    func identify(
        _ request: IdentifyRequest, reply: inout MutableRawSpan
    ) throws(CommandFailure) -> AdminOutcome {
        guard let row = IdentifyTable.row(request.cns, on: type) else { throw .invalidField(byte: 40) }
        if row.usesCommandSet, request.commandSet != .nvm {
            throw CommandFailure(.invalidCommandSet.notRetryable, at: ParameterErrorLocation(byte: 47))
        }
        switch row.subject {
        case .controller:
            identifyController().encode(into: &reply)
        case .controllerNVM:
            identifyNVMController().encode(into: &reply)
        case .namespace:
            if let namespace = try activeNamespace(request) {
                identifyNamespace(namespace).encode(into: &reply)
            }
        case .namespaceNVM:
            try activeNamespace(request)?.identifyNVM().encode(into: &reply)
        case .namespaceIndependent:
            if let namespace = try activeNamespace(request) {
                var data = namespace.identifyIndependent()
                data.anaGroupID = anaGroupID(of: namespace)
                data.reservationCapabilities = model.reservationCapabilities(of: namespace)
                data.encode(into: &reply)
            }
        case .namespaceDescriptors:
            // This one is for active namespaces only.
            guard request.namespaceID != .broadcastNamespace else { throw .invalidField(byte: 4) }
            guard let namespace = subsystem?.namespace(request.namespaceID) else {
                throw namespaceFailure(request.namespaceID)
            }
            namespace.descriptors().encode(into: &reply)
        case .activeNamespaces, .activeNamespacesNVM:
            // All namespaces are of the NVM command set.
            try activeNamespaces(after: request.namespaceID).encode(into: &reply)
        case .commandSets:
            guard request.controllerID == .anyController || request.controllerID == id else {
                throw .invalidField(byte: 42)
            }
            CommandSetCombinations.nvmOnly.encode(into: &reply)
        }
        return .completed
    }

    /// The namespace of a request; nil if its identifier is valid and inactive: then the structure is all
    /// zeroes.
    ///
    /// FFFFFFFFh asks for what all namespaces have in common, which only controllers with Namespace
    /// Management tell.
    private func activeNamespace(_ request: IdentifyRequest) throws(CommandFailure) -> Namespace? {
        guard isValidNamespaceID(request.namespaceID) else { throw .invalidNamespace }
        return subsystem?.namespace(request.namespaceID)
    }

    /// Identify Namespace, with what its ANA group has to say. Of a namespace that can't be reached some
    /// capacity fields are 0.
    ///
    /// Source: NVM Express Base Specification, "ANA effects on command processing"; NVM Command Set
    /// Specification, "Identify Namespace data structure", NUSE and NVMCAP.
    private func identifyNamespace(_ namespace: Namespace) -> IdentifyNamespace {
        var data = namespace.identifyNamespace(limits)
        data.anaGroupID = anaGroupID(of: namespace)
        data.reservationCapabilities = model.reservationCapabilities(of: namespace)
        let state = subsystem?.anaState(of: namespace)
        if state == .inaccessible || state == .persistentLoss {
            data.utilization = 0
            data.nvmCapacity = 0
        }
        return data
    }

    /// ANAGRPID: 0 where no ANA is reported.
    private func anaGroupID(of namespace: Namespace) -> UInt32 {
        subsystem?.anaReporting == nil ? 0 : namespace.anaGroupID
    }

    /// Up to 1,024 namespaces above `id`.
    private func activeNamespaces(after id: UInt32) throws(CommandFailure) -> NamespaceList {
        guard id < .broadcastNamespace - 1 else { throw .invalidNamespace }
        let namespaces = subsystem?.namespaces ?? []
        let following = namespaces[namespaces.firstIndex(after: id)...]
        return NamespaceList(following.prefix(NamespaceList.countMax).map(\.id))
    }
}
