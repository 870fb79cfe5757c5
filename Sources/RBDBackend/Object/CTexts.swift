// Texts as librados' functions for entries take them: an array of pointers, and one of lengths.

internal import CLibrbd

/// Texts in one piece of memory.
struct CTexts {
    private var bytes: [CChar] = []
    private var offsets: [Int] = []
    private var counts: [Int] = []

    init(_ texts: some Sequence<String>) {
        for text in texts {
            offsets.append(bytes.count)
            counts.append(text.utf8.count)
            bytes += text.utf8.lazy.map { CChar(bitPattern: $0) }
        }
        // So that there is memory even for nothing but empty texts.
        bytes.append(0)
    }

    var count: Int { offsets.count }

    /// The pointers are valid while `body` runs; librados copies what they point to.
    @unsafe func withPointers(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int>?) -> Void
    ) {
        unsafe bytes.withUnsafeBufferPointer { memory in
            let pointers = unsafe offsets.map { offset in unsafe memory.baseAddress.map { unsafe $0 + offset }
            }
            unsafe pointers.withUnsafeBufferPointer { pointers in
                unsafe counts.withUnsafeBufferPointer { counts in
                    unsafe body(pointers.baseAddress, counts.baseAddress)
                }
            }
        }
    }
}
