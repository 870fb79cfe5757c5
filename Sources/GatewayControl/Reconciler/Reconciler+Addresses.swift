// The addresses of a reconciler: subsystems may share one. Each is listened at as long as a listener of this
// gateway names it, and tried again when that fails.

/// An address that is wanted, or was.
struct AddressEntry {
    enum Standing {
        case opening
        /// With its Port Identifier (PORTID).
        case listening(UInt16)
        case failed
        case closing
    }
    var standing = Standing.opening
    var backoff = Backoff()
    var problem: String?
    /// The pass that had begun last when it was listened at: a later one serves there.
    var openedDuringPass: UInt64 = 0

    /// Whether it is on its way for the first time.
    var isNew: Bool {
        switch standing {
        case .opening, .closing: backoff.failureCount == 0
        case .listening, .failed: false
        }
    }

    /// Whether a pass could not serve there yet that it may be waited for.
    func isUnderWay(after pass: UInt64) -> Bool {
        if case .listening = standing { openedDuringPass >= pass } else { isNew }
    }

    var nextTry: ContinuousClock.Instant? {
        if case .failed = standing { backoff.nextTry } else { nil }
    }
}

extension Reconciler {
    /// Begins to listen where that is wanted.
    func listen(_ wanted: Wanted, at now: ContinuousClock.Instant) {
        for address in wanted.addresses {
            if let entry = addresses[address] {
                guard let time = entry.nextTry, time <= now else { continue }
            }
            addresses[address, default: AddressEntry()].standing = .opening
            let target = target
            Task {
                do throws(ServingFailure) {
                    self.listens(address, .success(try await target.listen(on: address)))
                } catch { self.listens(address, .failure(error)) }
            }
        }
    }

    private func listens(_ address: ServedAddress, _ result: Result<UInt16, ServingFailure>) {
        switch result {
        case .success(let id):
            addresses[address]?.standing = .listening(id)
            addresses[address]?.openedDuringPass = passesBegunSoFar
            addresses[address]?.problem = nil
            addresses[address]?.backoff = Backoff()
        case .failure(let problem):
            addresses[address]?.standing = .failed
            addresses[address]?.problem = problem.description
            addresses[address]?.backoff.failed(settings, at: now())
        }
        wake.yield()
    }

    /// Leaves the addresses that no listener names any more: no subsystem is served there since this pass.
    func leaveAddresses(_ wanted: Wanted) {
        for (address, entry) in addresses where !wanted.addresses.contains(address) {
            switch entry.standing {
            case .failed: addresses[address] = nil
            case .opening, .closing: break
            case .listening(let id):
                addresses[address]?.standing = .closing
                let target = target
                Task {
                    await target.stopListening(on: id)
                    self.left(address)
                }
            }
        }
    }

    private func left(_ address: ServedAddress) {
        addresses[address] = nil
        wake.yield()
    }
}
