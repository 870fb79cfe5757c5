// The suite that holds every live test. They run one after the other: each has a cluster, a guest or a
// gateway of its own, and two guests at a time would only slow each other down.

import Testing

@Suite("Live", .serialized)
enum Live {}
