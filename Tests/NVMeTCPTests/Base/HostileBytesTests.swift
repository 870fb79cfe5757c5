// Whatever bytes a peer sends, a decoder returns, and what it returns can be written again and reads the
// same.

import NVMeTCP
import Testing

@Suite("Decoders and hostile bytes")
struct HostileBytesTests {
    /// A structure's size, and what decoding and encoding again makes of bytes; nil where they are refused.
    struct Decoder: Sendable, CustomStringConvertible {
        let description: String
        let byteCount: Int
        let reencode: @Sendable ([UInt8]) -> [UInt8]?
    }

    static let decoders: [Decoder] = [
        Decoder(description: "ConnectData", byteCount: 1024) { bytes in
            decoded(bytes) { ConnectData($0) }.map { value in encoded(1024) { value.encode(into: &$0) } }
        },
        Decoder(description: "HostBehaviorSupport", byteCount: 512) { bytes in
            decoded(bytes) { HostBehaviorSupport($0) }.map { value in encoded(512) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "IdentifyController", byteCount: 4096) { bytes in
            decoded(bytes) { IdentifyController($0) }.map { value in encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "IdentifyNamespace", byteCount: 4096) { bytes in
            decoded(bytes) { IdentifyNamespace($0) }.map { value in encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "IdentifyNVMNamespace", byteCount: 4096) { bytes in
            decoded(bytes) { IdentifyNVMNamespace($0) }.map { value in
                encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "IdentifyNVMController", byteCount: 4096) { bytes in
            decoded(bytes) { IdentifyNVMController($0) }.map { value in
                encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "IdentifyIndependentNamespace", byteCount: 4096) { bytes in
            decoded(bytes) { IdentifyIndependentNamespace($0) }.map { value in
                encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "NamespaceList", byteCount: 4096) { bytes in
            decoded(bytes) { NamespaceList($0) }.map { value in encoded(4096) { value.encode(into: &$0) } }
        },
        Decoder(description: "ControllerList", byteCount: 4096) { bytes in
            decoded(bytes) { ControllerList($0) }.map { value in encoded(4096) { value.encode(into: &$0) } }
        },
        Decoder(description: "CommandSetCombinations", byteCount: 4096) { bytes in
            decoded(bytes) { CommandSetCombinations($0) }.map { value in
                encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "NamespaceDescriptors", byteCount: 4096) { bytes in
            decoded(bytes) { NamespaceDescriptors($0) }.map { value in
                encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "SupportedLogPages", byteCount: 1024) { bytes in
            decoded(bytes) { SupportedLogPages($0) }.map { value in encoded(1024) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "HealthLog", byteCount: 512) { bytes in
            decoded(bytes) { HealthLog($0) }.map { value in encoded(512) { value.encode(into: &$0) } }
        },
        Decoder(description: "FirmwareSlots", byteCount: 512) { bytes in
            decoded(bytes) { FirmwareSlots($0) }.map { value in encoded(512) { value.encode(into: &$0) } }
        },
        Decoder(description: "CommandEffectsLog", byteCount: 4096) { bytes in
            decoded(bytes) { CommandEffectsLog($0) }.map { value in encoded(4096) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "FeatureEffectsLog", byteCount: 1024) { bytes in
            decoded(bytes) { FeatureEffectsLog($0) }.map { value in encoded(1024) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "ANALog", byteCount: 4096) { bytes in
            decoded(bytes) { ANALog($0) }.map { value in
                encoded(value.byteCount) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "ReservationStatus", byteCount: 4096) { bytes in
            decoded(bytes) { ReservationStatus($0, layout: .extended) }.map { value in
                encoded(value.byteCount(.extended)) { value.encode(into: &$0, layout: .extended) }
            }
        },
        Decoder(description: "ReservationNotificationLog", byteCount: 64) { bytes in
            decoded(bytes) { ReservationNotificationLog($0) }.map { value in
                encoded(64) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "DiscoveryLogHeader", byteCount: 1024) { bytes in
            decoded(bytes) { DiscoveryLogHeader($0) }.map { value in encoded(1024) { value.encode(into: &$0) }
            }
        },
        Decoder(description: "DiscoveryLogEntry", byteCount: 1024) { bytes in
            let value = decoded(bytes) { DiscoveryLogEntry($0, at: 0) }
            return encoded(1024) { value.encode(into: &$0, at: 0) }
        },
        Decoder(description: "ErrorInformation", byteCount: 64) { bytes in
            let value = decoded(bytes) { ErrorInformation($0, at: 0) }
            return encoded(64) { value.encode(into: &$0, at: 0) }
        },
    ]

    @Test("Random bytes are refused, or read and written to a fixed point", arguments: decoders)
    func randomBytes(decoder: Decoder) {
        var random = SplitMix(seed: UInt64(decoder.byteCount))
        for round in 0..<8 {
            var bytes = (0..<decoder.byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of the rounds in ASCII, so that texts are more than replacement characters.
            if round % 2 == 0 { bytes = bytes.map { $0 & 0x7F } }
            expectFixedPoint(decoder, bytes)
        }
        expectFixedPoint(decoder, [UInt8](repeating: 0xFF, count: decoder.byteCount))
        expectFixedPoint(decoder, [UInt8](repeating: 0x00, count: decoder.byteCount))
    }

    private func expectFixedPoint(_ decoder: Decoder, _ bytes: [UInt8]) {
        guard let once = decoder.reencode(bytes) else { return }
        // A text that was not UTF-8 may be cut within a replacement character once more; then it stays.
        let twice = decoder.reencode(once).flatMap { decoder.reencode($0) }
        #expect(twice == twice.flatMap { decoder.reencode($0) })
        #expect(twice != nil)
    }
}

/// A small generator of numbers that only depend on the seed.
private struct SplitMix {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
