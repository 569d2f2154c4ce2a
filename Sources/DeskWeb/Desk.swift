import Casework
import Country
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Indicators
import Intake
import Kernel
import Notifications
import Storage
import Vault
import WebSupport

/// What the pages of the desk share.
package struct Desk: Sendable {
    package let pages: PageRenderer
    package let shell: Shell
    package let country: Country
    package let time: CountryTime
    package let identity: Identity
    package let casework: Casework
    /// Absent where nobody can be told by mail.
    package let notifications: Notifications?
    package let questionnaires: Questionnaires
    /// The way through guided help in words: question and answers, in the order asked.
    package let helpInWords: HelpInWords
    package let taxonomy: [(id: String, label: String)]
    package let replies: [ReplyTemplate]
    package let audit: AuditLog
    package let database: Database
    package let forms: FormGuard
    /// Seals the secret of a second factor into the invitation's form until it is confirmed.
    package let enrolment: SealedToken
    package let assets: Assets
    package let origin: String
    /// Days after closing until a case is erased.
    package let retentionDays: Int
    package let clock: Clock
    package let network: @Sendable (AppRequestContext) -> String
    /// Signs a visitor of the demonstration in; `nil` in a real installation.
    package let demonstration: Demonstration?

    package typealias HelpInWords = @Sendable ([String: [String]], Language) -> [(question: String, answers: [String])]

    package struct Demonstration: Sendable {
        package let roles: [Role]
        package let enter: @Sendable (Role) async throws -> SecretToken

        package init(roles: [Role], enter: @escaping @Sendable (Role) async throws -> SecretToken) {
            self.roles = roles
            self.enter = enter
        }
    }

    /// - Parameters:
    ///   - taxonomy: codes an indicator can be graded with.
    ///   - network: the daily pseudonym of where a request comes from.
    package init(
        pages: PageRenderer,
        shell: Shell,
        country: Country,
        time: CountryTime,
        identity: Identity,
        casework: Casework,
        notifications: Notifications? = nil,
        questionnaires: Questionnaires,
        helpInWords: @escaping HelpInWords,
        taxonomy: [(id: String, label: String)],
        replies: [ReplyTemplate],
        audit: AuditLog,
        database: Database,
        forms: FormGuard,
        enrolment: SealedToken,
        assets: Assets,
        origin: String,
        retentionDays: Int,
        clock: Clock,
        network: @escaping @Sendable (AppRequestContext) -> String,
        demonstration: Demonstration?
    ) {
        self.pages = pages
        self.shell = shell
        self.country = country
        self.time = time
        self.identity = identity
        self.casework = casework
        self.notifications = notifications
        self.questionnaires = questionnaires
        self.helpInWords = helpInWords
        self.taxonomy = taxonomy
        self.replies = replies
        self.audit = audit
        self.database = database
        self.forms = forms
        self.enrolment = enrolment
        self.assets = assets
        self.origin = origin
        self.retentionDays = retentionDays
        self.clock = clock
        self.network = network
        self.demonstration = demonstration
    }

    package func addRoutes(to router: Router<AppRequestContext>) {
        router.get("/") { _, context in Response.redirect(to: "/\(context.language)/dossiers", type: .normal) }
        router.get("assets/:name") { request, context in
            guard let response = self.assets.response(try context.parameters.require("name"), request) else {
                throw DomainError.notFound
            }
            return response
        }
        for language in self.pages.languages {
            let open = router.group(RouterPath("\(language)"))
            open.get("") { _, _ in Response.redirect(to: "/\(language)/dossiers", type: .normal) }
            SignInPages(desk: self).addRoutes(to: open)
            RecoveryPages(desk: self).addRoutes(to: open)
            let staff = open.add(
                middleware: StaffMiddleware(
                    identity: self.identity,
                    expired: ExpiredSession(pages: self.pages, shell: self.shell)
                )
            )
            .group(context: DeskContext.self)
            .add(middleware: ProofMiddleware())
            QueuePages(desk: self).addRoutes(to: staff)
            BulkPages(desk: self).addRoutes(to: staff)
            ChildChannelPages(desk: self).addRoutes(to: staff)
            ChildCasePages(desk: self).addRoutes(to: staff)
            CasePages(desk: self).addRoutes(to: staff)
            OnCallPages(desk: self).addRoutes(to: staff)
            NoticePages(desk: self).addRoutes(to: staff)
            StaffPages(desk: self).addRoutes(to: staff)
            PersonPages(desk: self).addRoutes(to: staff)
            AccountPages(desk: self).addRoutes(to: staff)
            FactorPages(desk: self).addRoutes(to: staff)
            AuditPages(desk: self).addRoutes(to: staff)
        }
    }

    func texts(_ language: Language) -> Translations { self.pages.texts(language) }
    func dates(_ language: Language) -> Dates { Dates(self.time, self.texts(language)) }

    /// Keys that code composes, checked at start-up.
    package static let composedKeys =
        CaseState.allCases.filter { $0 != .purged }.map { "case.state.\($0.rawValue)" }
        + ClosingReason.allCases.map { "case.reason.\($0.rawValue)" }
        + ["triage", "start", "askReporter", "close", "reopen"].map { "case.event.\($0)" }
        + Urgency.allCases.map { "case.urgency.\($0.rawValue)" }
        + ItemState.allCases.map { "case.item.\($0.rawValue)" }
        + Role.allCases.flatMap { ["role.\($0.rawValue).name", "role.\($0.rawValue).text"] }
        + QueueFilter.View.allCases.map { "desk.view.\($0.rawValue)" }
        + Self.categories.map { "category.\($0)" } + Self.identityKeys
        + Shell.deskNavigation.map { "nav.\($0)" }
        + CaseFilesView.keys + ChildChannelPages.keys + HoldView.keys
        + ["child.desk.hand-over-text", "child.desk.handed"]
        + OnCallPages.keys + NoticePages.keys
        + FormErrors.keys
        + [Staff.State.invited, .active, .disabled].map { "desk.staff.state.\($0.rawValue)" }
        + [
            "desk.audit.intact", "desk.audit.broken",
            "desk.case.locked-by", "desk.case.due", "desk.case.reply-hint", "desk.case.contact", "desk.case.name",
            "desk.case.help", "desk.case.reporter", "desk.case.desk", "desk.case.note-by", "desk.case.saved",
            "desk.case.moved", "desk.case.unassigned", "desk.me", "desk.invitation.lead", "desk.staff.done",
        ]

    package static let pluralKeys = BulkPages.pluralKeys + ["child.desk.overdue"]

    /// Public categories (see the crosswalk of the dossier); a case is triaged into one of them.
    package static let categories = [
        "phishing", "scam", "account-takeover", "impersonation", "sextortion", "intimate-images", "minor-protection",
        "child-abuse", "harassment", "hate", "malware", "data-privacy", "vulnerability", "spam", "question", "other",
    ]
}

/// Finds out who is signed in; whether somebody must be is the route's business.
struct StaffMiddleware: RouterMiddleware {
    typealias Context = AppRequestContext

    static let cookie = TokenCookie("desk")
    let identity: Identity
    let expired: ExpiredSession

    func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let token = Self.cookie.token(in: request) {
            context.session = try await self.identity.resume(token)
            if context.session == nil, let kept = try await self.expired.response(to: request, context) { return kept }
        }
        return try await next(request, context)
    }
}

/// A request of somebody signed in. There is no way to build one without a session.
struct DeskContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let language: Language
    let session: StaffSession

    init(context: AppRequestContext) throws {
        guard let session = context.session as? StaffSession else { throw SignInRequired() }
        self.coreContext = context.coreContext
        self.language = context.language
        self.session = session
    }
}
