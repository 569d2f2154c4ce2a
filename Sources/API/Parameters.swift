import HTTPTypes
import Hummingbird
import Kernel
import Vault
import WebSupport

/// The query of a request: known names, each at most once.
struct Parameters {
    private let values: [String: String]

    /// - Throws: 400 for a name that is not known or comes twice, or for bytes that are not UTF-8.
    init(_ request: Request, _ names: Set<String>) throws {
        guard let query = request.uri.query, !query.isEmpty else {
            self.values = [:]
            return
        }
        guard let form = FormBody(urlEncoded: query.utf8) else { throw Failure(.badParameter) }
        let wrong = form.fields.filter { !names.contains($0.key) || $0.value.count > 1 }.keys.sorted().prefix(20)
        if !wrong.isEmpty { throw Failure(.badParameter, names: Array(wrong)) }
        self.values = form.fields.compactMapValues(\.first)
    }

    /// - Throws: 400 for a value that `parse` does not know.
    func value<Value>(_ name: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = self.values[name] else { return nil }
        guard !text.utf8.contains(0), let value = parse(text) else { throw Failure(.badParameter, names: [name]) }
        return value
    }

    /// Rows of a page, 1…200.
    func limit() throws -> Int {
        try self.value("limit") { Int($0).flatMap { (1...200).contains($0) ? $0 : nil } } ?? 50
    }
}

enum Headers {
    /// `Authorization: Bearer …`, the only credential here: a cookie proves nothing, so no other site can act for anybody.
    static func bearer(_ request: Request) -> SecretToken? {
        guard let field = request.headers[.authorization] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return SecretToken(String(parts[1]))
    }

    /// The version a change was made on. One that cannot be one of ours is stale like any other.
    /// - Throws: 428 without the field, or with `*`, which would overwrite whatever is there.
    static func version(_ request: Request) throws -> Int {
        guard let field = request.headers[.ifMatch]?.trimmed, field != "*" else { throw Failure(.versionRequired) }
        guard field.hasPrefix("\""), field.hasSuffix("\""), let version = Int(field.dropFirst().dropLast()) else {
            return -1
        }
        return version
    }

    static func etag(_ version: Int) -> String { "\"\(version)\"" }
}

extension HTTPField.Name {
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
    static let link = HTTPField.Name("Link")!
}
