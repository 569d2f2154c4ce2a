import Documents
import Foundation
import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

/// `/{language}/connexion` and `/{language}/invitation`: the ways in.
struct SignInPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("connexion") { _, context in try self.signInPage(context.language, email: "", InputErrors()) }
        group.post("connexion", use: self.signIn)
        group.get("invitation", use: self.invitation)
        group.post("invitation", use: self.accept)
        if let demonstration = self.desk.demonstration {
            group.get("visite") { _, context in try self.visitPage(demonstration, context.language) }
            group.post("visite") { request, context in try await self.visit(demonstration, request, context) }
        }
    }

    private func signInPage(_ language: Language, email: String, _ errors: InputErrors) throws -> Response {
        let texts = self.desk.texts(language)
        let messages = FormErrors(errors, texts)
        let page = SignInPage(
            layout: self.desk.shell.layout(
                language,
                path: "connexion",
                title: texts.text("desk.sign-in.title"),
                isPersonal: true,
                navigation: []
            ),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            action: "/\(language)/connexion",
            formToken: self.desk.forms.issue("sign-in"),
            email: email
        )
        return try self.desk.pages.render(
            "desk.sign-in",
            page,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func signIn(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "sign-in", isStaff: true)
        try form.allow(["email", "password", "code"])
        let email = String((form["email"] ?? "").prefix(254))
        do {
            let token = try await self.desk.identity.signIn(
                email: email,
                password: form["password"] ?? "",
                code: form["code"] ?? "",
                network: self.desk.network(context)
            )
            var response = Response.redirect(to: "/\(context.language)/dossiers", type: .normal)
            StaffMiddleware.cookie.set(token, on: &response)
            return response
        } catch is Identity.Refused {
            return try self.signInPage(context.language, email: email, InputErrors("error.sign-in", for: "email"))
        }
    }

    private func invitation(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        guard let token = request.query("jeton").flatMap(SecretToken.init) else { throw DomainError.notFound }
        return try await self.invitationPage(
            token,
            context.language,
            secret: TOTP.newSecret(),
            name: nil,
            InputErrors()
        )
    }

    private func invitationPage(
        _ token: SecretToken,
        _ language: Language,
        secret: Data,
        name: String?,
        _ errors: InputErrors
    ) async throws -> Response {
        guard let staff = try await self.desk.identity.invited(token) else { throw DomainError.notFound }
        let texts = self.desk.texts(language)
        let messages = FormErrors(errors, texts)
        let uri = TOTP.uri(secret: secret, account: staff.email, issuer: "Cyberconfiance")
        let page = InvitationPage(
            layout: self.desk.shell.layout(
                language,
                path: "invitation",
                title: texts.text("desk.invitation.title"),
                isPersonal: true,
                navigation: []
            ),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            lead: texts.text(
                "desk.invitation.lead",
                [
                    "email": staff.email,
                    "roles": self.desk.roleNames(staff.roles, language),
                ]
            ),
            action: "/\(language)/invitation?jeton=\(token.text)",
            formToken: self.desk.forms.issue("invitation", subject: token.hash),
            sealedSecret: try self.desk.enrolment.seal(secret, now: self.desk.clock.now()),
            name: name ?? staff.name,
            nameError: messages["name"],
            passwordError: messages["password"],
            codeError: messages["code"],
            secretText: TOTP.base32(secret),
            qr: QRCode(uri).map { InvitationPage.QR(box: $0.side + 4, path: $0.path) }
        )
        return try self.desk.pages.render(
            "desk.invitation",
            page,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func accept(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        guard let token = request.query("jeton").flatMap(SecretToken.init) else { throw DomainError.notFound }
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "invitation", subject: token.hash, isStaff: true)
        try form.allow(["name", "password", "secret", "code"])
        guard let secret = try? self.desk.enrolment.open(form["secret"] ?? "", now: self.desk.clock.now()) else {
            throw FormGuard.Refused()
        }
        do {
            let enrolment = try await self.desk.identity.accept(
                token,
                name: form["name"],
                password: form["password"],
                secret: secret,
                code: form["code"]
            )
            let texts = self.desk.texts(context.language)
            let page = EnrolledPage(
                layout: self.desk.shell.layout(
                    context.language,
                    path: "connexion",
                    title: texts.text("desk.enrolled.title"),
                    isPersonal: true,
                    navigation: []
                ),
                codes: enrolment.recoveryCodes,
                recoveryKey: enrolment.recoveryKey
            )
            return try self.desk.pages.render("desk.enrolled", page, context.language)
        } catch let errors as InputErrors {
            return try await self.invitationPage(token, context.language, secret: secret, name: form["name"], errors)
        }
    }

    private func visitPage(_ demonstration: Desk.Demonstration, _ language: Language) throws -> Response {
        let texts = self.desk.texts(language)
        let token = self.desk.forms.issue("visit")
        let page = VisitPage(
            layout: self.desk.shell.layout(
                language,
                path: "visite",
                title: texts.text("desk.visit.title"),
                isPersonal: true,
                navigation: []
            ),
            action: "/\(language)/visite",
            formToken: token,
            roles: demonstration.roles.map {
                VisitPage.Choice(
                    id: $0.rawValue,
                    label: texts.text("role.\($0.rawValue).name"),
                    text: texts.text("role.\($0.rawValue).text")
                )
            }
        )
        return try self.desk.pages.render("desk.visit", page, language)
    }

    private func visit(
        _ demonstration: Desk.Demonstration,
        _ request: Request,
        _ context: AppRequestContext
    ) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "visit", isStaff: true)
        guard let role = form["role"].flatMap(Role.init(rawValue:)), demonstration.roles.contains(role) else {
            throw DomainError.notFound
        }
        let token = try await demonstration.enter(role)
        let target = role == .auditor ? "journal" : role == .administrator ? "equipe" : "dossiers"
        var response = Response.redirect(to: "/\(context.language)/\(target)", type: .normal)
        StaffMiddleware.cookie.set(token, on: &response)
        return response
    }
}

private struct SignInPage {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let action: String
    let formToken: String
    let email: String
}

private struct InvitationPage {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let lead: String
    let action: String
    let formToken: String
    let sealedSecret: String
    let name: String
    let nameError: String?
    let passwordError: String?
    let codeError: String?
    let secretText: String
    let qr: QR?

    struct QR {
        let box: Int
        let path: String
    }
}

private struct EnrolledPage {
    let layout: Layout
    let codes: [String]
    let recoveryKey: String
}

private struct VisitPage {
    let layout: Layout
    let action: String
    let formToken: String
    let roles: [Choice]

    struct Choice {
        let id: String
        let label: String
        let text: String
    }
}
