import HTTPTypes
import Hummingbird
import NIOCore

/// A whole body, within a size and a time.
package enum LimitedBody {
    /// - Parameters:
    ///   - longest: bytes.
    ///   - deadline: a body that takes longer to arrive is an attack or a dead connection.
    /// - Throws: 413 beyond the size, 408 beyond the time.
    package static func read(_ request: Request, upTo longest: Int, within deadline: Duration) async throws
        -> ByteBuffer
    {
        if let stated = request.headers[.contentLength].flatMap({ Int($0) }), stated > longest {
            throw HTTPError(.contentTooLarge)
        }
        let body = request.body
        let buffer = try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
            group.addTask { try await body.collect(upTo: longest) }
            group.addTask {
                try await Task.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        guard let buffer else { throw HTTPError(.requestTimeout) }
        return buffer
    }
}
