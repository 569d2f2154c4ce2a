import Content
import Hummingbird
import Kernel
import WebSupport

/// `/{language}/`: the same for everybody, served from memory.
struct HomePages: Sendable {
    let portal: Portal
    let language: Language

    /// The situations of the home page, with their icon and where they lead: into guided help, or to a form by its number.
    private static let tiles: [(key: String, icon: String, path: String)] = [
        ("images", "photo", "aide"), ("codes", "hook", "aide"), ("money", "card", "aide"), ("account", "key", "aide"),
        ("harassment", "hurt", "aide"), ("child", "child", "aide"), ("seen", "flag", "aide"),
        ("child-abuse", "shield", "signaler?f=10"), ("violence", "hand", "aide"), ("question", "chat", "signaler?f=14"),
        ("organisation", "build", "aide"), ("unsure", "help", "aide"),
    ]

    static let keys = Self.tiles.flatMap { ["home.tile.\($0.key).title", "home.tile.\($0.key).text"] } + ["home.page-title"]

    private struct Page {
        let layout: Layout
        let tiles: [Tile]
        let guides: [Link]
        let news: [Link]

        struct Tile {
            let href: String
            let icon: String
            let title: String
            let text: String
        }

        struct Link {
            let href: String
            let icon: String
            let title: String
            let lang: String?
            let day: String
            let date: String
        }
    }

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("", use: self.home)
    }

    private func home(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try self.portal.published.response("\(self.language)/", request, language: self.language) { try self.render() }
    }

    private func render() throws -> String {
        let texts = self.portal.texts(self.language)
        let dates = self.portal.dates(self.language)
        let prefix = "/\(self.language)"
        let page = Page(
            layout: self.portal.shell.layout(self.language, path: "", title: texts.text("home.page-title")),
            tiles: Self.tiles.map {
                Page.Tile(
                    href: "\(prefix)/\($0.path)",
                    icon: $0.icon,
                    title: texts.text("home.tile.\($0.key).title"),
                    text: texts.text("home.tile.\($0.key).text")
                )
            },
            guides: self.portal.content.guides(self.language).prefix(4).map { guide in
                Page.Link(
                    href: "\(prefix)/guides/\(guide.slug)", icon: guide.icon, title: guide.title,
                    lang: guide.language == self.language ? nil : guide.language.rawValue, day: "", date: "")
            },
            news: self.portal.content.news(self.language).prefix(4).map { item in
                Page.Link(
                    href: "\(prefix)/actualites/\(item.slug)",
                    icon: item.severity == .warning ? "alert" : "info",
                    title: item.title,
                    lang: item.language == self.language ? nil : item.language.rawValue,
                    day: item.date?.rawValue ?? "",
                    date: item.date.map(dates.day) ?? ""
                )
            }
        )
        return try self.portal.pages.html("portal.home", page, self.language)
    }
}
