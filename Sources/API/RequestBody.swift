import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import WebSupport

/// The object a request carries, read field by field. A name that is not expected refuses the whole body: nobody sets
/// what the operation does not offer. Values of the wrong kind are remembered and refused together.
struct Fields {
    private let values: [String: JSONValue]
    /// Where this object lies in the body, as a JSON pointer; empty for the body itself.
    private let place: String
    var errors = InputErrors()

    /// - Throws: 415, 413, 408, or what the strict reader refuses.
    static func read(_ request: Request, _ names: Set<String>) async throws -> Fields {
        guard let type = request.headers[.contentType], let mediaType = MediaType(from: type),
            mediaType.isType(.applicationJson)
        else { throw HTTPError(.unsupportedMediaType) }
        let buffer = try await LimitedBody.read(request, upTo: FormBody.longest, within: FormBody.deadline)
        do {
            return try Fields(try StrictJSON.read(Array(buffer.readableBytesView)), names, at: "")
        } catch let fault as JSONFault {
            switch fault {
            case .malformed: throw Failure(.malformed)
            case .encoding: throw Failure(.encoding)
            case .duplicate: throw Failure(.duplicate)
            case .tooDeep: throw Failure(.tooDeep)
            }
        }
    }

    init(_ value: JSONValue, _ names: Set<String>, at place: String) throws {
        guard case .object(let values) = value else { throw Failure(.malformed) }
        let unknown = values.keys.filter { !names.contains($0) }.sorted().prefix(20)
        if !unknown.isEmpty { throw Failure(.unknownField, names: unknown.map { "\(place.dropFirst())\($0)" }) }
        self.values = values
        self.place = place
    }

    func finish() throws(InputErrors) { if !self.errors.isEmpty { throw self.errors } }

    func has(_ name: String) -> Bool { self.values[name] != nil }
    func raw(_ name: String) -> JSONValue? { self.values[name] }
    func pointer(_ name: String) -> String { "\(self.place)/\(name)" }

    mutating func refuse(_ name: String, _ messageKey: String, limit: Int? = nil) {
        self.errors.add(messageKey, for: self.pointer(name), limit: limit)
    }

    /// Text as it was sent; the capability decides what it may be.
    mutating func text(_ name: String) -> String? {
        guard self.has(name) else {
            self.refuse(name, "error.required")
            return nil
        }
        return self.optionalText(name)
    }

    mutating func optionalText(_ name: String) -> String? {
        guard let value = self.values[name] else { return nil }
        return self.string(value, name)
    }

    private mutating func string(_ value: JSONValue, _ name: String) -> String? {
        guard case .string(let text) = value else {
            self.refuse(name, "api.error.type")
            return nil
        }
        // No field of ours can hold it, and C libraries end at it.
        guard !text.utf8.contains(0) else {
            self.refuse(name, "error.control")
            return nil
        }
        return text
    }

    /// A list of texts; one text counts as a list of one where `single`.
    mutating func texts(_ name: String, longest: Int, single: Bool = false) -> [String] {
        switch self.values[name] {
        case nil: self.refuse(name, "error.required")
        case .string where single: return self.optionalText(name).map { [$0] } ?? []
        case .array(let values) where values.count <= longest: return values.compactMap { self.string($0, name) }
        case .array: self.refuse(name, "api.error.too-many")
        default: self.refuse(name, "api.error.type")
        }
        return []
    }

    mutating func flag(_ name: String) -> Bool {
        switch self.values[name] {
        case nil: return false
        case .bool(let value): return value
        default:
            self.refuse(name, "api.error.type")
            return false
        }
    }

    mutating func choice<Value>(_ name: String, _ known: [String: Value]) -> Value? {
        guard let text = self.text(name) else { return nil }
        if let value = known[text] { return value }
        self.refuse(name, "error.choose")
        return nil
    }
}
