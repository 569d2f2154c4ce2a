import DataFiles
import Foundation
import Kernel

/// The texts of the site: guides, pages and news, in the languages they exist in.
package struct Content: Sendable {
    private let articles: [Article.Kind: [String: [Language: Article]]]

    package init(_ articles: [Article]) {
        var byKind: [Article.Kind: [String: [Language: Article]]] = [:]
        for article in articles {
            byKind[article.kind, default: [:]][article.slug, default: [:]][article.language] = article
        }
        self.articles = byKind
    }

    /// - Parameter folder: `Resources/`
    package static func load(resources folder: URL) throws(FileFaults) -> Content {
        var faults: [FileFault] = []
        var articles: [Article] = []
        for part in ["guides", "pages", "news"] {
            for name in YAMLFile.names(in: folder, under: "content/\(part)", ending: ".md") {
                do throws(FileFaults) {
                    articles.append(try Article(name: name, source: try YAMLFile(folder: folder, name: name).source))
                } catch {
                    faults += error.items
                }
            }
        }
        let content = Content(articles)
        faults += content.missingLanguages()
        if !faults.isEmpty { throw FileFaults(faults) }
        return content
    }

    /// The article in this language, or in the nearest one it exists in.
    package func article(_ kind: Article.Kind, _ slug: String, _ language: Language) -> Article? {
        guard let versions = self.articles[kind]?[slug] else { return nil }
        for candidate in language.fallbacks { if let article = versions[candidate] { return article } }
        return nil
    }

    /// Guides in the order the editors gave them.
    package func guides(_ language: Language) -> [Article] {
        self.all(.guide, language).sorted { ($0.order, $0.slug) < ($1.order, $1.slug) }
    }

    /// Newest first.
    package func news(_ language: Language) -> [Article] {
        self.all(.news, language).sorted { ($0.date ?? Day(number: 0), $0.slug) > ($1.date ?? Day(number: 0), $1.slug) }
    }

    package var guideSlugs: Set<String> { Set(self.articles[.guide, default: [:]].keys) }
    package var pageSlugs: Set<String> { Set(self.articles[.page, default: [:]].keys) }

    private func all(_ kind: Article.Kind, _ language: Language) -> [Article] {
        self.articles[kind, default: [:]].keys.compactMap { self.article(kind, $0, language) }
    }

    private func missingLanguages() -> [FileFault] {
        var faults: [FileFault] = []
        let folders: [Article.Kind: String] = [.guide: "guides", .page: "pages", .news: "news"]
        for (kind, slugs) in self.articles {
            for (slug, versions) in slugs {
                for language in [Language.french, .arabic, .english] where versions[language] == nil {
                    faults.append(FileFault("content/\(folders[kind] ?? "")/\(slug).\(language).md", "is missing"))
                }
            }
        }
        return faults
    }
}
