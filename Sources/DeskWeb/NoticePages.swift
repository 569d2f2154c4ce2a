import Casework
import Hummingbird
import Identity
import Kernel
import Notifications
import WebSupport

/// `/{language}/avis`: for which cases one's account gets a mail that says nothing but that there is one.
struct NoticePages: Sendable {
    let desk: Desk

    static let keys =
        NoticeLevel.allCases.flatMap { ["desk.notices.\($0.rawValue).name", "desk.notices.\($0.rawValue).text"] }
        + ["desk.notices.title", "desk.notices.done"]

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("avis") { request, context in try await self.page(context, flash: request.query("ok") != nil) }
        group.post("avis", use: self.choose)
    }

    private func require(_ context: DeskContext) throws {
        guard !DeskAccess(principal: context.session.principal, unitKeys: [:]).units.isEmpty else {
            throw DomainError.forbidden
        }
    }

    private func page(_ context: DeskContext, flash: Bool) async throws -> Response {
        try self.require(context)
        let language = context.language
        let texts = self.desk.texts(language)
        let notifications = self.desk.notifications
        let chosen = try await notifications?.level(of: context.session.principal.id) ?? .none
        let view = NoticeView(
            layout: self.desk.shell.layout(
                language,
                path: "avis",
                title: texts.text("desk.notices.title"),
                isPersonal: true,
                navigation: context.navigation
            ),
            isOffered: notifications?.isOffered == true,
            action: "/\(language)/avis",
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            flash: flash ? texts.text("desk.notices.done") : nil,
            levels: NoticeLevel.allCases.reversed().map {
                NoticeView.Level(
                    id: $0.rawValue,
                    name: texts.text("desk.notices.\($0.rawValue).name"),
                    text: texts.text("desk.notices.\($0.rawValue).text"),
                    isChosen: $0 == chosen
                )
            }
        )
        return try self.desk.pages.render("desk.notices", view, language)
    }

    private func choose(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        try self.require(context)
        guard let notifications = self.desk.notifications, notifications.isOffered else {
            throw DomainError.unavailable("notification.not-offered")
        }
        guard let level = form["level"].flatMap(NoticeLevel.init(rawValue:)) else {
            throw DomainError.invalid(InputErrors("error.choose", for: "level"))
        }
        try await notifications.choose(level, in: context.language, by: context.session.principal)
        return .redirect(to: "/\(context.language)/avis?ok=1", type: .normal)
    }
}

private struct NoticeView {
    let layout: Layout
    let isOffered: Bool
    let action: String
    let formToken: String
    let flash: String?
    let levels: [Level]

    struct Level {
        let id: String
        let name: String
        let text: String
        let isChosen: Bool
    }
}
