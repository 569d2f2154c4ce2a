import Foundation
import Kernel
import Logging
import Mail
import Synchronization

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
let reader = EmailAddress("reader@mail.example")!
let sender = EmailAddress("nobody@service.example")!

/// A clock that stands still until it is moved.
final class Hand: Sendable {
    private let time = Mutex(Day(rawValue: "2026-11-25")!.start + 40_000)
    func move(_ seconds: TimeInterval) { self.time.withLock { $0 += seconds } }
    var clock: Clock { Clock { self.time.withLock(\.self) } }
    var now: Date { self.time.withLock(\.self) }
}

/// A mail as its receiver takes it apart: names and values of the headers, unfolded, and the text.
struct Received {
    let headers: [(name: String, value: String)]
    let text: String

    init(_ bytes: Data) throws {
        let whole = String(decoding: bytes, as: UTF8.self)
        let parts = whole.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        var headers: [(String, String)] = []
        for line in parts[0].split(separator: "\r\n", omittingEmptySubsequences: false) {
            if line.first == " " || line.first == "\t" {
                headers[headers.count - 1].1 += line
            } else {
                let pair = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                headers.append((String(pair[0]), pair.count == 2 ? String(pair[1].dropFirst()) : ""))
            }
        }
        self.headers = headers
        let body = Data(base64Encoded: String(parts[1]), options: .ignoreUnknownCharacters) ?? Data()
        self.text = String(decoding: body, as: UTF8.self)
    }

    subscript(name: String) -> String? { self.headers.first { $0.name == name }?.value }

    /// RFC 2047, as far as we write it.
    var subject: String {
        let raw = self["Subject"] ?? ""
        if !raw.hasPrefix("=?UTF-8?B?") { return raw }
        var bytes = Data()
        for word in raw.split(separator: " ") {
            bytes += Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
