// A method as a row: a service is a table of these, and everything that holds for every call (the log, its
// duration, the answer when it throws) is here once. The generated server protocols are not used: they would
// have forty-five functions named as the wire names them.

package import GRPCCore
internal import GRPCProtobuf
package import SwiftProtobuf

/// What a service's table has for each method.
package protocol ServedMethod: Sendable {
    var descriptor: MethodDescriptor { get }
    func register<Transport: ServerTransport>(
        with router: inout RPCRouter<Transport>, reporting report: @escaping CallReport)
}

/// Told of each call when it has ended: the method's name, how long it took, and what it threw, if it did.
/// Runs on the call's task; it must not block.
package typealias CallReport = @Sendable (_ method: String, _ duration: Duration, _ error: RPCError?) -> Void

/// One message to one message.
package struct UnaryMethod<Input: Message, Output: Message>: ServedMethod {
    package let descriptor: MethodDescriptor
    private let answer: @Sendable (Input) async throws -> Output

    package init(
        _ descriptor: MethodDescriptor, _ answer: @escaping @Sendable (Input) async throws -> Output
    ) {
        self.descriptor = descriptor
        self.answer = answer
    }

    package func register<Transport: ServerTransport>(
        with router: inout RPCRouter<Transport>, reporting report: @escaping CallReport
    ) {
        let (descriptor, answer) = (descriptor, answer)
        router.registerHandler(
            forMethod: descriptor,
            deserializer: ProtobufDeserializer<Input>(),
            serializer: ProtobufSerializer<Output>()
        ) { request, _ in
            let clock = ContinuousClock()
            let start = clock.now
            do {
                let request = try await ServerRequest(stream: request)
                let output = try await answer(request.message)
                report(descriptor.method, start.duration(to: clock.now), nil)
                return StreamingServerResponse(single: ServerResponse(message: output))
            } catch {
                let error = error as? RPCError ?? RPCError(code: .internalError, message: "\(error)")
                report(descriptor.method, start.duration(to: clock.now), error)
                throw error
            }
        }
    }
}

/// A service: its table of methods, registered as one.
package struct MethodTable: RegistrableRPCService {
    package let methods: [any ServedMethod]
    private let report: CallReport

    package init(_ methods: [any ServedMethod], reporting report: @escaping CallReport = { _, _, _ in }) {
        self.methods = methods
        self.report = report
    }

    package func registerMethods(with router: inout RPCRouter<some ServerTransport>) {
        for method in methods { method.register(with: &router, reporting: report) }
    }
}
