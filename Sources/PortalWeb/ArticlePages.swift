import Content
import Country
import Documents
import Hummingbird
import Kernel
import WebSupport

/// Guides, news and the site's own pages: the same for everybody, served from memory.
struct ArticlePages: Sendable {
    let portal: Portal
    let language: Language

    private static let sitePages = ["a-propos": "about", "vie-privee": "privacy", "accessibilite": "accessibility"]

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("guides", use: self.guides)
        group.get("guides/:slug", use: self.guide)
        group.get("actualites/:slug", use: self.news)
        group.get("contacts", use: self.contacts)
        for (path, slug) in Self.sitePages {
            group.get(RouterPath(path)) { request, _ in try self.article(.page, slug, path, request) }
        }
    }

    private func guides(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try self.portal.published.response("\(self.language)/guides", request, language: self.language) {
            let texts = self.portal.texts(self.language)
            let page = GuidesPage(
                layout: self.portal.shell.layout(self.language, path: "guides", title: texts.text("nav.guides")),
                guides: self.portal.content.guides(self.language).map(self.link)
            )
            return try self.portal.pages.html("portal.guides", page, self.language)
        }
    }

    private func guide(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let slug = try context.parameters.require("slug")
        return try self.article(.guide, slug, "guides/\(slug)", request)
    }

    private func news(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let slug = try context.parameters.require("slug")
        return try self.article(.news, slug, "actualites/\(slug)", request)
    }

    private func article(_ kind: Article.Kind, _ slug: String, _ path: String, _ request: Request) throws -> Response {
        guard let article = self.portal.content.article(kind, slug, self.language) else { throw DomainError.notFound }
        if let wanted = request.query("taille").flatMap(TextSize.init) {
            var response = Response.redirect(to: "/\(self.language)/\(path)", type: .normal)
            wanted.remember(on: &response)
            return response
        }
        let size = TextSize(request)
        let key = "\(self.language)/\(path)#\(size.rawValue)"
        var response = try self.portal.published.response(key, request, language: self.language) {
            try self.render(article, path, size)
        }
        response.headers[.vary] = "Accept-Encoding, Cookie"
        return response
    }

    private func render(_ article: Article, _ path: String, _ size: TextSize) throws -> String {
        let texts = self.portal.texts(self.language)
        let dates = self.portal.dates(self.language)
        let others =
            article.kind == .guide
            ? self.portal.content.guides(self.language).filter { $0.slug != article.slug }.prefix(5).map(self.link) : []
        let page = ArticlePage(
            layout: self.portal.shell.layout(self.language, path: path, title: article.title, textSize: size.rawValue),
            address: "\(self.portal.settings.origin)/\(self.language)/\(path)",
            sizes: TextSize.allCases.map { other in
                ArticlePage.Size(
                    href: "/\(self.language)/\(path)?taille=\(other.rawValue)",
                    label: texts.text("guides.size.\(other.rawValue)"),
                    isCurrent: other == size
                )
            },
            lang: article.language == self.language ? nil : article.language.rawValue,
            dir: article.language.direction,
            isGuide: article.kind == .guide,
            isDraft: article.translation == .inReview,
            isPrivacy: article.slug == "privacy",
            title: article.title,
            summary: article.summary,
            minutes: article.kind == .page ? nil : texts.plural("guides.minutes", Markdown.minutesToRead(article.body)),
            reviewed: texts.text("guides.reviewed", ["date": dates.day(article.date ?? article.reviewedOn)]),
            hasDoNow: !article.doNow.isEmpty,
            doNow: article.doNow,
            body: Markdown.html(article.body),
            operatorName: self.portal.settings.operatorName ?? texts.text("operator.not-declared"),
            retention: self.portal.retention("privacy", self.language),
            declaration: self.portal.settings.operatorDeclaration ?? texts.text("privacy.not-declared"),
            hasSources: !article.sources.isEmpty,
            sources: article.sources.filter { $0.url.hasPrefix("https://") || $0.url.hasPrefix("http://") }.map {
                ArticlePage.Source(
                    title: $0.title,
                    url: $0.url,
                    checked: texts.text("guides.checked", ["date": dates.day($0.checkedOn)])
                )
            },
            hasOthers: !others.isEmpty,
            others: Array(others)
        )
        return try self.portal.pages.html("portal.article", page, self.language)
    }

    private func link(_ article: Article) -> GuideLink {
        GuideLink(
            href: "/\(self.language)/guides/\(article.slug)",
            icon: article.icon,
            title: article.title,
            summary: article.summary,
            lang: article.language == self.language ? nil : article.language.rawValue
        )
    }

    private func contacts(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try self.portal.published.response("\(self.language)/contacts", request, language: self.language) {
            let texts = self.portal.texts(self.language)
            let dates = self.portal.dates(self.language)
            let page = ContactsPage(
                layout: self.portal.shell.layout(self.language, path: "contacts", title: texts.text("nav.contacts")),
                contacts: self.portal.country.directory.filter(\.isSourced).map {
                    ContactView($0, self.language, dates, texts)
                }
            )
            return try self.portal.pages.html("portal.contacts", page, self.language)
        }
    }
}

private struct GuideLink {
    let href: String
    let icon: String
    let title: String
    let summary: String
    let lang: String?
}

private struct GuidesPage {
    let layout: Layout
    let guides: [GuideLink]
}

private struct ContactsPage {
    let layout: Layout
    let contacts: [ContactView]
}

private struct ArticlePage {
    let layout: Layout
    let address: String
    let sizes: [Size]
    let lang: String?
    let dir: String
    let isGuide: Bool
    let isDraft: Bool
    let isPrivacy: Bool
    let title: String
    let summary: String
    let minutes: String?
    let reviewed: String
    let hasDoNow: Bool
    let doNow: [String]
    let body: String
    let operatorName: String
    let retention: String
    let declaration: String
    let hasSources: Bool
    let sources: [Source]
    let hasOthers: Bool
    let others: [GuideLink]

    struct Size {
        let href: String
        let label: String
        let isCurrent: Bool
    }

    struct Source {
        let title: String
        let url: String
        let checked: String
    }
}
