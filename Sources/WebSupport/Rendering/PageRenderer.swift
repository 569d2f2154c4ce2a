import DataFiles
import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Mustache
import NIOCore

/// Renders view structs into pages. One compiled template library per language; no text is looked up at run time except
/// those whose key is made of a code.
package struct PageRenderer: Sendable {
    private let libraries: [Language: MustacheLibrary]
    private let translations: [Language: Translations]
    private let icons: IconSet

    package init(resources folder: URL, languages: [Language]) throws(FileFaults) {
        var libraries: [Language: MustacheLibrary] = [:]
        var translations: [Language: Translations] = [:]
        var faults: [FileFault] = []
        for language in languages {
            do throws(FileFaults) {
                let texts = try Translations.load(language, resources: folder)
                translations[language] = texts
                libraries[language] = try TemplateLibrary.load(texts, resources: folder)
            } catch {
                faults += error.items
            }
        }
        if !faults.isEmpty { throw FileFaults(faults) }
        self.libraries = libraries
        self.translations = translations
        self.icons = try IconSet(resources: folder)
    }

    package func texts(_ language: Language) -> Translations {
        self.translations[language] ?? Translations(language: language, texts: [:])
    }

    package var languages: [Language] { Language.allCases.filter { self.libraries[$0] != nil } }

    /// Keys that code composes; a missing one stops the start-up like any other.
    package func require(_ keys: [String]) throws(FileFaults) {
        let faults = self.translations.values.flatMap { texts in
            keys.filter { texts.find($0) == nil }.map {
                FileFault("locales/\(texts.language)", "the text “\($0)” is missing")
            }
        }
        if !faults.isEmpty { throw FileFaults(faults) }
    }

    /// Texts with plural forms; every category of the language must be there.
    package func requirePlurals(_ keys: [String]) throws(FileFaults) {
        for texts in self.translations.values {
            let wanted = keys.flatMap { key in PluralCategory.all(in: texts.language).map { "\(key).\($0.rawValue)" } }
            let faults = wanted.filter { texts.find($0) == nil }.map {
                FileFault("locales/\(texts.language)", "the text “\($0)” is missing")
            }
            if !faults.isEmpty { throw FileFaults(faults) }
        }
    }

    package struct MissingTemplate: Error { let name: String }

    package func html(_ template: String, _ model: Any, _ language: Language) throws -> String {
        guard let html = self.libraries[language]?.render(ViewNode.of(model) ?? model, withTemplate: template) else {
            throw MissingTemplate(name: template)
        }
        return self.icons.addingSprite(to: html)
    }

    /// A page for one person, kept by nobody.
    package func render(
        _ template: String,
        _ model: Any,
        _ language: Language,
        status: HTTPResponse.Status = .ok
    ) throws -> Response {
        self.response(ByteBuffer(string: try self.html(template, model, language)), language, status: status)
    }

    /// The same for a page that is rendered already.
    package func response(_ page: ByteBuffer, _ language: Language, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .contentLanguage: language.rawValue,
                .cacheControl: "no-store",
            ],
            body: .init(byteBuffer: page)
        )
    }
}
