/// A value of JSON as it was read: numbers keep their spelling, objects the order of nothing.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// Why a body is no JSON that we take. The raw value ends the key of its sentence.
package enum JSONFault: String, Error, CaseIterable, Sendable {
    case malformed
    /// Bytes that are not UTF-8, or half of a surrogate pair.
    case encoding
    /// The same name twice in one object: two readers would see two different requests.
    case duplicate
    case tooDeep = "too-deep"
}
