import HTTPTypes
import Hummingbird
import Intake
import Kernel
import Notifications
import Vault
import WebSupport

/// Being told by mail that there is news: the form on the open report, and the way out that a mail carries.
extension FollowUpPages {
    /// The form as the page shows it; absent where mail cannot leave.
    struct News {
        let action: String
        let stop: String
        /// The address in short; nothing while none is kept.
        let hint: String?
        let address: String
        let error: String?
        let isOpen: Bool
    }

    static let newsKeys = [
        "follow.flash.told", "follow.flash.untold", "news.leave.title", "news.leave.lead", "news.left.title",
        "news.left.lead",
    ]

    func addNewsRoutes(to group: RouterGroup<AppRequestContext>) {
        guard let notifications = self.portal.notifications, notifications.isOffered else { return }
        group.post("suivi/avis") { request, context in
            try await self.act(request, context, flash: "told", draft: { .init(address: $0["address"] ?? "") }) {
                form,
                visit in
                try await notifications.tellNews(
                    of: .init(rawValue: visit.report.id.rawValue),
                    at: form["address"],
                    in: context.language
                )
            }
        }
        group.post("suivi/avis/fin") { request, context in
            try await self.act(request, context, flash: "untold") { _, visit in
                try await notifications.stopNews(of: .init(rawValue: visit.report.id.rawValue))
            }
        }
        group.get("suivi/avis/quitter") { request, context in
            // Programs that look at every link of a mail come this way, so looking changes nothing.
            guard let token = request.query("t"), notifications.isLeaveLink(token) else { throw DomainError.notFound }
            return try self.leavePage(context.language, token: token)
        }
        // The link is the permission: mail programs post here by themselves (RFC 8058), without cookie, form or origin.
        // What the body says does not matter.
        group.post("suivi/avis/quitter") { request, context in
            guard let token = request.query("t"), try await notifications.leave(token) else {
                throw DomainError.notFound
            }
            return try self.leavePage(context.language, token: nil)
        }
    }

    func news(
        of visit: ReporterVisit,
        _ language: Language,
        errors: FormErrors,
        draft: FollowUpView.Draft
    ) async throws -> News? {
        guard let notifications = self.portal.notifications, notifications.isOffered else { return nil }
        let error = errors[Notifications.addressField]
        return News(
            action: "/\(language)/suivi/avis",
            stop: "/\(language)/suivi/avis/fin",
            hint: try await notifications.newsHint(of: .init(rawValue: visit.report.id.rawValue)),
            address: draft.address,
            error: error,
            isOpen: error != nil
        )
    }

    /// - Parameter token: of the link that asks; `nil` when it is done.
    private func leavePage(_ language: Language, token: String?) throws -> Response {
        let texts = self.portal.texts(language)
        let name = token == nil ? "news.left" : "news.leave"
        let page = LeavePage(
            layout: self.portal.shell.layout(
                language,
                path: token == nil ? "suivi" : "suivi/avis/quitter",
                query: token.map { "?t=\($0)" } ?? "",
                title: texts.text("\(name).title"),
                isPersonal: true,
                stays: true
            ),
            title: texts.text("\(name).title"),
            lead: texts.text("\(name).lead"),
            action: token.map { "/\(language)/suivi/avis/quitter?t=\($0)" }
        )
        return try self.portal.pages.render("portal.news-leave", page, language)
    }
}

private struct LeavePage {
    let layout: Layout
    let title: String
    let lead: String
    let action: String?
}
