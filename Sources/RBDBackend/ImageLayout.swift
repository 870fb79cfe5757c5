// How an image is cut into objects, and what follows for hosts: which writes are best, and what can be freed.
// Opening reads it once; it never changes.

/// An image's objects and stripes, in bytes.
///
/// Without "fancy striping" a stripe unit is a whole object. With it, consecutive units lie in `stripeCount`
/// objects in turn.
struct ImageLayout {
    let objectByteCount: UInt64
    let stripeUnitByteCount: UInt64
    let stripeCount: UInt64
    /// librbd's rbd_discard_granularity_bytes, a power of two; 0 discards whatever is asked for.
    let discardGranularityByteCount: UInt64

    /// What is best written as a whole: an object, or a stripe of several.
    var optimalWriteByteCount: UInt64 {
        stripeUnitByteCount == objectByteCount ? objectByteCount : stripeUnitByteCount * stripeCount
    }

    /// What a deallocation frees: librbd leaves smaller pieces as they are and says nothing, and their old
    /// data stays readable.
    ///
    /// It counts inside each object. A piece of an object that is longer than a stripe unit is spread over as
    /// many stripes as it has units.
    var deallocateGranularityByteCount: UInt64 {
        let inObject = min(discardGranularityByteCount, objectByteCount)
        return inObject <= stripeUnitByteCount ? inObject : inObject * stripeCount
    }
}
