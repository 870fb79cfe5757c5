// Which file unlocks which image, as `--encryption-passphrase-file` says. `Export/OpenedStores.swift` reads
// it; the passphrase itself is never an argument, where every process of the machine could read it.

import RBDBackend

/// `FILE`, or `rbd:POOL/IMAGE=FILE`.
struct PassphraseFile: Equatable, Sendable {
    /// The image that it unlocks; nil for the only one.
    let image: ImageSpec?
    let path: String

    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(UsageError) {
        guard text.hasPrefix("rbd:") else {
            guard !text.isEmpty else { throw UsageError("--encryption-passphrase-file names no file") }
            (image, path) = (nil, text)
            return
        }
        let parts = text.dropFirst("rbd:".count).split(
            separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let image = ImageSpec(parts[0]), !parts[1].isEmpty else {
            throw UsageError("'\(text)' is not rbd:POOL/IMAGE=FILE")
        }
        (self.image, path) = (image, String(parts[1]))
    }

    /// Says for each file which of the images it unlocks.
    static func assign(
        _ files: [PassphraseFile], to backends: [BackendSpecification]
    ) throws(UsageError) -> [ImageSpec: String] {
        var images: [ImageSpec] = []
        for case .rbd(let image) in backends { images.append(image) }
        var paths: [ImageSpec: String] = [:]
        for file in files {
            guard let image = file.image ?? (images.count == 1 ? images.first : nil) else {
                throw UsageError(
                    "--encryption-passphrase-file \(file.path) unlocks one image, and there are "
                        + "\(images.count): write rbd:POOL/IMAGE=\(file.path)")
            }
            guard images.contains(image) else {
                throw UsageError("--encryption-passphrase-file names rbd:\(image), which is not exported")
            }
            guard paths.updateValue(file.path, forKey: image) == nil else {
                throw UsageError("--encryption-passphrase-file is there twice for rbd:\(image)")
            }
        }
        return paths
    }

    /// The passphrase in a file.
    static func read(_ path: String, for image: ImageSpec) throws(ProgramFailure) -> Passphrase {
        let object = "passphrase file \(path) of rbd:\(image)"
        // Room for a newline and for one byte more than the longest, so that a longer one shows.
        guard var content = Machine.content(of: path, byteCountMax: Passphrase.byteCountMax + 2) else {
            throw ProgramFailure(.fileUnusable, "\(object): it can't be read. Check its name and its mode.")
        }
        defer { for index in content.indices { content[index] = 0 } }
        guard let passphrase = Passphrase(fileContent: content) else {
            throw ProgramFailure(
                .fileUnusable,
                "\(object): it is empty, or longer than \(Passphrase.byteCountMax) bytes. "
                    + "Name the file that was given to `rbd encryption format`.")
        }
        return passphrase
    }
}
