// Objects on the way of an I/O command: counting a reference to one is a locked instruction, which costs as
// much as all else that a step does, so the way holds objects by `Unmanaged` and uses them here. Who owns
// the object, and keeps it meanwhile, is said at each use.

extension Unmanaged {
    /// Uses an object that its owner keeps for as long as `body` runs, without counting a reference.
    @inline(__always)
    func use<Value, Failure: Error>(
        _ body: (Instance) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        // The library's function rethrows untyped.
        let outcome: Result<Value, Failure> = unsafe _withUnsafeGuaranteedRef { instance in
            do throws(Failure) { return .success(try body(instance)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}
