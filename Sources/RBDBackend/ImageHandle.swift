// librbd's image with the I/O context under it, and the blocking calls that make them. Every function here
// is called on a thread of its own (CallThread.swift).

internal import CLibrbd
internal import GatewayCore
internal import Glibc

/// librbd's handle of an open image.
@safe struct ImageHandle: @unchecked Sendable {
    // Sendable: librbd's functions may be called on any thread. Valid until `close`, which the image calls
    // once.
    let image: rbd_image_t
    let context: rados_ioctx_t

    func close() {
        // Its errors come from the last flush or the lock's release; what was acknowledged is in RADOS
        // already.
        _ = unsafe rbd_close(image)
        unsafe rados_ioctx_destroy(context)
    }
}

/// An image that was just opened.
struct OpenedImage: Sendable {
    let handle: ImageHandle
    let identity: ImageIdentity
    let geometry: BlockGeometry
    let isEncrypted: Bool

    static func open(
        _ spec: ImageSpec, _ cluster: Cluster, _ readOnly: Bool, _ passphrase: Passphrase?
    ) throws(RBDError) -> OpenedImage {
        let context = try unsafe openContext(spec, cluster)
        do throws(RBDError) {
            let image = try unsafe openImage(spec, context, readOnly: readOnly || spec.snapshot != nil)
            let handle = unsafe ImageHandle(image: image, context: context)
            do throws(RBDError) {
                let identity = try handle.identity(spec, cluster)
                if let passphrase { try handle.unlock(passphrase, spec) }
                return OpenedImage(
                    handle: handle, identity: identity,
                    geometry: try handle.geometry(
                        spec, isReadOnly: readOnly || spec.snapshot != nil, isEncrypted: passphrase != nil),
                    isEncrypted: passphrase != nil)
            } catch {
                _ = unsafe rbd_close(image)
                throw error
            }
        } catch {
            unsafe rados_ioctx_destroy(context)
            throw error
        }
    }

    static func openContext(_ spec: ImageSpec, _ cluster: Cluster) throws(RBDError) -> rados_ioctx_t {
        var created: rados_ioctx_t?
        let code = unsafe rados_ioctx_create(cluster.handle.raw, spec.pool, &created)
        if code == -ENOENT {
            throw RBDError(
                .poolMissing, object: "pool \(spec.pool)", code: ENOENT, reason: "there is no such pool",
                nextStep: "See `ceph osd pool ls`.")
        }
        guard code == 0, let context = unsafe created else {
            throw .returned(code, "rados_ioctx_create", object: "pool \(spec.pool)")
        }
        // Before opening: on a full pool opening hangs, and so does every write, instead of answering ENOSPC.
        unsafe rados_set_pool_full_try(context)
        guard !spec.namespace.isEmpty else { return unsafe context }
        var exists = false
        let found = unsafe rbd_namespace_exists(context, spec.namespace, &exists)
        if found == 0, !exists {
            unsafe rados_ioctx_destroy(context)
            throw RBDError(
                .namespaceMissing, object: "namespace \(spec.pool)/\(spec.namespace)", code: ENOENT,
                reason: "there is no such RBD namespace", nextStep: "See `rbd namespace ls \(spec.pool)`.")
        }
        unsafe rados_ioctx_set_namespace(context, spec.namespace)
        return unsafe context
    }

    private static func openImage(
        _ spec: ImageSpec, _ context: rados_ioctx_t, readOnly: Bool
    ) throws(RBDError) -> rbd_image_t {
        var opened: rbd_image_t?
        let code =
            readOnly
            ? unsafe rbd_open_read_only(context, spec.image, &opened, spec.snapshot)
            : unsafe rbd_open(context, spec.image, &opened, nil)
        if code == 0, let image = unsafe opened { return unsafe image }
        guard code == -ENOENT else {
            if code == -EPERM || code == -EACCES {
                throw RBDError(
                    .accessDenied, object: "pool \(spec.pool)", code: -code,
                    reason: "the user's capabilities don't allow to open image \(spec)",
                    nextStep: "Give them with `ceph auth caps USER mon 'profile rbd' osd 'profile rbd "
                        + "pool=\(spec.pool)'`.")
            }
            throw .returned(code, "rbd_open", object: "image \(spec)")
        }
        if let snapshot = spec.snapshot {
            // librbd says the same of both; the image alone tells which one is missing.
            var whole: rbd_image_t?
            if unsafe rbd_open_read_only(context, spec.image, &whole, nil) == 0 {
                _ = unsafe rbd_close(whole)
                throw RBDError(
                    .snapshotMissing, object: "snapshot \(spec)", code: ENOENT,
                    reason: "the image has no snapshot \(snapshot)",
                    nextStep: "See `rbd snap ls \(spec.pool)/\(spec.image)`.")
            }
        }
        throw RBDError(
            .imageMissing, object: "image \(spec)", code: ENOENT, reason: "there is no such image",
            nextStep: "See `rbd ls \(spec.pool)`, or make it with `rbd create --size 10G \(spec)`.")
    }
}

