import Content
import Country
import Foundation
import HTTPTypes
import Hummingbird
import Intake
import Kernel
import NIOCore
import WebSupport

/// What is not a page of a language: the entrance, files, the quick exit, and what programs ask for.
struct SitePages: Sendable {
    let portal: Portal

    func addRoutes(to router: Router<AppRequestContext>) {
        router.get("/", use: self.entrance)
        router.get("verify") { request, context in Response.redirect(to: "/\(context.language)/verify", type: .normal) }
        router.get("quitter", use: self.quit)
        router.get("assets/:name", use: self.asset)
        router.get("robots.txt", use: self.robots)
        router.get("sitemap.xml", use: self.sitemap)
        router.get(".well-known/security.txt", use: self.securityText)
        for language in self.portal.pages.languages {
            router.get(RouterPath("\(language)/flux.xml")) { request, _ in try self.feed(language, request) }
            if self.portal.settings.showsVisit {
                router.get(RouterPath("\(language)/visite")) { _, _ in try self.visit(language) }
            }
        }
    }

    private func entrance(_ request: Request, _ context: AppRequestContext) -> Response {
        var response = Response.redirect(to: "/\(context.language)/", type: .normal)
        response.headers[.vary] = "Accept-Language"
        return response
    }

    /// Leaves for a neutral site at once and takes cookies and storage along. The history stays, and the privacy page
    /// says so.
    private func quit(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        if let token = FollowUpPages.cookie.token(in: request) { try await self.portal.intake.end(token) }
        var response = Response.redirect(to: self.portal.country.profile.quickExit.url, type: .normal)
        response.headers[.clearSiteData] = "\"cookies\", \"storage\", \"cache\""
        response.headers[.referrerPolicy] = "no-referrer"
        return response
    }

    private func asset(_ request: Request, _ context: AppRequestContext) throws -> Response {
        guard let response = self.portal.assets.response(try context.parameters.require("name"), request) else {
            throw DomainError.notFound
        }
        return response
    }

    private func robots(_ request: Request, _ context: AppRequestContext) -> Response {
        let rules =
            self.portal.settings.isDemo
            ? "User-agent: *\nDisallow: /\n"
            : "User-agent: *\n"
                + self.portal.pages.languages.map {
                    "Disallow: /\($0)/aide\nDisallow: /\($0)/suivi\nDisallow: /\($0)/signaler\n"
                }.joined()
                + "Sitemap: \(self.portal.settings.origin)/sitemap.xml\n"
        return self.portal.published.response("robots.txt", request, type: "text/plain; charset=utf-8") { rules }
    }

    private func sitemap(_ request: Request, _ context: AppRequestContext) -> Response {
        self.portal.published.response("sitemap.xml", request, type: "application/xml; charset=utf-8") {
            let paths =
                ["", "aide", "signaler", "suivi", "guides", "contacts", "a-propos", "vie-privee", "accessibilite"]
                + self.portal.content.guideSlugs.sorted().map { "guides/\($0)" }
            let urls = paths.flatMap { path in
                self.portal.pages.languages.map { "<url><loc>\(self.portal.settings.origin)/\($0)/\(path)</loc></url>" }
            }
            return
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
                + urls.joined(separator: "\n") + "\n</urlset>\n"
        }
    }

    /// RFC 9116. Without a declared contact there is none, rather than a wrong one.
    private func securityText(_ request: Request, _ context: AppRequestContext) throws -> Response {
        guard let contact = self.portal.settings.operatorContact else { throw DomainError.notFound }
        let expires = (self.portal.clock.today() + 180).rawValue
        let contactURI = contact.contains("://") ? contact : "mailto:\(contact)"
        let text =
            "Contact: \(contactURI)\nExpires: \(expires)T00:00:00Z\nPreferred-Languages: fr, ar, en\n"
            + "Canonical: \(self.portal.settings.origin)/.well-known/security.txt\n"
        return self.portal.published.response("security.txt \(expires)", request, type: "text/plain; charset=utf-8") {
            text
        }
    }

    /// Atom (RFC 4287).
    private func feed(_ language: Language, _ request: Request) throws -> Response {
        self.portal.published.response(
            "\(language)/flux.xml",
            request,
            type: "application/atom+xml; charset=utf-8",
            language: language
        ) {
            let origin = self.portal.settings.origin
            let texts = self.portal.texts(language)
            let news = self.portal.content.news(language)
            let updated = news.first?.date ?? Day(number: 0)
            let entries = news.map { item in
                let address = "\(origin)/\(language)/actualites/\(item.slug)"
                return """
                    <entry xml:lang="\(item.language)"><id>\(address)</id><title>\(item.title.escapedForHTML)</title>\
                    <link href="\(address)"/><updated>\((item.date ?? updated).rawValue)T00:00:00Z</updated>\
                    <summary>\(item.summary.escapedForHTML)</summary></entry>
                    """
            }
            return """
                <?xml version="1.0" encoding="UTF-8"?>
                <feed xmlns="http://www.w3.org/2005/Atom" xml:lang="\(language)"><id>\(origin)/\(language)/flux.xml</id>\
                <title>Cyberconfiance · \(texts.text("home.news").escapedForHTML)</title>\
                <updated>\(updated.rawValue)T00:00:00Z</updated><author><name>Cyberconfiance</name></author>\
                <link rel="self" href="\(origin)/\(language)/flux.xml"/>
                \(entries.joined(separator: "\n"))
                </feed>

                """
        }
    }

    private func visit(_ language: Language) throws -> Response {
        let page = VisitPage(
            layout: self.portal.shell.layout(
                language,
                path: "visite",
                title: self.portal.texts(language).text("page.visit"),
                isPersonal: true
            ),
            desk: "\(self.portal.settings.deskOrigin)/\(language)/visite"
        )
        return try self.portal.pages.render("portal.visit", page, language)
    }

    private struct VisitPage {
        let layout: Layout
        let desk: String
    }
}
