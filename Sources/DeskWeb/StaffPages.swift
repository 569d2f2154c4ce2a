import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

/// `/{language}/equipe`: who works here, who waits for a key, invitations, and the way out.
struct StaffPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("equipe") { request, context in try await self.page(context, flash: request.query("ok") != nil) }
        group.post("equipe", use: self.invite)
        group.post("equipe/:id/cles") { request, context in
            try await self.change(request, context) { id, _ in
                try await self.desk.identity.grantKeys(to: id, by: context.session)
            }
        }
        group.post("equipe/:id/fin") { request, context in
            try await self.change(request, context) { id, form in
                guard form["sure"] == "yes" else { throw DomainError.invalid(InputErrors("error.sure", for: "sure")) }
                try await self.desk.identity.disable(id, by: context.session)
            }
        }
        group.post("deconnexion", use: self.signOut)
    }

    private func page(
        _ context: DeskContext,
        flash: Bool = false,
        errors: InputErrors = InputErrors(),
        email: String = "",
        name: String = ""
    ) async throws -> Response {
        let language = context.language
        let texts = self.desk.texts(language)
        let principal = context.session.principal
        let seesStaff = principal.may(.manageStaff) || principal.may(.grantKeys)
        let (all, waiting) = seesStaff ? try await self.desk.identity.staff(for: context.session) : ([], [])
        let messages = FormErrors(errors, texts)
        let view = StaffView(
            layout: self.desk.shell.layout(
                language,
                path: "equipe",
                title: texts.text("nav.equipe"),
                isPersonal: true,
                navigation: context.navigation
            ),
            me: texts.text("desk.me", ["name": principal.name]),
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            flash: flash ? texts.text("desk.staff.done") : nil,
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            showsStaff: seesStaff,
            hasWaiting: !waiting.isEmpty,
            waiting: waiting.map {
                StaffView.Person(
                    id: "\($0.staff.id)",
                    name: $0.staff.name,
                    email: $0.staff.email,
                    roles: "",
                    state: "",
                    mayDisable: false,
                    mayGrant: principal.may(.grantKeys)
                )
            },
            staff: all.map { staff in
                StaffView.Person(
                    id: "\(staff.id)",
                    name: staff.name,
                    email: staff.email,
                    roles: staff.roles.map { texts.text("role.\($0.rawValue).name") }.joined(separator: ", "),
                    state: texts.text("desk.staff.state.\(staff.state.rawValue)"),
                    mayDisable: principal.may(.manageStaff) && staff.id != principal.id && staff.state != .disabled,
                    mayGrant: false
                )
            },
            emailError: messages["email"],
            nameError: messages["name"],
            rolesError: messages["roles"],
            draftEmail: email,
            draftName: name,
            roleChoices: Role.allCases.map {
                Choice(id: $0.rawValue, label: texts.text("role.\($0.rawValue).name"), isChosen: false)
            }
        )
        return try self.desk.pages.render(
            "desk.staff",
            view,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func invite(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        do {
            let token = try await self.desk.identity.invite(
                email: form["email"],
                name: form["name"],
                roles: form.all("roles"),
                by: context.session
            )
            let page = LinkPage(
                layout: self.desk.shell.layout(
                    context.language,
                    path: "equipe",
                    title: self.desk.texts(context.language).text("desk.link.title"),
                    isPersonal: true,
                    navigation: context.navigation
                ),
                address: "\(self.desk.origin)/\(context.language)/invitation?jeton=\(token.text)"
            )
            return try self.desk.pages.render("desk.link", page, context.language)
        } catch let errors as InputErrors {
            return try await self.page(context, errors: errors, email: form["email"] ?? "", name: form["name"] ?? "")
        }
    }

    private func change(
        _ request: Request,
        _ context: DeskContext,
        _ body: (Identifier<Principal>, FormBody) async throws -> Void
    ) async throws -> Response {
        guard let id = context.parameters.get("id").flatMap(Identifier<Principal>.init(_:)) else {
            throw DomainError.notFound
        }
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        try await body(id, form)
        return .redirect(to: "/\(context.language)/equipe?ok=1", type: .normal)
    }

    private func signOut(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        try await self.desk.identity.signOut(context.session)
        var response = Response.redirect(to: "/\(context.language)/connexion", type: .normal)
        StaffMiddleware.cookie.clear(on: &response)
        return response
    }
}

private struct LinkPage {
    let layout: Layout
    let address: String
}

private struct StaffView {
    let layout: Layout
    let me: String
    let formToken: String
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let showsStaff: Bool
    let hasWaiting: Bool
    let waiting: [Person]
    let staff: [Person]
    let emailError: String?
    let nameError: String?
    let rolesError: String?
    let draftEmail: String
    let draftName: String
    let roleChoices: [Choice]

    struct Person {
        let id: String
        let name: String
        let email: String
        let roles: String
        let state: String
        let mayDisable: Bool
        let mayGrant: Bool
    }
}