extension ImageHandle {
    fileprivate func identity(_ spec: ImageSpec, _ cluster: Cluster) throws(RBDError) -> ImageIdentity {
        var text = [CChar](repeating: 0, count: 256)
        let code = unsafe rbd_get_id(image, &text, text.count)
        guard code == 0 else { throw .returned(code, "rbd_get_id", object: "image \(spec)") }
        var snapshotID: UInt64?
        if let snapshot = spec.snapshot {
            var id: UInt64 = 0
            let code = unsafe rbd_snap_get_id(image, snapshot, &id)
            guard code == 0 else { throw .returned(code, "rbd_snap_get_id", object: "snapshot \(spec)") }
            snapshotID = id
        }
        return ImageIdentity(
            clusterID: cluster.fsid, poolID: unsafe rados_ioctx_get_id(context), namespace: spec.namespace,
            imageID: String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self),
            snapshotID: snapshotID)
    }

    fileprivate func geometry(
        _ spec: ImageSpec, isReadOnly: Bool, isEncrypted: Bool
    ) throws(RBDError) -> BlockGeometry {
        var size: UInt64 = 0
        var unit: UInt64 = 0
        var count: UInt64 = 0
        var info = rbd_image_info_t()
        for code in [
            unsafe rbd_get_size(image, &size), unsafe rbd_get_stripe_unit(image, &unit),
            unsafe rbd_get_stripe_count(image, &count),
            unsafe rbd_stat(image, &info, MemoryLayout<rbd_image_info_t>.size),
        ] where code != 0 {
            throw .returned(code, "rbd_stat", object: "image \(spec)")
        }
        let options = try effectiveOptions(spec)
        let layout = ImageLayout(
            objectByteCount: info.obj_size, stripeUnitByteCount: unit, stripeCount: count,
            discardGranularityByteCount: options["rbd_discard_granularity_bytes"].flatMap { UInt64($0) } ?? 0)
        var geometry = BlockGeometry(
            byteCount: size, optimalWriteByteCount: UInt32(clamping: layout.optimalWriteByteCount),
            // BlueStore's block (bdev_block_size): below it an OSD reads before it writes. LUKS2's sectors
            // are as long.
            writeGranularityByteCount: 4096, isReadOnly: isReadOnly,
            // The image's and the pool's own settings (`rbd config image set`) win over ours.
            hasVolatileWriteCache: options["rbd_cache"] != "false")
        // Encrypted, what was never written is zeroes only where no object is: beside written sectors it is
        // what zeroes decrypt to. And nothing is freed.
        if !isEncrypted {
            geometry.deallocateGranularityByteCount = UInt32(clamping: layout.deallocateGranularityByteCount)
            // What was freed has no object any more, or a shorter one: zeroes.
            geometry.deallocatedReads = .zeroes
            // What an OSD compares would be ciphertext: what was never written has none.
            geometry.compareAndWriteByteCountMax = CompareAndWriteAbility.byteCountMax(
                stripeUnit: unit, isReadOnly: isReadOnly, hasCache: geometry.hasVolatileWriteCache)
        }
        return geometry
    }

    /// librbd's options as they hold for this image, after the pool's and the image's own settings.
    private func effectiveOptions(_ spec: ImageSpec) throws(RBDError) -> [String: String] {
        var count: Int32 = 0
        // Tells how many there are, as an error.
        _ = unsafe rbd_config_image_list(image, nil, &count)
        let list = UnsafeMutablePointer<rbd_config_option_t>.allocate(capacity: Int(count))
        defer { unsafe list.deallocate() }
        let code = unsafe rbd_config_image_list(image, list, &count)
        guard code == 0 else { throw .returned(code, "rbd_config_image_list", object: "image \(spec)") }
        var options: [String: String] = [:]
        for index in 0..<Int(count) {
            // librbd filled `count` of them with texts that live until the clean-up below.
            unsafe options[String(cString: list[index].name)] = unsafe String(cString: list[index].value)
        }
        unsafe rbd_config_image_list_cleanup(list, count)
        return options
    }
}
