import HTTPTypes
import Hummingbird
import Kernel
import NIOCore

/// The fields of a form, in the order sent, repeated ones kept. Read by ourselves: the framework's decoder ignores the
/// content type and answers some malformed bodies with 500.
package struct FormBody: Sendable {
    package let fields: [String: [String]]

    package init(_ fields: [String: [String]]) { self.fields = fields }

    /// The first value, or nothing.
    package subscript(name: String) -> String? { self.fields[name]?.first }

    package func all(_ name: String) -> [String] { self.fields[name] ?? [] }

    /// Longest body of a form, bytes; uploads do not come this way.
    package static let longest = 1024 * 1024
    /// A form that takes longer than this to arrive is an attack or a dead connection.
    package static let deadline: Duration = .seconds(15)

    /// Reads an `application/x-www-form-urlencoded` body.
    /// - Throws: 415 for another type, 413 beyond 1 MiB, 408 beyond 15 seconds, 400 for bytes that are not UTF-8.
    package static func read(_ request: Request) async throws -> FormBody {
        guard let type = request.headers[.contentType], let mediaType = MediaType(from: type),
            mediaType.isType(.applicationUrlEncoded)
        else { throw HTTPError(.unsupportedMediaType) }
        let buffer = try await LimitedBody.read(request, upTo: Self.longest, within: Self.deadline)
        guard let form = FormBody(urlEncoded: buffer.readableBytesView) else { throw HTTPError(.badRequest) }
        return form
    }

    /// - Returns: `nil` for a broken escape, bytes that are not UTF-8, or more than 500 fields.
    package init?(urlEncoded bytes: some Sequence<UInt8>) {
        var fields: [String: [String]] = [:]
        var count = 0
        for pair in Array(bytes).split(separator: UInt8(ascii: "&")) {
            count += 1
            guard count <= 500 else { return nil }
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count > 1 ? Self.decoded(parts[1]) : "" else {
                return nil
            }
            fields[name, default: []].append(value)
        }
        self.fields = fields
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"): result.append(0x20)
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex, let high = Self.digit(bytes[index + 1]),
                    let low = Self.digit(bytes[index + 2])
                else { return nil }
                result.append(high << 4 | low)
                index += 2
            case let byte: result.append(byte)
            }
            index += 1
        }
        return String(validating: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Request {
    /// A query parameter, decoded like a form: the framework leaves `+` as it is.
    package func query(_ name: String) -> String? {
        guard let query = self.uri.query else { return nil }
        return FormBody(urlEncoded: query.utf8)?[name]
    }
}
