import FoundationEssentials

/// What goes into a hash or a label: every part behind its length, so that no two lists of parts give the same bytes
/// ("ab","c" is not "a","bc").
struct Framed {
    private(set) var bytes: Data

    /// Starts with a label ending in a zero byte, so that no other use in Vault can begin with the same bytes.
    init(_ label: String) {
        self.bytes = Data("cyberconfiance/v1/\(label)".utf8)
        self.bytes.append(0)
    }

    mutating func add(_ part: some Sequence<UInt8>) {
        let part = Data(part)
        self.bytes.append(bigEndian: UInt32(part.count))
        self.bytes.append(part)
    }

    mutating func add(_ part: String) { self.add(part.utf8) }
}

extension Data {
    mutating func append(bigEndian number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.bigEndian) { self.append(contentsOf: $0) }
    }

    /// The big-endian number that these bytes are.
    func number<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type) -> Number {
        self.reduce(0) { $0 << 8 | Number($1) }
    }

    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text = [UInt8]()
        text.reserveCapacity(self.count * 2)
        for byte in self {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Parameter hex: lower or upper case, an even number of digits.
    init?(hex: String) {
        guard hex.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(hex.utf8.count / 2)
        var high: UInt8?
        for character in hex.utf8 {
            let digit: UInt8
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        self.init(bytes)
    }

    /// RFC 4648 section 5, without padding. By bytes: replacing in a `String` takes longer than the encryption before it.
    var base64URL: String {
        let standard = self.base64EncodedData()
        var text = [UInt8]()
        text.reserveCapacity(standard.count)
        for byte in standard {
            switch byte {
            case UInt8(ascii: "+"): text.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): text.append(UInt8(ascii: "_"))
            case UInt8(ascii: "="): break
            default: text.append(byte)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Only the one spelling that `base64URL` writes: otherwise a token could be altered in its last unused bits and
    /// still be taken.
    init?(base64URL text: String) {
        var standard = [UInt8]()
        standard.reserveCapacity(text.utf8.count + 3)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
            case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
            default: standard.append(byte)
            }
        }
        while !standard.count.isMultiple(of: 4) { standard.append(UInt8(ascii: "=")) }
        guard let data = Data(base64Encoded: Data(standard)), data.base64URL == text else { return nil }
        self = data
    }
}

/// Takes bytes from the front. Slices of `Data` keep the indices of what they were cut from, which is why nothing here
/// reads by index.
struct ByteReader {
    private(set) var rest: Data

    init(_ data: Data) { self.rest = data }

    mutating func take(_ count: Int) throws(VaultError) -> Data {
        guard count >= 0, self.rest.count >= count else { throw .malformed }
        defer { self.rest = Data(self.rest.dropFirst(count)) }
        return Data(self.rest.prefix(count))
    }

    mutating func byte() throws(VaultError) -> UInt8 { try self.take(1)[0] }
}
