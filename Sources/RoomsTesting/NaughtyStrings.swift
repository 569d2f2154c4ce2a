import Foundation

/// Strings that broke other programs: some of our own, and those of others where `CONFORMANCE_DATA` names their folder.
package enum NaughtyStrings {
    package static let own =
        [
            "", " ", "\0", "\u{1}\u{2}", "a\0b", "\r\n\r\nSet-Cookie: a=b", "%", "%%", "%0", "%zz", "%00", "%2e%2e%2f",
            "../../../../etc/passwd", "{{layout}}", "{{{.}}}", "{{#t}}page.help{{/t}}", "{count}", "${7*7}", "#{7*7}",
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE report; --", "' OR 1=1 --",
            "\u{feff}", "\u{202e}txt.exe", "\u{2066}\u{2069}\u{200f}\u{200e}", "é", "e\u{301}", "👩‍👩‍👧‍👦",
            "\u{fdfa}", "ﷺ", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳", "０１２３", "½", "²", "Ⅻ", "一二三", "NaN", "inf", "-1", "+1", "1e309",
            "0x10", "99999999999999999999999999", "-9223372036854775808", "null", "undefined", "true", "[]", "{}",
            "://", "http://", "http:///", "http://@", "http://:80", "http://a:b@", "http://[", "http://[::1]/",
            "http://.", "http://..", "http://a..b", "http://a.b:99999999999/", "//", "hxxp://", "[.]", "(.)", "@", "@@",
            "a@b@c", "+", "++212", "+212", "00", "0", "(", "()", "MA", "MA00", "\u{2028}", "\u{2029}", "\u{85}",
            "\u{7f}",
            "i\u{307}", "ß", "ı", "İ", "\u{1f468}\u{200d}", "\u{e0001}", "\u{10ffff}", "\u{fffd}", "\u{fffe}",
        ] + [
            String(repeating: "a", count: 10_000), String(repeating: "\u{301}", count: 5_000),
            String(repeating: "9", count: 5_000),
            String(repeating: "%", count: 3_000), String(repeating: "a.", count: 3_000),
            "http://" + String(repeating: "a@", count: 3_000) + "b.c", String(repeating: "\u{0663}", count: 300),
        ]

    /// Those of others.
    package enum Others: Sendable {
        case strings([String])
        /// With the reason.
        case absent(String)
    }

    package static let others: Others = {
        guard let folder = ProcessInfo.processInfo.environment["CONFORMANCE_DATA"], !folder.isEmpty else {
            return .absent("CONFORMANCE_DATA is not set: the naughty strings of others were NOT tried")
        }
        let file = "\(folder)/naughty-strings/blns-even.json"
        guard let data = FileManager.default.contents(atPath: file),
            let strings = try? JSONDecoder().decode([String].self, from: data), !strings.isEmpty
        else { return .absent("\(file) cannot be read: the naughty strings of others were NOT tried") }
        return .strings(strings)
    }()

    /// All that there are here.
    package static let all: [String] =
        if case .strings(let others) = Self.others { Self.own + others } else { Self.own }

    /// In continuous integration the strings of others have to be there.
    package static let isRequired = ProcessInfo.processInfo.environment["CI"] == "true"
}
