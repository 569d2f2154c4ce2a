import Kernel

/// What the header of a part says, as far as we believe it: a name, and for a file the name it had. The type of content
/// that a sender claims is not read; what a file is, its bytes say.
package struct MultipartHeader: Equatable, Sendable {
    package let name: String
    /// Not `nil`: a file. Empty when no file was chosen. Never to be used as a path.
    package let fileName: String?

    package init(name: String, fileName: String? = nil) { (self.name, self.fileName) = (name, fileName) }

    private static let mostLines = 16
    private static let longestName = 256
    private static let longestFileName = 2048

    /// - Parameter bytes: the header lines, without the empty line behind them.
    package init?(_ bytes: some Collection<UInt8>) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var disposition: String?
        // "\r\n" is one character; a lone CR or LF is another, and a control character like the rest.
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        guard lines.count <= Self.mostLines else { return nil }
        for line in lines {
            guard line.unicodeScalars.allSatisfy({ $0 == "\t" || !$0.isControl }), let colon = line.firstIndex(of: ":"),
                colon > line.startIndex, line[..<colon].utf8.allSatisfy(Self.isToken)
            else { return nil }
            let value = String(line[line.index(after: colon)...]).trimmed
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard disposition == nil else { return nil }
                disposition = value
            case "content-transfer-encoding":
                guard ["7bit", "8bit", "binary"].contains(value.lowercased()) else { return nil }
            default: break
            }
        }
        guard let disposition, let (kind, parameters) = Self.parse(disposition), kind == "form-data",
            let name = parameters["name"], !name.isEmpty, name.utf8.count <= Self.longestName,
            // RFC 7578 section 4.2 forbids it; a file that is told only by it must not pass for text.
            parameters["filename*"] == nil
        else { return nil }
        let fileName = parameters["filename"]
        guard fileName.map({ $0.utf8.count <= Self.longestFileName }) ?? true else { return nil }
        self.init(name: name, fileName: fileName)
    }

    /// The boundary of a request's `Content-Type`; `nil` if it is no form with parts, or names no boundary that
    /// RFC 2046 allows.
    package static func boundary(of contentType: String) -> String? {
        guard let (type, parameters) = Self.parse(contentType), type == "multipart/form-data",
            let boundary = parameters["boundary"], (1...70).contains(boundary.utf8.count), boundary.last != " ",
            boundary.utf8.allSatisfy({ Self.isAlphanumeric($0) || "'()+_,-./:=? ".utf8.contains($0) })
        else { return nil }
        return boundary
    }

    /// `value; name=token; name="quoted"`. A parameter that comes twice is refused: two readers would disagree.
    private static func parse(_ text: String) -> (value: String, parameters: [String: String])? {
        var rest = text[...]
        let value = String(rest.prefix { $0 != ";" }).trimmed.lowercased()
        rest = rest.dropFirst(rest.prefix { $0 != ";" }.count)
        var parameters: [String: String] = [:]
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
            if rest.isEmpty { break }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken) else { return nil }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=", let parameter = Self.takeValue(&rest) else { return nil }
            guard parameters.updateValue(parameter, forKey: name.lowercased()) == nil else { return nil }
            rest = rest.drop { $0 == " " || $0 == "\t" }
        }
        return rest.isEmpty ? (value, parameters) : nil
    }

    private static func takeValue(_ rest: inout Substring) -> String? {
        rest = rest.dropFirst()
        guard rest.first == "\"" else {
            let token = rest.prefix { $0 != ";" && $0 != " " && $0 != "\t" }
            rest = rest.dropFirst(token.count)
            return token.isEmpty || !token.utf8.allSatisfy({ Self.isToken($0) }) ? nil : String(token)
        }
        var value = ""
        var index = rest.index(after: rest.startIndex)
        while index < rest.endIndex, rest[index] != "\"" {
            let next = rest.index(after: index)
            // Old senders escape by a backslash; in anything else it is a part of the name.
            if rest[index] == "\\", next < rest.endIndex, rest[next] == "\"" || rest[next] == "\\" { index = next }
            value.append(rest[index])
            index = rest.index(after: index)
        }
        guard index < rest.endIndex else { return nil }
        rest = rest[rest.index(after: index)...]
        // How browsers write what would end the header (WHATWG).
        return value.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        Self.isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
}
