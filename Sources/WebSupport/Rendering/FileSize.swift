import Kernel

/// How large a file is, in the words of a language.
package enum FileSize {
    package static let keys = ["file.size.small", "file.size.large"]

    /// Kilobytes rounded up, from a million bytes on megabytes with one decimal.
    package static func text(_ bytes: Int, _ texts: Translations) -> String {
        if bytes < 1_000_000 { return texts.text("file.size.small", ["number": String((bytes + 999) / 1000)]) }
        let tenths = (bytes + 50_000) / 100_000
        let separator = texts.language == .english ? "." : ","
        return texts.text("file.size.large", ["number": "\(tenths / 10)\(separator)\(tenths % 10)"])
    }
}
