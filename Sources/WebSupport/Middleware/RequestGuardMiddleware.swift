import HTTPTypes
import Hummingbird

/// Refuses what no browser sends: a foreign `Host`, control characters hidden in the path, absurd lengths.
package struct RequestGuardMiddleware: RouterMiddleware {
    package typealias Context = AppRequestContext

    private static let hostField = HTTPField.Name("Host")!

    private let hosts: Set<String>

    /// - Parameter hosts: `name` or `name:port` as browsers send them.
    package init(hosts: Set<String>) { self.hosts = hosts }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        // The first `Host` became the authority; a second one stays among the fields (RFC 9112 section 3.2 wants 400 for
        // none and for two, because a proxy in front may believe the other).
        guard let host = request.head.authority, request.headers[Self.hostField] == nil else {
            throw HTTPError(.badRequest)
        }
        guard self.hosts.contains(host.lowercased()) else { throw HTTPError(.misdirectedRequest) }
        let target = request.head.path ?? "/"
        guard target.utf8.count <= 4096 else { throw HTTPError(.uriTooLong) }
        guard target.hasPrefix("/"), !Self.hidesControl(target) else { throw HTTPError(.badRequest) }
        return try await next(request, context)
    }

    /// A percent-encoded control character; `%00` cuts names short in C libraries.
    static func hidesControl(_ target: String) -> Bool {
        let bytes = Array(target.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] < 0x20 || bytes[index] == 0x7f { return true }
            if bytes[index] == UInt8(ascii: "%") {
                guard index + 2 < bytes.count,
                    let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
                else { return true }
                if value < 0x20 || value == 0x7f { return true }
                index += 2
            }
            index += 1
        }
        return false
    }
}
