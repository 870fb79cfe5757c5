// What is to be exported, as the command line names it. `Export/BackendOpener.swift` opens what is named
// here; the text of a specification is also the namespace's name in log lines.

import RBDBackend

/// One store to export.
enum BackendSpecification: Hashable, Sendable {
    /// `rbd:POOL/IMAGE`, `rbd:POOL/NAMESPACE/IMAGE`, either with `@SNAPSHOT`.
    case rbd(ImageSpec)
    /// `memory:SIZE`: blocks in this process's memory, gone when it ends.
    case memory(ByteCount)
    /// `null:SIZE`: writes are dropped and reads give zeroes, for measuring.
    case null(ByteCount)
    /// `file:PATH`: a file or a block device.
    case file(path: String)

    /// - Throws: what is wrong with the text.
    init(_ text: String) throws(UsageError) {
        let (kind, rest) = Self.split(text, at: ":")
        switch (kind, rest) {
        case (_, nil), (_, ""):
            throw UsageError(
                "'\(text)' names no store: write rbd:POOL/IMAGE, memory:SIZE, null:SIZE or file:PATH")
        case ("rbd", let rest?):
            guard let image = ImageSpec(rest) else {
                throw UsageError(
                    "'\(text)' is no image: write rbd:POOL/IMAGE or rbd:POOL/NAMESPACE/IMAGE, "
                        + "with @SNAPSHOT at the end for a snapshot")
            }
            self = .rbd(image)
        case ("memory", let rest?):
            let size = try Self.size(rest)
            guard size.bytes <= 1 << 40 else {
                throw UsageError("\(text) is too much: 1TiB of memory is the most")
            }
            self = .memory(size)
        case ("null", let rest?): self = .null(try Self.size(rest))
        case ("file", let rest?): self = .file(path: rest)
        case (let kind, _):
            throw UsageError("'\(kind)' is no kind of store: rbd, memory, null and file are")
        }
    }

    /// At least one block of the larger kind, so that the namespace isn't empty whatever the block size.
    private static func size(_ text: String) throws(UsageError) -> ByteCount {
        let size = try ByteCount(text)
        guard size.bytes >= 4096 else { throw UsageError("\(text) is too small: 4KiB is the least") }
        return size
    }

    /// The text before the first `separator` and the text after it, if it is there.
    private static func split(_ text: String, at separator: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: separator) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}

extension BackendSpecification: CustomStringConvertible {
    var description: String {
        switch self {
        case .rbd(let image): "rbd:\(image)"
        case .memory(let size): "memory:\(size)"
        case .null(let size): "null:\(size)"
        case .file(let path): "file:\(path)"
        }
    }
}
