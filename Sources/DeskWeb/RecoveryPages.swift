import Hummingbird
import Identity
import Kernel
import WebSupport

/// `/{language}/recuperation`: a forgotten password, with the recovery key and the second factor.
struct RecoveryPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("recuperation") { _, context in try self.page(context.language, email: "", InputErrors()) }
        group.post("recuperation", use: self.recover)
    }

    private func page(_ language: Language, email: String, _ errors: InputErrors) throws -> Response {
        let texts = self.desk.texts(language)
        let messages = FormErrors(errors, texts)
        let view = RecoveryView(
            layout: self.desk.shell.layout(
                language,
                path: "recuperation",
                title: texts.text("recover.title"),
                isPersonal: true,
                navigation: []
            ),
            formToken: self.desk.forms.issue("recovery"),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            email: email,
            passwordError: messages["password"]
        )
        return try self.desk.pages.render(
            "desk.recover",
            view,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func recover(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "recovery", isStaff: true)
        try form.allow(["email", "key", "code", "password"])
        let email = String((form["email"] ?? "").prefix(254))
        do {
            let key = try await self.desk.identity.recover(
                email: email,
                recoveryKey: form["key"] ?? "",
                code: form["code"] ?? "",
                newPassword: form["password"],
                network: self.desk.network(context)
            )
            var response = try self.desk.printed(
                context.language,
                title: "recover.done.title",
                lead: "recover.done.lead",
                codes: [],
                recoveryKey: key,
                next: (path: "connexion", label: "desk.sign-in.button"),
                navigation: []
            )
            StaffMiddleware.cookie.clear(on: &response)
            return response
        } catch is Identity.Refused {
            return try self.page(context.language, email: email, InputErrors("error.recovery", for: "email"))
        } catch let errors as InputErrors {
            return try self.page(context.language, email: email, errors)
        }
    }
}

private struct RecoveryView {
    let layout: Layout
    let formToken: String
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let email: String
    let passwordError: String?
}
