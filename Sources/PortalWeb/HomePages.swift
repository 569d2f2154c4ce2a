import Content
import Hummingbird
import Intake
import Kernel
import WebSupport

/// `/{language}/`: the same for everybody, served from memory.
struct HomePages: Sendable {
    let portal: Portal
    let language: Language

    /// A situation of the home page. Its number stands in the address, which therefore tells nothing.
    struct Tile: Sendable {
        let key: String
        let icon: String
        let leads: Leads

        enum Leads: Sendable {
            /// Into guided help, with this much answered already.
            case help([String: String])
            /// To a questionnaire.
            case report(String)
        }
    }

    static let tiles = [
        Tile(key: "images", icon: "photo", leads: .help(["object": "images"])),
        Tile(key: "codes", icon: "hook", leads: .help(["object": "message"])),
        Tile(key: "money", icon: "card", leads: .help(["object": "money"])),
        Tile(key: "account", icon: "key", leads: .help(["object": "account"])),
        Tile(key: "harassment", icon: "hurt", leads: .help(["object": "attack"])),
        Tile(key: "child", icon: "child", leads: .help(["audience": "child"])),
        Tile(key: "seen", icon: "flag", leads: .help(["object": "seen"])),
        Tile(key: "child-abuse", icon: "shield", leads: .report("child-abuse")),
        Tile(key: "violence", icon: "hand", leads: .help(["object": "child"])),
        Tile(key: "question", icon: "chat", leads: .report("question")),
        Tile(key: "organisation", icon: "build", leads: .help(["audience": "sme"])),
        Tile(key: "unsure", icon: "help", leads: .help([:])),
    ]

    static let keys =
        Self.tiles.flatMap { ["home.tile.\($0.key).title", "home.tile.\($0.key).text"] } + ["home.page-title"]

    private struct Page {
        let layout: Layout
        let tiles: [TileView]
        let guides: [Link]
        let news: [Link]

        struct TileView {
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
            tiles: Self.tiles.enumerated().map { index, tile in
                let path: String =
                    switch tile.leads {
                    case .help(let known): known.isEmpty ? "aide" : "aide?d=\(index + 1)"
                    case .report(let kind):
                        ReportPages.number(of: kind, in: self.portal.intake.questionnaires).map { "signaler?f=\($0)" }
                            ?? "signaler"
                    }
                return Page.TileView(
                    href: "\(prefix)/\(path)",
                    icon: tile.icon,
                    title: texts.text("home.tile.\(tile.key).title"),
                    text: texts.text("home.tile.\(tile.key).text")
                )
            },
            guides: self.portal.content.guides(self.language).prefix(4).map { guide in
                Page.Link(
                    href: "\(prefix)/guides/\(guide.slug)",
                    icon: guide.icon,
                    title: guide.title,
                    lang: guide.language == self.language ? nil : guide.language.rawValue,
                    day: "",
                    date: ""
                )
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
