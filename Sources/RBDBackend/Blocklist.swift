// The cluster's list of clients that were fenced, as a client that was not can ask for it: whether what
// another one lost may be served again.

internal import CLibrbd

/// The addresses on a cluster's blocklist.
struct Blocklist: Sendable {
    private let addresses: Set<Substring>

    /// - Parameter answer: the monitor's, to `osd blocklist ls`, as JSON.
    init(_ answer: String) {
        let key = "\"addr\":\""
        var found: Set<Substring> = []
        var rest = answer[...]
        while let start = rest.firstRange(of: key)?.upperBound {
            let address = rest[start...].prefix { $0 != "\"" }
            found.insert(address)
            rest = rest[address.endIndex...]
        }
        addresses = found
    }

    /// Whether a client is on it: by one of its addresses, or with its whole machine.
    /// - Parameter client: an `entity_addrvec_t` as text, "[v2:10.0.0.1:0/123,v1:10.0.0.1:0/123]" or one
    ///   address alone.
    func holds(_ client: String) -> Bool {
        // An address of IPv6 has brackets of its own: only those around the vector go.
        let list = client.hasPrefix("[v") ? client.dropFirst().dropLast() : client[...]
        for var address in list.split(separator: ",") {
            for prefix in ["v2:", "v1:", "any:"] where address.hasPrefix(prefix) {
                address = address.dropFirst(prefix.count)
            }
            if addresses.contains(address) { return true }
            let machine = address.prefix { $0 != "/" }.lastIndex(of: ":").map { address[..<$0] + ":0/0" }
            if let machine, addresses.contains(machine[...]) { return true }
        }
        return false
    }
}

extension Cluster {
    /// Asks a monitor for the blocklist.
    func blocklist() async throws(RBDError) -> Blocklist {
        let (handle, limit) = (handle, limits.monitorSeconds)
        let outcome = await callOnThread(
            within: .seconds(limit), stranded: stranded, orphaned: { (_: Result<String, MonitorError>) in },
            { handle.ask(#"{"prefix": "osd blocklist ls", "format": "json"}"#) })
        switch outcome {
        case .success(.success(let answer)): return Blocklist(answer)
        case .success(.failure(let error)):
            throw .returned(error.code, "osd blocklist ls", object: user)
        case .failure(let why):
            throw .abandoned(why, doing: "asking for the blocklist", seconds: limit, object: user)
        }
    }
}

/// What a monitor refuses a command with: a negative errno.
private struct MonitorError: Error { let code: Int32 }

extension ClusterHandle {
    /// Has a monitor carry a command out, and gives its answer. Blocks.
    fileprivate func ask(_ command: String) -> Result<String, MonitorError> {
        var output: UnsafeMutablePointer<CChar>?
        var outputCount = 0
        var status: UnsafeMutablePointer<CChar>?
        var statusCount = 0
        let code = unsafe command.withCString { text in
            var texts: [UnsafePointer<CChar>?] = unsafe [text]
            return unsafe rados_mon_command(
                raw, &texts, 1, nil, 0, &output, &outputCount, &status, &statusCount)
        }
        defer {
            // librados' memory, or nil: freed after the copy.
            unsafe rados_buffer_free(output)
            unsafe rados_buffer_free(status)
        }
        guard code == 0 else { return .failure(MonitorError(code: code)) }
        let bytes = unsafe UnsafeRawBufferPointer(start: output, count: outputCount)
        return .success(unsafe String(decoding: bytes, as: UTF8.self))
    }
}
