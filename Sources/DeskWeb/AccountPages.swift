import Foundation
import Hummingbird
import Identity
import Kernel
import WebSupport

/// `/{language}/compte`: one's own sessions, password and recovery.
struct AccountPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("compte") { request, context in try await self.page(context, flash: request.query("ok") != nil) }
        group.post("compte/phrase", use: self.changePassword)
        group.post("compte/sessions", use: self.endOthers)
        group.post("compte/sessions/:id", use: self.endOne)
        group.post("compte/secours", use: self.renewRecovery)
    }

    private func page(
        _ context: DeskContext,
        flash: Bool = false,
        _ errors: InputErrors = InputErrors()
    ) async throws -> Response {
        let language = context.language
        let texts = self.desk.texts(language)
        let dates = self.desk.dates(language)
        let messages = FormErrors(errors, texts)
        let session = context.session
        let open = try await self.desk.identity.sessions(of: session)
        let view = AccountView(
            layout: self.desk.shell.layout(
                language,
                path: "compte",
                title: texts.text("nav.compte"),
                isPersonal: true,
                navigation: context.navigation
            ),
            formToken: self.desk.forms.issue("desk", subject: session.subject),
            lead: texts.text(
                "account.lead",
                ["name": session.principal.name, "roles": self.desk.roleNames(session.roles, language)]
            ),
            flash: flash ? texts.text("desk.staff.done") : nil,
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            isFresh: session.isFresh,
            sessions: open.map {
                AccountView.Session(
                    id: $0.id,
                    started: dates.moment($0.startedAt),
                    machineStarted: $0.startedAt.ISO8601Format(),
                    seen: dates.moment($0.seenAt),
                    machineSeen: $0.seenAt.ISO8601Format(),
                    isThis: $0.isThis
                )
            },
            hasOthers: open.contains { !$0.isThis },
            currentError: messages["current"],
            newError: messages["new"]
        )
        return try self.desk.pages.render(
            "desk.account",
            view,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func done(_ context: DeskContext) -> Response {
        .redirect(to: "/\(context.language)/compte?ok=1", type: .normal)
    }

    private func changePassword(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await self.desk.form(request, context, ["current", "new"])
        do {
            let token = try await self.desk.identity.changePassword(
                current: form["current"],
                new: form["new"],
                by: context.session
            )
            var response = self.done(context)
            StaffMiddleware.cookie.set(token, on: &response)
            return response
        } catch let errors as InputErrors {
            return try await self.page(context, errors)
        }
    }

    private func endOthers(_ request: Request, _ context: DeskContext) async throws -> Response {
        _ = try await self.desk.form(request, context)
        try await self.desk.identity.endOtherSessions(by: context.session)
        return self.done(context)
    }

    private func endOne(_ request: Request, _ context: DeskContext) async throws -> Response {
        _ = try await self.desk.form(request, context)
        try await self.desk.identity.endSession(try context.parameters.require("id"), by: context.session)
        return self.done(context)
    }

    private func renewRecovery(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await self.desk.form(request, context, ["sure"])
        guard form["sure"] == "yes" else { return try await self.page(context, InputErrors("error.sure", for: "sure")) }
        let enrolment = try await self.desk.identity.renewRecovery(by: context.session)
        return try self.desk.printed(
            context.language,
            title: "account.recovery.printed",
            lead: "desk.enrolled.lead",
            codes: enrolment.recoveryCodes,
            recoveryKey: enrolment.recoveryKey,
            next: (path: "compte", label: "nav.compte"),
            navigation: context.navigation
        )
    }
}

private struct AccountView {
    let layout: Layout
    let formToken: String
    let lead: String
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let isFresh: Bool
    let sessions: [Session]
    let hasOthers: Bool
    let currentError: String?
    let newError: String?

    struct Session {
        let id: String
        let started: String
        let machineStarted: String
        let seen: String
        let machineSeen: String
        let isThis: Bool
    }
}
