/// Reads JSON after RFC 8259 and nothing beyond it: no comments, no trailing commas, no byte-order mark, no name twice, no
/// lone surrogate. There is one reader, so that no second one can understand a body differently.
package struct StrictJSON {
    /// Objects and arrays inside each other.
    package static let deepest = 64

    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    package static func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .encoding }
        var reader = StrictJSON(bytes: bytes)
        reader.skipBlanks()
        let value = try reader.value()
        reader.skipBlanks()
        guard reader.index == bytes.count else { throw .malformed }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var byte: UInt8? { self.index < self.bytes.count ? self.bytes[self.index] : nil }

    private mutating func skipBlanks() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { self.index += 1 }
    }

    private mutating func take(_ wanted: Character) -> Bool {
        guard self.byte == wanted.asciiValue else { return false }
        self.index += 1
        return true
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        switch self.byte {
        case UInt8(ascii: "{"): return try self.object()
        case UInt8(ascii: "["): return try self.array()
        case UInt8(ascii: "\""): return .string(try self.string())
        case UInt8(ascii: "t"): return try self.word("true", .bool(true))
        case UInt8(ascii: "f"): return try self.word("false", .bool(false))
        case UInt8(ascii: "n"): return try self.word("null", .null)
        default: return .number(try self.number())
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        let letters = Array("\(word)".utf8)
        guard self.bytes[self.index...].starts(with: letters) else { throw .malformed }
        self.index += letters.count
        return value
    }

    private mutating func enter() throws(JSONFault) {
        self.depth += 1
        guard self.depth <= Self.deepest else { throw .tooDeep }
        self.index += 1
        self.skipBlanks()
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try self.enter()
        defer { self.depth -= 1 }
        var fields: [String: JSONValue] = [:]
        if self.take("}") { return .object(fields) }
        repeat {
            self.skipBlanks()
            guard self.byte == UInt8(ascii: "\"") else { throw .malformed }
            let name = try self.string()
            self.skipBlanks()
            guard self.take(":") else { throw .malformed }
            self.skipBlanks()
            let value = try self.value()
            guard fields.updateValue(value, forKey: name) == nil else { throw .duplicate }
            self.skipBlanks()
        } while self.take(",")
        guard self.take("}") else { throw .malformed }
        return .object(fields)
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try self.enter()
        defer { self.depth -= 1 }
        var values: [JSONValue] = []
        if self.take("]") { return .array(values) }
        repeat {
            self.skipBlanks()
            values.append(try self.value())
            self.skipBlanks()
        } while self.take(",")
        guard self.take("]") else { throw .malformed }
        return .array(values)
    }

    private mutating func digits() -> Int {
        let start = self.index
        while let byte, (0x30...0x39).contains(byte) { self.index += 1 }
        return self.index - start
    }

    private mutating func number() throws(JSONFault) -> String {
        let start = self.index
        _ = self.take("-")
        let leadsWithZero = self.byte == UInt8(ascii: "0")
        let count = self.digits()
        guard count == 1 || count > 1 && !leadsWithZero else { throw .malformed }
        if self.take("."), self.digits() == 0 { throw .malformed }
        if self.take("e") || self.take("E") {
            if !self.take("+") { _ = self.take("-") }
            if self.digits() == 0 { throw .malformed }
        }
        return String(decoding: self.bytes[start..<self.index], as: UTF8.self)
    }

    private mutating func string() throws(JSONFault) -> String {
        self.index += 1
        var result: [UInt8] = []
        while let byte {
            self.index += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
            case UInt8(ascii: "\\"): result += try self.escaped().utf8
            case 0..<0x20: throw .malformed
            default: result.append(byte)
            }
        }
        throw .malformed
    }

    private mutating func escaped() throws(JSONFault) -> String {
        guard let byte else { throw .malformed }
        self.index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return String(try self.scalar())
        default: throw .malformed
        }
    }

    private mutating func unit() throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, byte < 0x80, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw .malformed
            }
            value = value << 4 | UInt32(digit)
            self.index += 1
        }
        return value
    }

    private mutating func scalar() throws(JSONFault) -> UnicodeScalar {
        let first = try self.unit()
        if let scalar = UnicodeScalar(first) { return scalar }
        guard first < 0xdc00, self.take("\\"), self.take("u") else { throw .encoding }
        let second = try self.unit()
        guard (0xdc00...0xdfff).contains(second),
            let scalar = UnicodeScalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else { throw .encoding }
        return scalar
    }
}
