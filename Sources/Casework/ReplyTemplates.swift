import DataFiles
import Foundation
import Kernel

/// Ready answers, as `replies/replies.yaml` has them.
package struct ReplyTemplate: Decodable, Sendable {
    package let id: String
    package let title: LocalizedText
    package let text: LocalizedText
    /// Those it is offered for; none means all.
    package let categories: [String]

    private enum CodingKeys: String, CodingKey, CaseIterable { case id, title, text, categories }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.title = try container.decode(LocalizedText.self, forKey: .title)
        self.text = try container.decode(LocalizedText.self, forKey: .text)
        self.categories = try container.decodeIfPresent([String].self, forKey: .categories) ?? []
    }

    package func suits(_ category: String) -> Bool { self.categories.isEmpty || self.categories.contains(category) }

    /// - Parameter folder: `Resources/`
    package static func load(resources folder: URL) throws(FileFaults) -> [ReplyTemplate] {
        let file = try YAMLFile(folder: folder, name: "replies/replies.yaml")
        let templates = try file.decode([ReplyTemplate].self)
        var faults: [FileFault] = []
        for (index, template) in templates.enumerated() {
            for language in [Language.french, .arabic, .english]
            where template.title[language] == nil || template.text[language] == nil {
                faults.append(
                    FileFault(
                        file.name,
                        line: file.line(of: [String(index)]),
                        "“\(template.id)” has no text in \(language)"
                    )
                )
            }
        }
        if !faults.isEmpty { throw FileFaults(faults) }
        return templates
    }
}
