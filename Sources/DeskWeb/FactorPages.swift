import Documents
import Foundation
import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

/// `/{language}/compte/facteur` and `/compte/authentificateur`: the second factor shown again, and another in its place.
struct FactorPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("compte/facteur") { request, context in
            try self.page(context, back: ReturnPath(request.query("retour")), InputErrors())
        }
        group.post("compte/facteur", use: self.show)
        group.get("compte/authentificateur") { _, context in
            try await self.replacePage(context, secret: TOTP.newSecret(), InputErrors())
        }
        group.post("compte/authentificateur", use: self.replace)
    }

    private func page(_ context: DeskContext, back: ReturnPath, _ errors: InputErrors) throws -> Response {
        let texts = self.desk.texts(context.language)
        let messages = FormErrors(errors, texts)
        let view = FactorView(
            layout: self.layout(context, "compte/facteur", "account.factor.title"),
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            back: back.text,
            codeError: messages["code"],
            isDemonstration: self.desk.demonstration != nil
        )
        return try self.desk.pages.render(
            "desk.factor",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func show(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await self.desk.form(request, context, ["code", "retour"])
        let back = ReturnPath(form["retour"])
        do {
            let token = try await self.desk.identity.showFactor(form["code"], for: context.session)
            var response = Response.redirect(to: "/\(context.language)/\(back.text)", type: .normal)
            StaffMiddleware.cookie.set(token, on: &response)
            return response
        } catch let errors as InputErrors {
            return try self.page(context, back: back, errors)
        }
    }

    private func replacePage(_ context: DeskContext, secret: Data, _ errors: InputErrors) async throws -> Response {
        // Before a secret is shown that could not be taken anyway.
        guard context.session.isFresh else { throw DomainError.conflict("identity.not-fresh") }
        let texts = self.desk.texts(context.language)
        let messages = FormErrors(errors, texts)
        let email = try await self.desk.identity.email(of: context.session)
        let uri = TOTP.uri(secret: secret, account: email, issuer: "Cyberconfiance")
        let view = AuthenticatorView(
            layout: self.layout(context, "compte/authentificateur", "account.authenticator.link"),
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            sealedSecret: try self.desk.enrolment.seal(secret, now: self.desk.clock.now()),
            secretText: TOTP.base32(secret),
            qr: QRCode(uri).map { AuthenticatorView.QR(box: $0.side + 4, path: $0.path) },
            codeError: messages["code"]
        )
        return try self.desk.pages.render(
            "desk.authenticator",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func replace(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await self.desk.form(request, context, ["secret", "code"])
        guard let secret = try? self.desk.enrolment.open(form["secret"] ?? "", now: self.desk.clock.now()) else {
            throw FormGuard.Refused()
        }
        do {
            try await self.desk.identity.replaceFactor(secret: secret, code: form["code"], by: context.session)
            return .redirect(to: "/\(context.language)/compte?ok=1", type: .normal)
        } catch let errors as InputErrors {
            return try await self.replacePage(context, secret: secret, errors)
        }
    }

    private func layout(_ context: DeskContext, _ path: String, _ title: String) -> Layout {
        self.desk.shell.layout(
            context.language,
            path: path,
            title: self.desk.texts(context.language).text(title),
            isPersonal: true,
            navigation: context.navigation
        )
    }
}

private struct FactorView {
    let layout: Layout
    let formToken: String
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let back: String
    let codeError: String?
    let isDemonstration: Bool
}

private struct AuthenticatorView {
    let layout: Layout
    let formToken: String
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let sealedSecret: String
    let secretText: String
    let qr: QR?
    let codeError: String?

    struct QR {
        let box: Int
        let path: String
    }
}
