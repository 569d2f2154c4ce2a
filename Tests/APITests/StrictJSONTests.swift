import API
import Foundation
import HTTPTypes
import NIOCore
import StorageTesting
import Testing

@Suite struct StrictJSONTests {
    private func read(_ text: String) throws -> JSONValue { try StrictJSON.read(Array(text.utf8)) }

    @Test func `values are read as they were written`() throws {
        #expect(
            try self.read(#" {"a": [1.50e+2, -0, true, null], "é": "\ud83d\ude00\n\/"} "#)
                == .object([
                    "a": .array([.number("1.50e+2"), .number("-0"), .bool(true), .null]), "é": .string("😀\n/"),
                ])
        )
    }

    @Test(arguments: [
        ("{\"a\":1,\"a\":2}", JSONFault.duplicate), ("{\"a\":1,\"\\u0061\":2}", .duplicate),
        ("\"\\ud800\"", .encoding), ("\"\\udc00\"", .encoding), ("\"\\ud800\\u0041\"", .encoding),
        ("\u{feff}{}", .malformed), ("[1,]", .malformed), ("{\"a\":1,}", .malformed), ("01", .malformed),
        ("+1", .malformed), (".5", .malformed), ("1.", .malformed), ("1e", .malformed), ("NaN", .malformed),
        ("'a'", .malformed), ("\"a\tb\"", .malformed), ("{} {}", .malformed), ("", .malformed),
        ("// x\n{}", .malformed),
    ])
    func `what RFC 8259 does not allow is refused`(text: String, fault: JSONFault) {
        #expect(throws: fault) { try self.read(text) }
    }

    @Test func `depth has an end`() throws {
        let deepest = StrictJSON.deepest
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        _ = try self.read(nested(deepest))
        #expect(throws: JSONFault.tooDeep) { try self.read(nested(deepest + 1)) }
        #expect(throws: JSONFault.tooDeep) { try self.read(String(repeating: "[{\"a\":", count: 100_000)) }
    }

    @Test func `the collected cases of others are judged as they should be`() async throws {
        guard let folder = ProcessInfo.processInfo.environment["CONFORMANCE_DATA"] else {
            if ProcessInfo.processInfo.environment["CI"] == "true" {
                Issue.record("CONFORMANCE_DATA is not set, and must be where CI=true")
            }
            print("SKIPPED: the JSON cases of others were NOT tested; set CONFORMANCE_DATA")
            return
        }
        let cases = URL(fileURLWithPath: folder).appending(path: "json-parsing")
        let names = try FileManager.default.contentsOfDirectory(atPath: cases.path).filter { $0.hasSuffix(".json") }
        #expect(names.count { $0.hasPrefix("n_") } > 50)
        #expect(names.count { $0.hasPrefix("y_") } > 20)
        // Legal, and refused here on purpose.
        let duplicates = ["y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"]
        try await Installed.run(.sqlite) { installed in
            try await installed.portal { portal in
                for name in names.sorted() {
                    let bytes = [UInt8](try Data(contentsOf: cases.appending(path: name)))
                    let value = try? StrictJSON.read(bytes)
                    if name.hasPrefix("n_") { #expect(value == nil, "\(name)") }
                    if name.hasPrefix("y_"), !duplicates.contains(name) { #expect(value != nil, "\(name)") }
                    let answer = try await portal.send(.post, "/api/v1/receipts/verify", ByteBuffer(bytes: bytes))
                    #expect((400..<500).contains(answer.status.code), "\(name): \(answer.status.code)")
                }
            }
        }
    }
}
