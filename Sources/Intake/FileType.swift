import Foundation
import Kernel

/// What a file of a report may be: pictures, documents, recordings and mails that people save as evidence. Nothing that
/// a program runs, and nothing that holds other files.
package enum FileType: String, Codable, Sendable, CaseIterable {
    case jpeg = "image/jpeg"
    case png = "image/png"
    case webp = "image/webp"
    case gif = "image/gif"
    case heic = "image/heic"
    case pdf = "application/pdf"
    case text = "text/plain"
    case mp4 = "video/mp4"
    case threeGP = "video/3gpp"
    case quicktime = "video/quicktime"
    case ogg = "audio/ogg"
    case mp3 = "audio/mpeg"
    case m4a = "audio/mp4"
    case wav = "audio/wav"
    case eml = "message/rfc822"

    /// Other names libmagic has for them. It also takes prose for source text now and then: a chat that quotes a line of
    /// code is still a chat, and is only ever handed out as bytes.
    private static let others: [String: FileType] = [
        "image/heif": .heic, "video/3gpp2": .threeGP, "application/ogg": .ogg, "audio/x-m4a": .m4a,
        "audio/x-wav": .wav, "text/csv": .text, "text/troff": .text, "text/x-c": .text, "text/x-c++": .text,
        "text/x-java": .text, "text/x-asm": .text, "text/x-diff": .text, "text/x-fortran": .text, "text/x-tex": .text,
        "application/x-empty": .text,
    ]

    /// - Parameter detected: as libmagic names it.
    package init?(detected: String) {
        guard let type = FileType(rawValue: detected) ?? Self.others[detected] else { return nil }
        self = type
    }

    /// Of a single byte libmagic says nothing.
    init?(tiny head: Data) {
        let isText = head.allSatisfy { (0x20..<0x7f).contains($0) || [9, 10, 13].contains($0) }
        guard head.count < 2, isText else { return nil }
        self = .text
    }

    /// Endings that a system opens as this type. The first one is added where a name has none of them.
    var endings: [String] {
        switch self {
        case .jpeg: ["jpg", "jpeg"]
        case .png: ["png"]
        case .webp: ["webp"]
        case .gif: ["gif"]
        case .heic: ["heic", "heif"]
        case .pdf: ["pdf"]
        case .text: ["txt", "csv", "log", "md"]
        case .mp4: ["mp4", "m4v"]
        case .threeGP: ["3gp", "3g2"]
        case .quicktime: ["mov", "qt"]
        case .ogg: ["ogg", "oga", "opus"]
        case .mp3: ["mp3"]
        case .m4a: ["m4a"]
        case .wav: ["wav"]
        case .eml: ["eml"]
        }
    }
}

/// The name a file had with its sender. Shown and offered for saving, never a part of a path of ours.
enum FileName {
    private static let longest = 120
    /// They turn the reading direction: `exe.gpj` can be made to look like `jpg.exe` and the other way round.
    private static let direction: Set<UInt32> = [
        0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
    ]

    /// Without folders, control characters and characters that turn the reading direction, and not longer than is
    /// sensible; the end of the name, where its kind is said, is kept.
    static func cleaned(_ raw: String) -> String {
        let last = raw.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: last.unicodeScalars.filter { !$0.isControl && !Self.direction.contains($0.value) })
        let name = String(scalars).trimmed
        if name.isEmpty || name.allSatisfy({ $0 == "." }) { return "file" }
        // Combining marks are free in a count of characters.
        guard name.count > Self.longest || name.utf8.count > Self.longest * 4 else { return name }
        let ending = name.split(separator: ".").last.map { $0.utf8.count <= 8 ? ".\($0)" : "" } ?? ""
        var kept = String(name.prefix(Self.longest - ending.count))
        while kept.utf8.count > Self.longest * 4 { kept.removeLast() }
        return kept + ending
    }
}
