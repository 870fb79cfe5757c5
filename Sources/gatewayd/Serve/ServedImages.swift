// Images as control calls make and change them: of the cluster, or files where a pool is a folder.

import Foundation
import GatewayControl
import Glibc
import RBDBackend

/// The images of a gateway, for control calls.
struct ServedImages: ImageOperations {
    let cluster: ClusterImages
    /// Pools that are folders, with their paths.
    let folders: [String: String]

    func sizeBytes(of image: ImageSpec) async throws(ControlFailure) -> UInt64? {
        guard let file = try file(image) else { return try await cluster.sizeBytes(of: image) }
        let attributes: [FileAttributeKey: Any]
        do { attributes = try FileManager.default.attributesOfItem(atPath: file) } catch { return nil }
        return (attributes[.size] as? NSNumber)?.uint64Value
    }

    func create(_ image: ImageSpec, sizeBytes: UInt64, dataPool: String?) async throws(ControlFailure) {
        guard let file = try file(image) else {
            return try await cluster.create(image, sizeBytes: sizeBytes, dataPool: dataPool)
        }
        let descriptor = unsafe open(file, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(image, "can't be created") }
        defer { close(descriptor) }
        guard ftruncate(descriptor, Int(clamping: sizeBytes)) == 0 else {
            throw failure(image, "can't have \(sizeBytes) bytes")
        }
    }

    func resize(_ image: ImageSpec, sizeBytes: UInt64) async throws(ControlFailure) {
        guard try file(image) != nil else {
            return try await cluster.resize(image, sizeBytes: sizeBytes)
        }
        // A file that is served keeps the size that it was opened with.
        throw ControlFailure(ENOTSUP, "Image \(image) is a file: it keeps its size")
    }

    func moveToTrash(_ image: ImageSpec) async throws(ControlFailure) {
        guard let file = try file(image) else { return try await cluster.moveToTrash(image) }
        guard unsafe rename(file, file + ".trash") == 0 else {
            throw failure(image, "can't be moved to the trash")
        }
    }

    /// The path of an image that is a file; nil for one of the cluster.
    private func file(_ image: ImageSpec) throws(ControlFailure) -> String? {
        guard let folder = folders[image.pool] else { return nil }
        guard image.namespace.isEmpty, image.snapshot == nil, !image.image.isEmpty,
            !image.image.contains("/"), image.image != ".",
            image.image != ".."
        else { throw ControlFailure(EINVAL, "Image \(image): a file can't be called so") }
        return "\(folder)/\(image.image)"
    }

    private func failure(_ image: ImageSpec, _ what: String) -> ControlFailure {
        let code = errno
        return ControlFailure(
            code, "Image \(image) \(what): \(unsafe String(cString: strerror(code)))")
    }
}
