// Where commands wait for their buffers. Data in a capsule blocks its connection's stream, and behind it may
// be the data that would free everybody else's memory: so it has a reserve and a line of its own, and never
// waits for buffers that wait for the network. Admin and Fabrics commands have theirs, so that I/O never
// delays them.

/// Which line an operation waits in, and which budget its buffer is counted against.
enum BufferUse: UInt8, CaseIterable, BitwiseCopyable {
    /// Admin and Fabrics commands.
    case admin
    /// Reads, and writes whose data comes by R2T.
    case common
    /// I/O commands with their data in the capsule, once `common` is spent.
    case capsule
}

/// Operations that wait for a buffer, each line in its order.
struct BufferLines: BitwiseCopyable {
    private var admin = SlotList()
    private var common = SlotList()
    private var capsule = SlotList()

    subscript(use: BufferUse) -> SlotList {
        get {
            switch use {
            case .admin: admin
            case .common: common
            case .capsule: capsule
            }
        }
        set {
            switch use {
            case .admin: admin = newValue
            case .common: common = newValue
            case .capsule: capsule = newValue
            }
        }
    }

    var isEmpty: Bool { admin.isEmpty && common.isEmpty && capsule.isEmpty }
}
