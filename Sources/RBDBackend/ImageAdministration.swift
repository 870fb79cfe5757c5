// What is done to images besides serving them: looking at their size, creating, resizing, and moving them to
// the trash. The control plane asks for it; each call runs on a thread of its own and ends by a deadline.

internal import CLibrbd
internal import GatewayCore
internal import Glibc

extension Cluster {
    /// The image's size in bytes; nil if there is no such image in the pool.
    /// - Parameter deadline: how long to wait at most; by default `limits.openSeconds`.
    public func byteCount(
        ofImage image: ImageSpec, within deadline: Duration? = nil
    ) async throws(RBDError) -> UInt64? {
        try await unsafe administer(image, "looking at it", deadline) { context throws(RBDError) in
            let found = try unsafe AdministeredImage.openIfThere(image, context, readOnly: true)
            guard let found else { return nil }
            defer { found.close() }
            return try found.byteCount(image)
        }
    }

    /// Creates an image with the features that the cluster has as its default.
    /// - Parameter dataPool: where the image's data go, if not to its own pool.
    /// - Throws: code EEXIST if it is there already.
    public func createImage(
        _ image: ImageSpec, byteCount: UInt64, dataPool: String? = nil, within deadline: Duration? = nil
    ) async throws(RBDError) {
        try await unsafe administer(image, "creating it", deadline) { context throws(RBDError) in
            var options: rbd_image_options_t?
            unsafe rbd_image_options_create(&options)
            defer { unsafe rbd_image_options_destroy(options) }
            if let dataPool {
                let code = unsafe rbd_image_options_set_string(
                    options, Int32(RBD_IMAGE_OPTION_DATA_POOL), dataPool)
                guard code == 0 else {
                    throw .returned(code, "rbd_image_options_set_string", object: "image \(image)")
                }
            }
            let code = unsafe rbd_create4(context, image.image, byteCount, options)
            guard code == 0 else { throw .returned(code, "rbd_create4", object: "image \(image)") }
        }
    }

    /// Makes an image larger; never smaller. Who has it open hears of it.
    public func resizeImage(
        _ image: ImageSpec, byteCount: UInt64, within deadline: Duration? = nil
    ) async throws(RBDError) {
        try await unsafe administer(image, "resizing it", deadline) { context throws(RBDError) in
            guard let found = try unsafe AdministeredImage.openIfThere(image, context, readOnly: false) else {
                throw .returned(-ENOENT, "rbd_open", object: "image \(image)")
            }
            defer { found.close() }
            try found.grow(to: byteCount, image)
        }
    }

    /// Moves an image to its pool's trash, where it stays until it is purged or restored.
    /// - Throws: code EBUSY while somebody has it open.
    public func trashImage(_ image: ImageSpec, within deadline: Duration? = nil) async throws(RBDError) {
        try await unsafe administer(image, "moving it to the trash", deadline) { context throws(RBDError) in
            // librbd itself lets images go that are in use.
            if let found = try unsafe AdministeredImage.openIfThere(image, context, readOnly: true) {
                defer { found.close() }
                if try found.isWatched(image) {
                    throw .returned(-EBUSY, "rbd_watchers_list", object: "image \(image)")
                }
            }
            let code = unsafe rbd_trash_move(context, image.image, 0)
            guard code == 0 else { throw .returned(code, "rbd_trash_move", object: "image \(image)") }
        }
    }

    /// Whether limits were set for the image in RBD itself (`rbd config image set IMAGE rbd_qos_...`): they
    /// hold beside those of whoever serves it.
    public func hasOwnLimits(
        _ image: ImageSpec, within deadline: Duration? = nil
    ) async throws(RBDError) -> Bool {
        try await unsafe administer(image, "looking at its limits", deadline) { context throws(RBDError) in
            let found = try unsafe AdministeredImage.openIfThere(image, context, readOnly: true)
            guard let found else { return false }
            defer { found.close() }
            return found.hasOwnLimits()
        }
    }

    /// Runs `body` in the image's pool and namespace.
    private func administer<Value: Sendable>(
        _ image: ImageSpec, _ doing: String, _ deadline: Duration?,
        _ body: @escaping @Sendable (rados_ioctx_t) throws(RBDError) -> Value
    ) async throws(RBDError) -> Value {
        let limit = deadline ?? .seconds(limits.openSeconds)
        let outcome = await callOnThread(
            within: limit, stranded: stranded, orphaned: { (_: Result<Value, RBDError>) in }
        ) { () -> Result<Value, RBDError> in
            do throws(RBDError) {
                let context = try unsafe OpenedImage.openContext(image, self)
                defer { unsafe rados_ioctx_destroy(context) }
                return .success(try unsafe body(context))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .success(let result): return try result.get()
        case .failure(let why):
            throw .abandoned(
                why, doing: doing, seconds: Int(limit.components.seconds), object: "image \(image)")
        }
    }
}

/// An image that is open for a moment. Used on one thread, and closed there.
@safe private struct AdministeredImage {
    // Valid until `close`, which whoever opened it calls once.
    private let image: rbd_image_t

    static func openIfThere(
        _ spec: ImageSpec, _ context: rados_ioctx_t, readOnly: Bool
    ) throws(RBDError) -> AdministeredImage? {
        var opened: rbd_image_t?
        let code =
            readOnly
            ? unsafe rbd_open_read_only(context, spec.image, &opened, spec.snapshot)
            : unsafe rbd_open(context, spec.image, &opened, nil)
        if code == -ENOENT { return nil }
        guard code == 0, let image = unsafe opened else {
            throw .returned(code, "rbd_open", object: "image \(spec)")
        }
        return unsafe AdministeredImage(image: image)
    }

    func close() { _ = unsafe rbd_close(image) }

    func byteCount(_ spec: ImageSpec) throws(RBDError) -> UInt64 {
        var size: UInt64 = 0
        let code = unsafe rbd_get_size(image, &size)
        guard code == 0 else { throw .returned(code, "rbd_get_size", object: "image \(spec)") }
        return size
    }

    /// Whether anybody has it open for writing. (This handle is not: it is open for reading only.)
    func isWatched(_ spec: ImageSpec) throws(RBDError) -> Bool {
        var count = 0
        let code = unsafe rbd_watchers_list(image, nil, &count)
        // Tells how many there are, as an error.
        if code == -ERANGE { return count > 0 }
        guard code == 0 else { throw .returned(code, "rbd_watchers_list", object: "image \(spec)") }
        return false
    }

    /// librbd itself refuses to make it smaller: somebody may have made it larger meanwhile.
    func grow(to byteCount: UInt64, _ spec: ImageSpec) throws(RBDError) {
        let code = unsafe rbd_resize2(image, byteCount, false, { _, _, _ in 0 }, nil)
        guard code == 0 else { throw .returned(code, "rbd_resize2", object: "image \(spec)") }
    }

    func hasOwnLimits() -> Bool {
        ["iops", "bps", "read_iops", "write_iops", "read_bps", "write_bps"].contains { name in
            var text = [CChar](repeating: 0, count: 64)
            var count = text.count
            let code = unsafe rbd_metadata_get(image, "conf_rbd_qos_\(name)_limit", &text, &count)
            return code == 0 && text[0] != CChar(UInt8(ascii: "0"))
        }
    }
}
