import Hummingbird
import Identity
import Kernel
import Storage
import WebSupport

/// `/{language}/journal`: who did what on which day, and whether the chain holds. Holds no content.
struct AuditPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("journal", use: self.show)
    }

    private func show(_ request: Request, _ context: DeskContext) async throws -> Response {
        try context.session.principal.require(.readAudit)
        let before = request.query("avant").flatMap { Int($0) } ?? Int.max
        let audit = self.desk.audit
        let (entries, verdict) = try await self.desk.database.read { tx in
            (try AuditLog.entries(tx, before: before, limit: 100), try audit.verify(tx))
        }
        let texts = self.desk.texts(context.language)
        let sentence =
            switch verdict {
            case .intact(let count): texts.text("desk.audit.intact", ["count": String(count)])
            case .broken(let seq, let why):
                texts.text("desk.audit.broken", ["number": String(seq), "why": why.rawValue])
            }
        let view = AuditView(
            layout: self.desk.shell.layout(
                context.language,
                path: "journal",
                title: texts.text("nav.journal"),
                isPersonal: true,
                navigation: context.navigation
            ),
            verdict: sentence,
            entries: entries.map {
                AuditView.Row(
                    number: $0.seq,
                    day: $0.day,
                    action: $0.action,
                    actor: String($0.actor.prefix(8)),
                    subject: String($0.subject.prefix(8))
                )
            },
            next: entries.count == 100 ? entries.last.map { "/\(context.language)/journal?avant=\($0.seq)" } : nil
        )
        return try self.desk.pages.render("desk.audit", view, context.language)
    }
}

private struct AuditView {
    let layout: Layout
    let verdict: String
    let entries: [Row]
    let next: String?

    struct Row {
        let number: Int
        let day: String
        let action: String
        let actor: String
        let subject: String
    }
}
