import DataFiles
import Foundation

/// The symbols of `public/icons.svg`. A page carries those it uses, in one hidden element at its end, so that no request
/// is needed for them.
struct IconSet: Sendable {
    private let symbols: [String: String]

    init(resources folder: URL) throws(FileFaults) {
        let source = try YAMLFile(folder: folder, name: "public/icons.svg").source
        var symbols: [String: String] = [:]
        for match in source.matches(of: /<symbol id="(i-[a-z0-9-]+)".*?<\/symbol>/.dotMatchesNewlines()) {
            symbols[String(match.output.1)] = String(match.output.0)
        }
        self.symbols = symbols
    }

    func addingSprite(to html: String) -> String {
        let bytes = Array(html.utf8)
        let needle = Array("href=\"#i-".utf8)
        var used: Set<String> = []
        var index = 0
        while let start = bytes.firstIndex(of: UInt8(ascii: "#"), from: index) {
            index = start + 1
            guard start >= 6,
                bytes[(start - 6)..<(start + 3 <= bytes.count ? start + 3 : bytes.count)].elementsEqual(needle),
                let end = bytes.firstIndex(of: UInt8(ascii: "\""), from: start)
            else { continue }
            used.insert(String(decoding: bytes[(start + 1)..<end], as: UTF8.self))
        }
        guard let end = html.range(of: "</body>", options: .backwards) else { return html }
        let symbols = used.sorted().compactMap { self.symbols[$0] }.joined()
        return html[..<end.lowerBound]
            + "<svg class=\"sprite\" aria-hidden=\"true\" focusable=\"false\">\(symbols)</svg>"
            + html[end.lowerBound...]
    }
}

extension [UInt8] {
    fileprivate func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        start < self.count ? self[start...].firstIndex(of: byte) : nil
    }
}
