// Names of hosts and subsystems are bytes, not text.

import GatewayCore
import Testing

@Suite("Names")
struct NameTests {
    /// The same text to Swift and to a reader, in other bytes.
    private let composed = "nqn.2026-11.io.example:caf\u{E9}"
    private let decomposed = "nqn.2026-11.io.example:cafe\u{301}"

    @Test("A host whose name only looks like an allowed one is refused")
    func hosts() {
        #expect(composed == decomposed)
        #expect(HostAccess.only([composed]).admits(composed))
        #expect(!HostAccess.only([composed]).admits(decomposed))
    }

    @Test("A subsystem is found by its very name only")
    func subsystems() {
        let subsystem = Subsystem(nqn: composed, serialNumber: "1", access: .any, namespaces: [])
        let model = TargetModel(generation: 1, subsystems: [subsystem], ports: [])
        #expect(model.subsystem(composed) === subsystem)
        #expect(model.subsystem(decomposed) == nil)
    }
}
