import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

/// `/{language}/equipe`: who works here, who waits for a key or for a second person, invitations, and the way out.
struct StaffPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("equipe") { request, context in try await self.page(context, flash: request.query("ok") != nil) }
        group.post("equipe", use: self.invite)
        group.post("deconnexion", use: self.signOut)
    }

    func page(
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
        let requests = seesStaff ? try await self.desk.identity.roleRequests(for: context.session) : []
        let names = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.name) })
        let dates = self.desk.dates(language)
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
            isFresh: context.session.isFresh,
            hasRequests: !requests.isEmpty,
            requests: requests.map {
                StaffView.Request(
                    id: "\($0.id)",
                    text: texts.text(
                        "team.request",
                        [
                            "name": names[$0.staffId] ?? "?", "who": names[$0.requestedBy] ?? "?",
                            "roles": self.desk.roleNames($0.roles, language),
                            "day": dates.day(Day($0.requestedAt)),
                        ]
                    ),
                    mayDecide: $0.mayBeDecided(by: principal.id),
                    isOwn: $0.requestedBy == principal.id
                )
            },
            hasWaiting: !waiting.isEmpty,
            waiting: waiting.map {
                StaffView.Person(
                    id: "\($0.staff.id)",
                    name: $0.staff.name,
                    email: $0.staff.email,
                    roles: "",
                    state: "",
                    mayGrant: principal.may(.grantKeys) && $0.staff.id != principal.id
                )
            },
            staff: all.map { staff in
                StaffView.Person(
                    id: "\(staff.id)",
                    name: staff.name,
                    email: staff.email,
                    roles: self.desk.roleNames(staff.roles, language),
                    state: texts.text("desk.staff.state.\(staff.state.rawValue)"),
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
        let form = try await self.desk.form(request, context, ["email", "name", "roles"])
        do {
            let token = try await self.desk.identity.invite(
                email: form["email"],
                name: form["name"],
                roles: form.all("roles"),
                by: context.session
            )
            let roles = form.all("roles").compactMap(Role.init(rawValue:))
            return try self.desk.link(token, context, waits: roles.filter(Role.approving.contains))
        } catch let errors as InputErrors {
            return try await self.page(context, errors: errors, email: form["email"] ?? "", name: form["name"] ?? "")
        }
    }

    private func signOut(_ request: Request, _ context: DeskContext) async throws -> Response {
        _ = try await self.desk.form(request, context)
        try await self.desk.identity.signOut(context.session)
        var response = Response.redirect(to: "/\(context.language)/connexion", type: .normal)
        StaffMiddleware.cookie.clear(on: &response)
        return response
    }
}

extension Desk {
    /// A one-time link, shown once.
    /// - Parameter waits: roles that a second person has to approve first.
    func link(_ token: SecretToken, _ context: DeskContext, waits: [Role]) throws -> Response {
        let texts = self.texts(context.language)
        let page = LinkPage(
            layout: self.shell.layout(
                context.language,
                path: "equipe",
                title: texts.text("desk.link.title"),
                isPersonal: true,
                navigation: context.navigation
            ),
            address: "\(self.origin)/\(context.language)/invitation?jeton=\(token.text)",
            waits: waits.isEmpty
                ? nil : texts.text("team.link-waits", ["roles": self.roleNames(waits, context.language)])
        )
        return try self.pages.render("desk.link", page, context.language)
    }
}

private struct LinkPage {
    let layout: Layout
    let address: String
    let waits: String?
}

private struct StaffView {
    let layout: Layout
    let me: String
    let formToken: String
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let showsStaff: Bool
    let isFresh: Bool
    let hasRequests: Bool
    let requests: [Request]
    let hasWaiting: Bool
    let waiting: [Person]
    let staff: [Person]
    let emailError: String?
    let nameError: String?
    let rolesError: String?
    let draftEmail: String
    let draftName: String
    let roleChoices: [Choice]

    struct Request {
        let id: String
        let text: String
        let mayDecide: Bool
        let isOwn: Bool
    }

    struct Person {
        let id: String
        let name: String
        let email: String
        let roles: String
        let state: String
        let mayGrant: Bool
    }
}
