import DataFiles
import Foundation
import Kernel

/// A text of the site in one language: a guide, a page or a piece of news, as its Markdown file has it.
package struct Article: Sendable {
    package enum Kind: String, Decodable, Sendable { case guide, page, news }
    package enum Translation: String, Decodable, Sendable { case published, inReview = "in-review" }
    package enum Severity: String, Decodable, Sendable { case info, warning }

    package struct Source: Decodable, Sendable {
        package let title: String
        package let url: String
        package let checkedOn: Day

        enum CodingKeys: String, CodingKey {
            case title, url
            case checkedOn = "checked_on"
        }
    }

    struct FrontMatter: Decodable {
        let title: String
        let summary: String
        let kind: Kind
        let audience: [String]?
        let topic: String?
        let icon: String?
        let order: Int?
        let licence: String
        let sourceLanguage: Language
        let revision: Int
        let reviewedOn: Day
        let translation: Translation
        let doNow: [String]?
        let sources: [Source]?
        let date: Day?
        let severity: Severity?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case title, summary, kind, audience, topic, icon, order, licence, revision, translation, sources, date,
                severity
            case sourceLanguage = "source_language"
            case reviewedOn = "reviewed_on"
            case doNow = "do_now"
        }
    }

    package let slug: String
    package let language: Language
    package let kind: Kind
    package let title: String
    package let summary: String
    package let icon: String
    package let topic: String
    package let order: Int
    package let licence: String
    package let sourceLanguage: Language
    package let revision: Int
    package let reviewedOn: Day
    package let translation: Translation
    package let doNow: [String]
    package let sources: [Source]
    /// News only.
    package let date: Day?
    package let severity: Severity
    /// Markdown.
    package let body: String

    /// - Parameter name: `content/guides/SLUG.LANG.md`
    package init(name: String, source: String) throws(FileFaults) {
        let parts = (name.split(separator: "/").last ?? "").split(separator: ".")
        guard parts.count == 3, let language = Language(rawValue: String(parts[1])) else {
            throw FileFaults([FileFault(name, "is not named SLUG.LANGUAGE.md")])
        }
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == "---", let end = lines.dropFirst().firstIndex(of: "---") else {
            throw FileFaults([FileFault(name, line: 1, "does not begin with front matter between two lines “---”")])
        }
        // The blank first line keeps the line numbers of faults those of the file.
        let header = YAMLFile(name: name, source: "\n" + lines[1..<end].joined(separator: "\n"))
        let matter = try header.decode(FrontMatter.self)
        self.slug = String(parts[0])
        self.language = language
        self.kind = matter.kind
        self.title = matter.title
        self.summary = matter.summary
        self.icon = matter.icon ?? "book"
        self.topic = matter.topic ?? ""
        self.order = matter.order ?? 1000
        self.licence = matter.licence
        self.sourceLanguage = matter.sourceLanguage
        self.revision = matter.revision
        self.reviewedOn = matter.reviewedOn
        self.translation = matter.translation
        self.doNow = matter.doNow ?? []
        self.sources = matter.sources ?? []
        self.date = matter.date
        self.severity = matter.severity ?? .info
        self.body = lines[(end + 1)...].joined(separator: "\n").trimmed
        if matter.kind == .news, matter.date == nil {
            throw FileFaults([FileFault(name, line: 1, "news needs a date")])
        }
        if self.body.isEmpty { throw FileFaults([FileFault(name, "has no text")]) }
    }
}
