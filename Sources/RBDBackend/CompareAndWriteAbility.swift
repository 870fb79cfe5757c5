// What rbd_aio_compare_and_write can do for an image, decided when it is opened. There is nothing to try it
// with: any compare-and-write, also one that librbd refuses or that finds a difference, first takes the
// image's exclusive lock away from whoever writes to it, and one that succeeds allocates the object.

internal import Glibc

/// How much librbd compares and writes in one step.
enum CompareAndWriteAbility {
    /// Before Ceph 17.2.6: only inside one sector of 512 bytes, else EINVAL.
    static let sectorByteCount: UInt32 = 512

    /// Whether this librbd takes a whole stripe unit. The change that allowed it (Ceph 18, and 17.2.6) was
    /// made just before the one that added this function, and both came to 17.2.6 together.
    static let takesStripeUnits = unsafe dlsym(nil, "rbd_aio_compare_and_writev") != nil

    /// The longest naturally aligned range that an image compares and writes in one step, in bytes; 0 if it
    /// has none to offer.
    ///
    /// Never more than a stripe unit: what is longer is in several objects. None if the image has a cache:
    /// librbd goes past it, and the host's own reads would come from it.
    static func byteCountMax(
        stripeUnit: UInt64, isReadOnly: Bool, hasCache: Bool,
        takesStripeUnits: Bool = CompareAndWriteAbility.takesStripeUnits
    ) -> UInt32 {
        guard !isReadOnly, !hasCache, stripeUnit >= UInt64(sectorByteCount) else { return 0 }
        return takesStripeUnits ? UInt32(clamping: stripeUnit) : sectorByteCount
    }
}
