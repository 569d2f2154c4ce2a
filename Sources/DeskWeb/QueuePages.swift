import Casework
import Country
import Hummingbird
import Identity
import Kernel
import WebSupport

/// `/{language}/dossiers`: what waits, most urgent first.
struct QueuePages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("dossiers", use: self.queue)
    }

    private func queue(_ request: Request, _ context: DeskContext) async throws -> Response {
        let access = DeskAccess(
            principal: context.session.principal,
            unitKeys: try await self.desk.identity.unitKeys(context.session)
        )
        if access.units.isEmpty {
            // Administrators, auditors and statisticians have no queue; they have a team or a log.
            let other = context.session.principal.may(.readAudit) ? "journal" : "equipe"
            return .redirect(to: "/\(context.language)/\(other)", type: .normal)
        }
        let filter = QueueFilter(request)
        let search = (request.query("q") ?? "").trimmed
        let counts = try await self.desk.casework.counts(for: access)
        let page =
            search.isEmpty
            ? try await self.desk.casework.queue(filter, after: request.query("apres"), for: access)
            : QueuePage(cases: try await self.desk.casework.search(search, for: access), next: nil)
        let overdue =
            context.session.principal.may(.readChildCases)
            ? try await self.desk.casework.overdueHandovers(for: access) : 0
        let names = try await self.desk.identity.names(of: Set(page.cases.compactMap(\.assigneeId)))
        let view = self.view(
            page,
            filter,
            counts,
            search: search,
            names: names,
            hasKeys: access.holdsKeys,
            overdue: overdue,
            flash: BulkPages.flash(request, self.desk.texts(context.language)),
            context
        )
        return try self.desk.pages.render("desk.queue", view, context.language)
    }

    private static func shown(_ count: Int) -> String {
        count > QueueCounts.most ? "\(QueueCounts.most)+" : String(count)
    }

    private func view(
        _ page: QueuePage,
        _ filter: QueueFilter,
        _ counts: QueueCounts,
        search: String,
        names: [Identifier<Principal>: String],
        hasKeys: Bool,
        overdue: Int,
        flash: (text: String, kind: String)?,
        _ context: DeskContext
    ) -> QueueView {
        let texts = self.desk.texts(context.language)
        let dates = self.desk.dates(context.language)
        let path = "/\(context.language)/dossiers"
        let today = self.desk.clock.today()
        let profile = self.desk.country.profile
        let query =
            "?vue=\(filter.view.rawValue)" + (filter.category.map { "&categorie=\($0)" } ?? "")
            + (filter.urgency.map { "&gravite=\($0.rawValue)" } ?? "")
        return QueueView(
            layout: self.desk.shell.layout(
                context.language,
                path: "dossiers",
                title: texts.text("nav.dossiers"),
                isPersonal: true,
                navigation: context.navigation
            ),
            me: texts.text("desk.me", ["name": context.session.principal.name]),
            needsKey: !hasKeys,
            overdue: overdue > 0 ? texts.plural("child.desk.overdue", overdue) : nil,
            flash: flash?.text,
            flashKind: flash?.kind ?? "",
            mayWork: context.session.principal.may(.workCases),
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            export: "\(path)/export\(query)",
            action: path,
            view: filter.view.rawValue,
            query: search,
            views: QueueFilter.View.allCases.map {
                QueueView.Tab(
                    href: "\(path)?vue=\($0.rawValue)",
                    label: texts.text("desk.view.\($0.rawValue)"),
                    count: Self.shown(counts.byView[$0] ?? 0),
                    isCurrent: search.isEmpty && $0 == filter.view
                )
            },
            categories: Desk.categories.map {
                Choice(id: $0, label: texts.text("category.\($0)"), isChosen: $0 == filter.category)
            },
            urgencies: Urgency.allCases.reversed().map {
                Choice(
                    id: String($0.rawValue),
                    label: texts.text("case.urgency.\($0.rawValue)"),
                    isChosen: $0 == filter.urgency
                )
            },
            isEmpty: page.cases.isEmpty,
            cases: page.cases.map { file in
                let deadlines = Deadlines(
                    receivedDay: file.receivedDay,
                    acknowledgedDay: file.acknowledgedDay,
                    acknowledgeDays: profile.acknowledgeDays,
                    feedbackMonths: profile.feedbackMonths
                )
                let due = file.acknowledgedDay == nil ? deadlines.acknowledgement : deadlines.feedback
                return QueueView.Row(
                    href: file.unit == .child
                        ? "/\(context.language)/enfants/\(file.reportId)" : "\(path)/\(file.reportId)",
                    seen: SeenCase(id: file.reportId, version: file.version).text,
                    reference: file.reference,
                    level: file.urgency.rawValue + 1,
                    urgency: texts.text("case.urgency.\(file.urgency.rawValue)"),
                    category: texts.text("category.\(file.category)"),
                    state: texts.text("case.state.\(file.state.rawValue)"),
                    language: file.language.rawValue,
                    received: dates.day(file.receivedDay),
                    deadline: file.state.isOpen ? dates.day(due) : "—",
                    isLate: file.state.isOpen && due < today,
                    unread: file.unread > 0 ? file.unread : nil,
                    assignee: file.assigneeId.map { names[$0] ?? "?" } ?? "—"
                )
            },
            next: page.next.map { "\(path)\(query)&apres=\($0)" }
        )
    }
}

extension QueueFilter {
    /// From the address of the queue; what it does not know is not narrowed.
    init(_ request: Request) {
        self.init(
            view: request.query("vue").flatMap(View.init(rawValue:)) ?? .open,
            category: request.query("categorie").flatMap { Desk.categories.contains($0) ? $0 : nil },
            urgency: request.query("gravite").flatMap { Int($0) }.flatMap(Urgency.init(rawValue:))
        )
    }
}

extension DeskContext {
    /// The parts of the desk this person may see.
    var navigation: Set<String> {
        var names: Set<String> = ["equipe", "compte"]
        let principal = self.session.principal
        if principal.may(.readCases) || principal.may(.readChildCases) { names.formUnion(["dossiers", "garde"]) }
        if principal.may(.readAudit) { names.insert("journal") }
        if principal.may(.readChildCases) || principal.may(.manageChildChannel) { names.insert("voie-enfants") }
        return names
    }
}

struct Choice {
    let id: String
    let label: String
    let isChosen: Bool
}

private struct QueueView {
    let layout: Layout
    let me: String
    let needsKey: Bool
    let overdue: String?
    let flash: String?
    let flashKind: String
    let mayWork: Bool
    let formToken: String
    let export: String
    let action: String
    let view: String
    let query: String
    let views: [Tab]
    let categories: [Choice]
    let urgencies: [Choice]
    let isEmpty: Bool
    let cases: [Row]
    let next: String?

    struct Tab {
        let href: String
        let label: String
        let count: String
        let isCurrent: Bool
    }

    struct Row {
        let href: String
        let seen: String
        let reference: String
        let level: Int
        let urgency: String
        let category: String
        let state: String
        let language: String
        let received: String
        let deadline: String
        let isLate: Bool
        let unread: Int?
        let assignee: String
    }
}
