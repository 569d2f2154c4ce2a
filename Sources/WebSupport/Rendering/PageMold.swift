import NIOCore

/// A page that is the same for everybody but for a few strings of one person: rendered once with marks where they
/// belong, then only filled.
package struct PageMold: Sendable {
    private enum Part: Sendable {
        case text(ByteBuffer)
        case hole(String)
    }

    private let parts: [Part]
    private let length: Int

    /// Stands in a view struct where a value will be. Made of characters that Unicode keeps free for private use, so no
    /// text of ours holds one and no escaping changes it.
    package static func mark(_ hole: String) -> String { "\u{E000}\(hole)\u{E001}" }

    /// - Parameter html: a rendered page with marks in it.
    package init(_ html: String) {
        self.parts = html.split(separator: "\u{E000}", omittingEmptySubsequences: false).enumerated().flatMap {
            index,
            piece -> [Part] in
            guard index > 0, let end = piece.firstIndex(of: "\u{E001}") else {
                return [.text(ByteBuffer(substring: piece))]
            }
            return [
                .hole(String(piece[..<end])), .text(ByteBuffer(substring: piece[piece.index(after: end)...])),
            ]
        }
        self.length = html.utf8.count
    }

    /// - Parameter values: by hole; escaped here. A hole without a value stays empty.
    package func fill(_ values: [String: String]) -> ByteBuffer {
        let values = values.mapValues(\.escapedForHTML)
        var page = ByteBuffer()
        page.reserveCapacity(self.length + 1024)
        for part in self.parts {
            switch part {
            case .text(let text): page.writeImmutableBuffer(text)
            case .hole(let name): page.writeString(values[name] ?? "")
            }
        }
        return page
    }
}
