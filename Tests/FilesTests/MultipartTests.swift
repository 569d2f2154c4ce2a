import Testing
import WebSupport

@Suite struct MultipartTests {
    private enum Part: Equatable {
        case whole(MultipartHeader, String)
    }

    private static let body = [
        "--b", "Content-Disposition: form-data; name=\"text\"", "", "salut\r\n--c\r\n-b", "--b",
        "content-disposition:form-data;name=f; filename=\"é %22a%22.png\"", "Content-Type: image/png", "",
        "\r\n\r--\r\n--", "--b", "Content-Disposition: form-data; name=\"empty\"; filename=\"\"",
        "Content-Type: application/octet-stream", "", "", "--b--", "",
    ].joined(separator: "\r\n")

    private static let parts: [Part] = [
        .whole(MultipartHeader(name: "text"), "salut\r\n--c\r\n-b"),
        .whole(MultipartHeader(name: "f", fileName: "é \"a\".png"), "\r\n\r--\r\n--"),
        .whole(MultipartHeader(name: "empty", fileName: ""), ""),
    ]

    private func parse(_ chunks: [ArraySlice<UInt8>], boundary: String = "b") throws -> [Part] {
        var parser = MultipartParser(boundary: boundary)
        var parts: [Part] = []
        var header: MultipartHeader?
        var content: [UInt8] = []
        for chunk in chunks {
            for event in try parser.feed(chunk) {
                switch event {
                case .part(let next): (header, content) = (next, [])
                case .content(let bytes):
                    #expect(!bytes.isEmpty)
                    content += bytes
                case .endOfPart: parts.append(.whole(try #require(header), String(decoding: content, as: UTF8.self)))
                }
            }
        }
        try parser.finish()
        return parts
    }

    @Test func `a body gives the same parts wherever it is cut in two`() throws {
        let bytes = Array(Self.body.utf8)
        for cut in 0...bytes.count {
            #expect(try self.parse([bytes[..<cut], bytes[cut...]]) == Self.parts, "cut at \(cut)")
        }
    }

    @Test(arguments: 1...40) func `a body gives the same parts in pieces of any size`(_ size: Int) throws {
        let bytes = Array(Self.body.utf8)
        let chunks = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
        #expect(try self.parse(chunks) == Self.parts)
    }

    @Test func `every beginning of a body is refused as a whole one`() throws {
        let bytes = Array(Self.body.utf8.dropLast(2))
        for count in 0..<bytes.count {
            #expect(throws: MultipartParser.Malformed.self, "\(count) bytes") { try self.parse([bytes[..<count]]) }
        }
    }

    private static let field = "Content-Disposition: form-data; name=\"a\""

    @Test(arguments: [
        "", "--", "hello", "preamble\r\n--b\r\n\(Self.field)\r\n\r\nx\r\n--b--",
        "--c\r\n\(Self.field)\r\n\r\nx\r\n--c--", "--b\n\(Self.field)\n\nx\n--b--",
        "--b\r\n\r\nx\r\n--b--", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"a\"; filename*=UTF-8''x\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\n\(Self.field)\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\n folded\r\n\r\nx\r\n--b--", "--b\r\n\(Self.field)\r\nno colon\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\nX: a\u{0}b\r\n\r\nx\r\n--b--", "--b\r\n\(Self.field)\r\nX: a\nb\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\nContent-Transfer-Encoding: base64\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\n\r\nx\r\n--b-", "--b\r\n\(Self.field)\r\n\r\nx\r\n--b--\r\nepilogue",
        "--b garbage\r\n\(Self.field)\r\n\r\nx\r\n--b--",
        "--b" + String(repeating: " ", count: 100) + "\r\n\(Self.field)\r\n\r\nx\r\n--b--",
        "--b\r\n\(Self.field)\r\nX: " + String(repeating: "x", count: 9000) + "\r\n\r\nx\r\n--b--",
        "--b\r\n" + String(repeating: "X: y\r\n", count: 20) + "\(Self.field)\r\n\r\nx\r\n--b--",
    ])
    func `a malformed body is refused, whole or byte by byte`(_ body: String) {
        let bytes = Array(body.utf8)
        #expect(throws: MultipartParser.Malformed.self) { try self.parse([bytes[...]]) }
        #expect(throws: MultipartParser.Malformed.self) { try self.parse(bytes.indices.map { bytes[$0...$0] }) }
    }

    @Test func `a name that is not UTF-8 is refused`() {
        var bytes = Array("--b\r\nContent-Disposition: form-data; name=\"".utf8)
        bytes += [0xff] + Array("\"\r\n\r\nx\r\n--b--".utf8)
        #expect(throws: MultipartParser.Malformed.self) { try self.parse([bytes[...]]) }
    }

    @Test func `content without end keeps no more than a boundary in memory`() throws {
        var parser = MultipartParser(boundary: "b")
        _ = try parser.feed("--b\r\n\(Self.field)\r\n\r\n".utf8)
        let block = [UInt8](repeating: 13, count: 65_536)
        var count = 0
        for _ in 0..<64 {
            for case .content(let bytes) in try parser.feed(block) { count += bytes.count }
        }
        #expect(count >= 64 * 65_536 - 5)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"", "a b"),
        ("multipart/form-data; boundary=\(String(repeating: "x", count: 70))", String(repeating: "x", count: 70)),
    ])
    func `a boundary is read as RFC 2046 writes it`(_ type: String, _ boundary: String) {
        #expect(MultipartHeader.boundary(of: type) == boundary)
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))", "multipart/form-data; boundary=\"a \"",
        "multipart/mixed; boundary=abc", "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=\"é\"", "multipart/form-data; boundary=\"a", "multipart/form-data boundary=a",
    ])
    func `a boundary that is none is refused`(_ type: String) {
        #expect(MultipartHeader.boundary(of: type) == nil)
    }
}
