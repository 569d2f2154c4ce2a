import FoundationEssentials
import Kernel

/// What fits into one column. Conform an enum with raw values or an identifier by naming the protocol.
package protocol Storable: Sendable {
    static var storedAs: SQL.Kind { get }
    var stored: SQL.Value { get }
    /// `nil` when what the database holds is not one of ours.
    init?(stored: SQL.Value)
}

extension SQL {
    /// What a column holds.
    package enum Kind: String, Sendable { case int, double, text, data, bool }

    /// What both engines know.
    package enum Value: Hashable, Sendable {
        case int(Int64), double(Double), text(String), data(Data), bool(Bool)
        /// Typed: PostgreSQL cannot tell the type of a lone `$1`.
        case null(Kind)

        package var kind: Kind {
            switch self {
            case .int: .int
            case .double: .double
            case .text: .text
            case .data: .data
            case .bool: .bool
            case .null(let kind): kind
            }
        }
    }
}

extension Storable where Self: FixedWidthInteger {
    package static var storedAs: SQL.Kind { .int }
    package var stored: SQL.Value { .int(Int64(self)) }
    package init?(stored: SQL.Value) {
        guard case .int(let value) = stored, let number = Self(exactly: value) else { return nil }
        self = number
    }
}

extension Int: Storable {}
extension Int64: Storable {}
extension Int32: Storable {}
extension UInt16: Storable {}

extension Double: Storable {
    package static var storedAs: SQL.Kind { .double }
    /// SQLite turns "not a number" into NULL; both engines are to agree.
    package var stored: SQL.Value { self.isNaN ? .null(.double) : .double(self) }
    package init?(stored: SQL.Value) {
        guard case .double(let value) = stored else { return nil }
        self = value
    }
}

extension String: Storable {
    package static var storedAs: SQL.Kind { .text }
    package var stored: SQL.Value { .text(self) }
    package init?(stored: SQL.Value) {
        guard case .text(let value) = stored else { return nil }
        self = value
    }
}

extension Bool: Storable {
    package static var storedAs: SQL.Kind { .bool }
    package var stored: SQL.Value { .bool(self) }
    package init?(stored: SQL.Value) {
        guard case .bool(let value) = stored else { return nil }
        self = value
    }
}

extension Data: Storable {
    package static var storedAs: SQL.Kind { .data }
    package var stored: SQL.Value { .data(self) }
    package init?(stored: SQL.Value) {
        guard case .data(let value) = stored else { return nil }
        self = value
    }
}

extension Date: Storable {
    package static var storedAs: SQL.Kind { .int }
    package var stored: SQL.Value { .int(Int64((self.timeIntervalSince1970 * 1_000_000).rounded())) }
    package init?(stored: SQL.Value) {
        guard case .int(let microseconds) = stored else { return nil }
        self.init(microseconds: microseconds)
    }
    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}

/// Lower-case text: readable in both shells, and in order of creation for version 7.
extension UUID: Storable {
    package static var storedAs: SQL.Kind { .text }
    package var stored: SQL.Value { .text(self.text) }
    package init?(stored: SQL.Value) {
        guard case .text(let text) = stored else { return nil }
        self.init(text: text)
    }
}

extension Identifier: Storable {}
extension Day: Storable {}

extension Storable where Self: RawRepresentable, RawValue: Storable {
    package static var storedAs: SQL.Kind { RawValue.storedAs }
    package var stored: SQL.Value { self.rawValue.stored }
    package init?(stored: SQL.Value) {
        guard let raw = RawValue(stored: stored) else { return nil }
        self.init(rawValue: raw)
    }
}

extension Optional: Storable where Wrapped: Storable {
    package static var storedAs: SQL.Kind { Wrapped.storedAs }
    package var stored: SQL.Value { self?.stored ?? .null(Wrapped.storedAs) }
    package init?(stored: SQL.Value) {
        if case .null = stored { self = nil } else { self = Wrapped(stored: stored).map(Optional.some) ?? nil }
    }
}

/// A value kept as JSON text: `@JSON var answers: [String: String]`, `\(JSON(answers))`.
@propertyWrapper
package struct JSON<Value: Codable & Sendable>: Codable, Storable {
    package var wrappedValue: Value

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    package init(_ value: Value) { self.wrappedValue = value }

    package static var storedAs: SQL.Kind { .text }
    /// A value of ours that cannot be encoded is a programming error, and NOT NULL refuses it.
    package var stored: SQL.Value { (try? self.encoded()).map(SQL.Value.text) ?? .null(.text) }
    package init?(stored: SQL.Value) {
        guard case .text(let text) = stored,
            let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
        else { return nil }
        self.wrappedValue = value
    }

    /// The same text for the same value.
    package func encoded() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self.wrappedValue), as: UTF8.self)
    }
}
