// Opening and closing an image: the slow, blocking part, each on a thread of its own with a deadline.

internal import CLibrbd
internal import GatewayCore
internal import Synchronization

extension RBDImageBackend {
    /// Opens an image, or says within `limits.openSeconds` why that can't be.
    ///
    /// A snapshot is always read-only, and an image opened read-only is not watched for resizes. An image
    /// whose OSDs are down is not answered at all by librbd: that ends by the deadline, and the call stays
    /// behind on its thread (`cluster.strandedCallCount`) until the OSDs are back; it then closes what it
    /// opened.
    /// - Parameter passphrase: unlocks an image that was formatted with `rbd encryption format`. Without it
    ///   the image is what it is: hosts may encrypt it by themselves.
    public static func open(
        _ spec: ImageSpec, on cluster: Cluster, readOnly: Bool = false, passphrase: Passphrase? = nil,
        within deadline: Duration? = nil
    ) async throws(RBDError) -> RBDImageBackend {
        try await open(spec, on: cluster, readOnly, passphrase, within: deadline, returnedLate: {})
    }

    /// The same for who counts the calls that are left behind.
    /// - Parameter returnedLate: called on the call's thread when it returns though its caller has left.
    static func open(
        _ spec: ImageSpec, on cluster: Cluster, _ readOnly: Bool, _ passphrase: Passphrase?,
        within deadline: Duration? = nil, returnedLate: @escaping @Sendable () -> Void
    ) async throws(RBDError) -> RBDImageBackend {
        let seconds = cluster.limits.openSeconds + (passphrase == nil ? 0 : cluster.limits.unlockSeconds)
        let limit = deadline ?? .seconds(seconds)
        let outcome = await callOnThread(within: limit, stranded: cluster.stranded) {
            (late: Result<RBDImageBackend, RBDError>) in
            if case .success(let image) = late { image.closeHandle() }
            returnedLate()
        } _: {
            openBlocking(spec, cluster, readOnly, passphrase)
        }
        switch outcome {
        case .success(let result):
            let image = try result.get()
            cluster.thread.add(image)
            return image
        case .failure(let why):
            throw .abandoned(
                why, doing: "opening", seconds: Int(limit.components.seconds), object: "image \(spec)")
        }
    }

    /// Closes the image; requests that still wait for room end as `.aborted`.
    ///
    /// Returns after `limits.closeSeconds` at the latest. librbd may take longer, for ever with a stopped
    /// OSD: then its call stays behind on its thread, and `cluster.strandedCallCount` counts it.
    public func close() async {
        let (began, _) = phase.compareExchange(
            expected: .open, desired: .closing, ordering: .acquiringAndReleasing)
        guard began else { return }
        while let request = waiting.removeFirst() { request.ticket.complete(.aborted) }
        let outcome = await callOnThread(
            within: .seconds(cluster.limits.closeSeconds), stranded: cluster.stranded,
            orphaned: { (_: Void) in }, { self.closeHandle() })
        if case .failure(.noThread) = outcome {
            // Nobody closes the handle now: it ends with the process. The client's thread lets go of the
            // image all the same.
            phase.store(.closed, ordering: .releasing)
        }
        cluster.thread.remove(self)
    }

    private static func openBlocking(
        _ spec: ImageSpec, _ cluster: Cluster, _ readOnly: Bool, _ passphrase: Passphrase?
    ) -> Result<RBDImageBackend, RBDError> {
        do throws(RBDError) {
            let opened = try OpenedImage.open(spec, cluster, readOnly, passphrase)
            let image = RBDImageBackend(opened, spec, cluster)
            // librbd watches no image that is open read-only: there is nothing to hear.
            if opened.geometry.isReadOnly { return .success(image) }
            let code = image.watch.start(image)
            if code == 0 {
                _ = image.take(opened.handle.sighting(opened.identity, isSuspect: false))
                return .success(image)
            }
            image.closeHandle()
            throw .returned(code, "rbd_update_watch", object: "image \(spec)")
        } catch {
            return .failure(error)
        }
    }

    /// Closes librbd's handle. Blocks until its last request has ended.
    private func closeHandle() {
        phase.store(.closing, ordering: .releasing)
        watch.stop(self)
        handle.close()
        phase.store(.closed, ordering: .releasing)
    }
}
