import Country
import Foundation
import Kernel

/// What every page needs around its content.
package struct Layout: Sendable {
    package struct LanguageLink: Sendable {
        let tag: String
        let name: String
        let href: String
        let isCurrent: Bool
    }

    package struct Number: Sendable {
        let name: String
        let number: String
    }

    let lang: String
    let dir: String
    /// 1 normal to 3 largest; the style sheet knows what that means.
    let textSize: Int
    let title: String
    let home: String
    let css: String
    let script: String
    let languages: [LanguageLink]
    let emergency: [Number]
    let isDemo: Bool
    /// No speaker has vouched for this language's texts yet.
    let isDraftLanguage: Bool
    let isDesk: Bool
    /// Sticky header with the exit always in reach.
    let stays: Bool
    let quitPath: String
    let quitLabel: String
    /// Absolute addresses for `hreflang`; empty on personal pages.
    let alternates: [LanguageLink]
    let nav: [NavigationLink]
    let operatorName: String
    let operatorContact: String?
}

package struct NavigationLink: Sendable {
    let href: String
    let label: String
    let isCurrent: Bool
}

/// Makes layouts: knows the site's address, its files and the country.
package struct Shell: Sendable {
    package enum Surface: Sendable { case portal, desk }

    private let surface: Surface
    private let origin: String
    private let isDemo: Bool
    private let country: Country
    private let assets: Assets
    private let translations: @Sendable (Language) -> Translations
    private let languages: [Language]
    private let operatorName: String?
    private let operatorContact: String?

    package init(
        _ surface: Surface,
        origin: String,
        isDemo: Bool,
        country: Country,
        assets: Assets,
        pages: PageRenderer,
        operatorName: String?,
        operatorContact: String?
    ) {
        self.surface = surface
        self.origin = origin
        self.isDemo = isDemo
        self.country = country
        self.assets = assets
        self.translations = { pages.texts($0) }
        self.languages = pages.languages
        self.operatorName = operatorName
        self.operatorContact = operatorContact
    }

    package static let portalNavigation = ["aide", "signaler", "suivi", "guides", "contacts"]
    package static let deskNavigation = ["dossiers", "garde", "voie-enfants", "equipe", "journal", "compte"]

    /// - Parameters:
    ///   - path: after the language, without a slash in front.
    ///   - query: kept by the language switch, with its question mark.
    ///   - isPersonal: for one person only, so no search engine is told of it.
    ///   - stays: distress flows keep the exit in reach.
    package func layout(
        _ language: Language,
        path: String,
        query: String = "",
        title: String,
        isPersonal: Bool = false,
        stays: Bool = false,
        navigation: Set<String>? = nil,
        textSize: Int = 1
    ) -> Layout {
        let texts = self.translations(language)
        let links = self.languages.map {
            Layout.LanguageLink(
                tag: $0.rawValue,
                name: $0.ownName,
                href: "/\($0)/\(path)\(query)",
                isCurrent: $0 == language
            )
        }
        let names = self.surface == .portal ? Self.portalNavigation : Self.deskNavigation
        let shown =
            navigation.map { allowed in names.filter(allowed.contains) } ?? (self.surface == .portal ? names : [])
        return Layout(
            lang: language.rawValue,
            dir: language.direction,
            textSize: textSize,
            title: title,
            home: "/\(language)/",
            css: self.assets.path("app.css"),
            script: self.assets.path("app.js"),
            languages: links,
            emergency: self.country.emergency.compactMap { entry in
                entry.phone.map { Layout.Number(name: (entry.short ?? entry.name).text(language), number: $0) }
            },
            isDemo: self.isDemo,
            isDraftLanguage: self.country.profile.draftLanguages.contains(language),
            isDesk: self.surface == .desk,
            stays: stays,
            quitPath: "/quitter",
            quitLabel: self.country.profile.quickExit.label.text(language),
            alternates: isPersonal
                ? []
                : links.map { .init(tag: $0.tag, name: $0.name, href: self.origin + $0.href, isCurrent: $0.isCurrent) },
            nav: shown.map {
                NavigationLink(
                    href: "/\(language)/\($0)",
                    label: texts.text("nav.\($0)"),
                    isCurrent: path == $0 || path.hasPrefix($0 + "/")
                )
            },
            operatorName: self.operatorName ?? texts.text("operator.not-declared"),
            operatorContact: self.operatorContact
        )
    }
}
