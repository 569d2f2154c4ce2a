import Foundation
import Kernel

extension Message {
    /// The whole mail as RFC 5322 wants it, lines ended by CR LF, ASCII only.
    /// - Parameters:
    ///   - from: whose domain the Message-ID takes.
    ///   - date: of this try.
    package func bytes(from: EmailAddress, date: Date) -> Data {
        var lines = [
            "From: <\(from.rawValue)>",
            "To: <\(self.to.rawValue)>",
            "Subject: \(Self.headerText(self.subject))",
            "Date: \(Self.headerDate(date))",
            "Message-ID: <\(self.id.uuidString.lowercased())@\(from.domain)>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "Content-Language: \(self.language)",
            // Holiday notices would only tell third parties more.
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
        ]
        if let leave {
            lines.append("List-Unsubscribe: <\(leave)>")
            lines.append("List-Unsubscribe-Post: List-Unsubscribe=One-Click")
        }
        let body = Data(self.text.replacing("\n", with: "\r\n").utf8)
        let coded = body.base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
        return Data((lines.joined(separator: "\r\n") + "\r\n\r\n" + coded + "\r\n").utf8)
    }

    /// RFC 2047: plain where that is the same, else words of base64 that never cut a character, a line each.
    static func headerText(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && text.utf8.count <= 66
        if isPlain, !text.contains("=?"), text.trimmed == text { return text }
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(UTF8.encode(scalar)!)
            // 39 bytes are 52 signs; with the frame and the header's name that stays under 76.
            if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }

    /// `Wed, 25 Nov 2026 14:05:09 +0000`
    static func headerDate(_ date: Date) -> String {
        let day = Day(date)
        let (year, month, number) = day.parts
        let seconds = Int(date.timeIntervalSince1970.rounded(.down)) - day.number * 86_400
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        // The first of January 1970 was a Thursday.
        let week = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(week[(day.number % 7 + 7) % 7]), \(number) \(months[month - 1]) \(year) "
            + "\(padded(seconds / 3600)):\(padded(seconds % 3600 / 60)):\(padded(seconds % 60)) +0000"
    }
}
