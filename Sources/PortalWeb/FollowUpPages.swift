import Country
import Hummingbird
import Indicators
import Intake
import Kernel
import Vault
import WebSupport

/// `/{language}/suivi`: back with the code. The code is sent once, in the body; a cookie then stands for the visit.
struct FollowUpPages: Sendable {
    let portal: Portal

    static let cookie = TokenCookie("suivi")

    /// Tries at a code: per network and for everybody, in one minute. Counters hold no address.
    private static let triesOfNetwork = 10
    private static let triesOfAll = 100

    static let keys =
        FollowUpView.keys + [
            "follow.flash.sent", "follow.flash.added", "follow.flash.revealed", "follow.flash.withdrawn",
            "follow.flash.left",
        ] + Self.newsKeys

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("suivi", use: self.ask)
        group.post("suivi", use: self.enter)
        group.get("suivi/dossier", use: self.show)
        group.post("suivi/message", use: self.write)
        group.post("suivi/adresse", use: self.addItem)
        group.post("suivi/fichier", use: self.addFiles)
        group.post("suivi/identite", use: self.reveal)
        group.post("suivi/retrait", use: self.withdraw)
        group.post("suivi/sortie", use: self.leave)
        self.addNewsRoutes(to: group)
    }

    private func ask(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try self.codePage(context.language, InputErrors(), flash: request.query("ok"))
    }

    private func codePage(_ language: Language, _ errors: InputErrors, flash: String? = nil) throws -> Response {
        let texts = self.portal.texts(language)
        let messages = FormErrors(errors, texts)
        let title = texts.text("page.follow")
        let page = CodePage(
            layout: self.portal.shell.layout(
                language,
                path: "suivi",
                title: errors.isEmpty ? title : texts.text("error.title", ["title": title]),
                isPersonal: true,
                stays: true
            ),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            error: messages["code"],
            flash: flash == "left" ? texts.text("follow.flash.left") : nil,
            action: "/\(language)/suivi",
            formToken: self.portal.forms.issue("follow")
        )
        return try self.portal.pages.render(
            "portal.follow-code",
            page,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func enter(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.portal.forms.check(form, request, "follow")
        let code: ReceiptCode
        do throws(ReceiptCode.Mistake) {
            code = try ReceiptCode(typed: form["code"] ?? "")
        } catch {
            // A slip of the finger costs nothing and counts as no try.
            let key = if case .checkDigits = error { "error.code.digits" } else { "error.code.length" }
            return try self.codePage(context.language, InputErrors(key, for: "code"))
        }
        let mine = try await self.portal.attempts("receipt", self.portal.network(context), 60)
        let all = try await self.portal.attempts("receipt-all", "all", 60)
        if mine > Self.triesOfNetwork || all > Self.triesOfAll { throw DomainError.rateLimited(retryAfter: 60) }
        guard let token = try await self.portal.intake.visit(code) else {
            return try self.codePage(context.language, InputErrors("error.code.unknown", for: "code"))
        }
        var response = Response.redirect(to: "/\(context.language)/suivi/dossier", type: .normal)
        Self.cookie.set(token, on: &response)
        return response
    }

    /// The visit behind the cookie; without one, the way back to the code.
    func visit(_ request: Request) async throws -> (ReporterVisit, SecretToken) {
        guard let token = Self.cookie.token(in: request), let visit = try await self.portal.intake.resume(token) else {
            throw VisitEnded()
        }
        return (visit, token)
    }

    struct VisitEnded: Error {}

    private func show(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        do {
            let (visit, token) = try await self.visit(request)
            return try await self.page(visit, token, context.language, flash: request.query("ok"))
        } catch is VisitEnded {
            return .redirect(to: "/\(context.language)/suivi", type: .normal)
        }
    }

    func page(
        _ visit: ReporterVisit,
        _ token: SecretToken,
        _ language: Language,
        flash: String? = nil,
        errors: InputErrors = InputErrors(),
        draft: FollowUpView.Draft = .init()
    ) async throws -> Response {
        let texts = self.portal.texts(language)
        let opened = try await self.portal.intake.open(visit)
        let questionnaire = self.portal.intake.questionnaires[visit.report.kind]?.questionnaire
        let messages = FormErrors(errors, texts)
        var view = FollowUpView(
            layout: self.portal.shell.layout(
                language,
                path: "suivi/dossier",
                title: errors.isEmpty
                    ? texts.text("page.follow") : texts.text("error.title", ["title": texts.text("page.follow")]),
                isPersonal: true,
                stays: true
            ),
            opened: opened,
            items: questionnaire?.items ?? [],
            fileLimits: questionnaire.flatMap { self.portal.intake.fileLimits($0) },
            language: language,
            texts: texts,
            dates: self.portal.dates(language),
            profile: self.portal.country.profile,
            formToken: self.portal.forms.issue("visit", subject: token.hash),
            flash: ["sent", "added", "file-added", "revealed", "withdrawn", "told", "untold"].contains(flash)
                ? texts.text("follow.flash.\(flash ?? "")") : nil,
            errors: messages,
            draft: draft
        )
        view.news = try await self.news(of: visit, language, errors: messages, draft: draft)
        return try self.portal.pages.render(
            "portal.follow-case",
            view,
            language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    /// Reads and checks a form of the open visit, does something, and shows the case again.
    func act(
        _ request: Request,
        _ context: AppRequestContext,
        flash: String,
        draft: (FormBody) -> FollowUpView.Draft = { _ in .init() },
        _ body: (FormBody, ReporterVisit) async throws -> Void
    ) async throws -> Response {
        let form = try await FormBody.read(request)
        let visit: ReporterVisit
        let token: SecretToken
        do { (visit, token) = try await self.visit(request) } catch is VisitEnded {
            return .redirect(to: "/\(context.language)/suivi", type: .normal)
        }
        try self.portal.forms.check(form, request, "visit", subject: token.hash)
        do {
            try await body(form, visit)
            return .redirect(to: "/\(context.language)/suivi/dossier?ok=\(flash)", type: .normal)
        } catch let errors as InputErrors {
            return try await self.page(visit, token, context.language, errors: errors, draft: draft(form))
        }
    }

    private func write(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, context, flash: "sent", draft: { .init(text: $0["text"] ?? "") }) { form, visit in
            var input = InputReader()
            let text = input.text("text", form["text"], length: 1...8000)
            try input.finish()
            try await self.portal.intake.write(text ?? "", in: visit)
        }
    }

    private func addItem(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, context, flash: "added", draft: { .init(item: $0["item"] ?? "") }) { form, visit in
            let offered = self.portal.intake.questionnaires[visit.report.kind]?.questionnaire.items ?? []
            var input = InputReader()
            let kind = input.choice("item", form["kind"], as: Indicator.Kind.self)
            let text = input.text("item", form["item"], length: 1...2048)
            if let kind, let text {
                if !offered.contains(kind) { input.refuse("item", "error.choose") }
                if !self.portal.intake.normaliser.isPlausible(Indicator(kind: kind, written: text)) {
                    input.refuse("item", "error.item.\(kind.rawValue)")
                }
            }
            try input.finish()
            guard let kind, let text else { return }
            try await self.portal.intake.add([Indicator(kind: kind, written: text)], in: visit)
        }
    }

    private func reveal(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, context, flash: "revealed", draft: { _ in .init(openIdentity: true) }) {
            form,
            visit in
            var input = InputReader()
            let name = input.text("rname", form["name"], length: 0...120)
            let contact = input.text("rcontact", form["contact"], length: 5...200)
            try input.finish()
            try await self.portal.intake.reveal(
                name: name.flatMap { $0.isEmpty ? nil : $0 },
                contact: contact,
                in: visit
            )
        }
    }

    private func withdraw(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, context, flash: "withdrawn") { form, visit in
            guard form["sure"] == "yes" else { throw InputErrors("error.sure", for: "sure") }
            try await self.portal.intake.withdraw(visit)
        }
    }

    private func leave(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        if let token = Self.cookie.token(in: request) {
            try self.portal.forms.check(form, request, "visit", subject: token.hash)
            try await self.portal.intake.end(token)
        }
        var response = Response.redirect(to: "/\(context.language)/suivi?ok=left", type: .normal)
        Self.cookie.clear(on: &response)
        return response
    }
}

private struct CodePage {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let error: String?
    let flash: String?
    let action: String
    let formToken: String
}
