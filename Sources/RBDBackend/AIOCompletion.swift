// The one place where librbd's callback becomes the end of a request. It runs on librbd's completion
// thread, one after another for a client, so it does no more than look at the result and push the ticket to
// its shard.

internal import CLibrbd
internal import GatewayCore
internal import Glibc
internal import Synchronization

enum AIOCompletion {
    /// Makes librbd's completion for `record` and starts a call with it.
    /// - Returns: 0, and the callback will come (or has come); or librbd's negative errno, and it won't.
    @unsafe static func start(
        _ record: UnsafeMutablePointer<InFlight>, _ call: (rbd_completion_t) -> Int32
    ) -> Int32 {
        var completion: rbd_completion_t?
        let code = unsafe rbd_aio_create_completion(
            record,
            { completion, argument in
                // Both are what we gave: the completion is valid until it is released here, the record
                // until given back.
                guard let completion = unsafe completion, let argument = unsafe argument else { return }
                let returned = unsafe rbd_aio_get_return_value(completion)
                unsafe rbd_aio_release(completion)
                unsafe AIOCompletion.ended(argument.assumingMemoryBound(to: InFlight.self), returned)
            }, &completion)
        guard code == 0, let completion = unsafe completion else { return code == 0 ? -ENOMEM : code }
        let started = unsafe call(completion)
        if started < 0 { unsafe rbd_aio_release(completion) }
        return min(started, 0)
    }

    /// Ends a record's request, or starts its next step.
    @unsafe private static func ended(_ record: UnsafeMutablePointer<InFlight>, _ returned: Int) {
        // The image is open, hence alive: it is closed only after the last of its requests.
        unsafe record.pointee.image._withUnsafeGuaranteedRef { image in
            var result = unsafe outcome(record.pointee, returned, image)
            if case .changeThenFlush = unsafe record.pointee.step, result == .success {
                unsafe record.pointee.step = .flush
                let code = unsafe start(record) { completion in
                    unsafe rbd_aio_flush(image.handle.image, completion)
                }
                if code == 0 { return }
                result = image.failure(abs(code))
            }
            let ended = unsafe record.pointee
            unsafe ended.scratch?.deallocate()
            // False if it was given up before: then its host has its answer.
            let isOurs = unsafe image.slab.claim(ended.index)
            unsafe image.release(ended.index, ended.cost)
            guard isOurs else { return }
            // Last: from here on the shard may end the image.
            if image.isHeld(result) {
                let thread = image.cluster.thread
                if unsafe image.held.hold(ended.ticket, result) { return thread.requestBegins() }
            }
            unsafe ended.ticket.complete(result)
        }
    }

    @unsafe private static func outcome(
        _ record: InFlight, _ returned: Int, _ image: RBDImageBackend
    ) -> BackendResult {
        if returned < 0 { return image.failure(Int32(truncatingIfNeeded: -returned)) }
        switch unsafe record.step {
        case .flush:
            return .success
        case .read:
            // librbd reads short only at the image's end: it shrank under the request.
            return unsafe returned == record.byteCount ? .success : .outOfRange
        case .compare:
            guard unsafe returned == record.byteCount else { return .outOfRange }
            guard let scratch = unsafe record.scratch, let buffer = unsafe record.buffer else {
                return .internalError
            }
            return unsafe memcmp(scratch, buffer, record.byteCount) == 0 ? .success : .miscompare
        case .change, .changeThenFlush:
            image.changeSucceeded()
            // librbd clips a write at the image's end and calls it a success. If the end has moved since
            // the request was checked, its bytes may not be there.
            let end = unsafe record.offset + UInt64(record.byteCount)
            return end <= image.byteCount.load(ordering: .acquiring) ? .success : .outOfRange
        }
    }
}
