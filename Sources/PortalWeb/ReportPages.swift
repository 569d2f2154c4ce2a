import Country
import Documents
import Guidance
import Hummingbird
import Indicators
import Intake
import Kernel
import Vault
import WebSupport

/// `/{language}/signaler`: which kind, its form, the receipt. Kinds are numbers in the address, so that it tells nothing.
struct ReportPages: Sendable {
    let portal: Portal

    static let keys =
        Indicator.Kind.allCases.map { "item.\($0.rawValue)" }
        + Questionnaire.Identity.allCases.flatMap { ["identity.\($0.rawValue).title", "identity.\($0.rawValue).text"] }
        + ["receipt.received", "receipt.by", "receipt.page-title"]

    private static let icons = [
        "phishing": "hook", "scam": "card", "account": "key", "impersonation": "user", "sextortion": "photo",
        "intimate-images": "hide", "harassment": "hurt", "hate": "alert", "minor": "child", "child-abuse": "shield",
        "malware": "lock", "privacy": "doc", "vulnerability": "search", "question": "chat", "other": "help",
    ]

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("signaler", use: self.show)
        group.post("signaler", use: self.submit)
    }

    static func number(of kind: String, in questionnaires: Questionnaires) -> Int? {
        questionnaires.all.firstIndex { $0.questionnaire.id == kind }.map { $0 + 1 }
    }

    private func questionnaire(_ number: String?) -> Questionnaire? {
        guard let number = number.flatMap({ Int($0) }),
            (1...self.portal.intake.questionnaires.all.count).contains(number)
        else {
            return nil
        }
        return self.portal.intake.questionnaires.all[number - 1].questionnaire
    }

    private func show(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        guard let number = request.query("f") else { return try await self.kinds(context.language) }
        guard let questionnaire = self.questionnaire(number) else { throw DomainError.notFound }
        if questionnaire.route == .child, try await !self.portal.intake.isOpen(.child) {
            return try self.childClosed(questionnaire, context.language)
        }
        if try await !self.portal.intake.isOpen(questionnaire.unit) { throw DomainError.unavailable("intake.closed") }
        return try self.form(
            questionnaire,
            RawSubmission(),
            InputErrors(),
            state: request.query("s") ?? "",
            context.language
        )
    }

    private func submit(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        guard let questionnaire = self.questionnaire(request.query("f")) else { throw DomainError.notFound }
        let files = self.portal.intake.delivery(for: questionnaire)
        let upload = try await self.portal.form(request, into: files) {
            try self.portal.forms.check($0, request, "report")
        }
        let form = upload.fields
        let raw = RawSubmission(form, questionnaire)
        let state = form["s"] ?? ""
        do {
            if upload.isBusy { throw InputErrors("error.file.busy", for: Portal.fileField) }
            let submission = try Submission(
                questionnaire,
                raw,
                normaliser: self.portal.intake.normaliser,
                today: self.portal.clock.today()
            )
            let verdict = try await self.portal.flood.check(
                network: self.portal.network(context),
                waited: form["waited"],
                formToken: form[FormGuard.field] ?? ""
            )
            if case .wait(let token) = verdict { return try self.wait(form, questionnaire, token, context.language) }
            let acceptance = try await self.portal.intake.submit(
                submission,
                formToken: form[FormGuard.field] ?? "",
                language: context.language,
                help: self.helpAnswers(state),
                files: files
            )
            return try self.receipt(acceptance, context.language)
        } catch let refused as InputErrors {
            let errors = await self.portal.errors(refused, with: files)
            await files.discard()
            let page = try self.form(
                questionnaire,
                raw,
                errors,
                state: state,
                context.language,
                formToken: form[FormGuard.field]
            )
            return Portal.refusal(page, errors)
        }
    }

    /// Keeps what was written in a page, and lets it be sent in twenty seconds.
    private func wait(
        _ form: FormBody,
        _ questionnaire: Questionnaire,
        _ token: String,
        _ language: Language
    ) throws -> Response {
        let number = Self.number(of: questionnaire.id, in: self.portal.intake.questionnaires) ?? 1
        let kept = form.fields.filter { $0.key != "waited" }.sorted { $0.key < $1.key }
        let page = WaitPage(
            layout: self.portal.shell.layout(
                language,
                path: "signaler",
                query: "?f=\(number)",
                title: self.portal.texts(language).text("page.report"),
                isPersonal: true,
                stays: true
            ),
            action: "/\(language)/signaler?f=\(number)",
            fields: kept.flatMap { name, values in values.map { WaitPage.Hidden(name: name, value: $0) } }
                + [WaitPage.Hidden(name: "waited", value: token)]
        )
        var response = try self.portal.pages.render("portal.report-wait", page, language, status: .tooManyRequests)
        response.headers[.retryAfter] = String(Int(FloodControl.pause))
        return response
    }

    private func helpAnswers(_ state: String) -> [String: [String]] {
        let answers = self.portal.helpState.open(state)
        return Dictionary(uniqueKeysWithValues: answers.questions.map { ($0, answers[$0].sorted()) })
    }

    private func kinds(_ language: Language) async throws -> Response {
        let texts = self.portal.texts(language)
        let page = KindsPage(
            layout: self.portal.shell.layout(
                language,
                path: "signaler",
                title: texts.text("page.report"),
                isPersonal: true,
                stays: true
            ),
            isClosed: try await !self.portal.intake.isOpen(.desk),
            kinds: self.portal.intake.questionnaires.all.enumerated().map { index, version in
                KindsPage.Kind(
                    href: "/\(language)/signaler?f=\(index + 1)",
                    icon: Self.icons[version.questionnaire.id] ?? "flag",
                    title: version.questionnaire.title.text(language)
                )
            }
        )
        return try self.portal.pages.render("portal.report-kinds", page, language)
    }

    private func form(
        _ questionnaire: Questionnaire,
        _ raw: RawSubmission,
        _ errors: InputErrors,
        state: String,
        _ language: Language,
        formToken: String? = nil
    ) throws -> Response {
        let texts = self.portal.texts(language)
        let messages = FormErrors(errors, texts)
        let number = Self.number(of: questionnaire.id, in: self.portal.intake.questionnaires) ?? 1
        let query = "?f=\(number)" + (state.isEmpty ? "" : "&s=\(state)")
        let view = ReportForm(questionnaire, raw, messages, language, texts)
        let title = texts.text("page.report")
        let page = FormPage(
            layout: self.portal.shell.layout(
                language,
                path: "signaler",
                query: query,
                title: errors.isEmpty ? title : texts.text("error.title", ["title": title]),
                isPersonal: true,
                stays: true
            ),
            title: questionnaire.title.text(language),
            lead: questionnaire.lead.text(language),
            lifeDanger: questionnaire.imminentDanger,
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            action: "/\(language)/signaler?f=\(number)",
            formToken: formToken ?? self.portal.forms.issue("report"),
            state: state,
            fields: view.fields,
            hasItems: !view.items.isEmpty,
            items: view.items,
            asksIdentity: view.identities.count > 1,
            identities: view.identities,
            name: raw.name ?? "",
            nameError: messages["name"],
            contact: raw.contact ?? "",
            contactError: messages["contact"],
            takesFiles: self.portal.intake.fileLimits(questionnaire) != nil,
            files: FileField(self.portal.intake.fileLimits(questionnaire), errors: messages, texts)
        )
        return try self.portal.pages.render("portal.report-form", page, language)
    }

    /// Until a partner agreement is recorded nothing is accepted here, and the person is sent where it is.
    private func childClosed(_ questionnaire: Questionnaire, _ language: Language) throws -> Response {
        let texts = self.portal.texts(language)
        let dates = self.portal.dates(language)
        let page = ChildPage(
            layout: self.portal.shell.layout(
                language,
                path: "signaler",
                query: "?f=\(Self.number(of: questionnaire.id, in: self.portal.intake.questionnaires) ?? 1)",
                title: texts.text("page.report"),
                isPersonal: true,
                stays: true
            ),
            title: questionnaire.title.text(language),
            contacts: ["iwf-maroc", "police", "gendarmerie", "onde", "e-blagh"].compactMap { self.portal.country[$0] }
                .map { ContactView($0, language, dates, texts) }
        )
        return try self.portal.pages.render("portal.child-closed", page, language)
    }

    private func receipt(_ acceptance: Acceptance, _ language: Language) throws -> Response {
        let texts = self.portal.texts(language)
        let dates = self.portal.dates(language)
        let followUp = "\(self.portal.settings.origin)/\(language)/suivi"
        let page = ReceiptPage(
            layout: self.portal.shell.layout(
                language,
                path: "suivi",
                title: texts.text("receipt.page-title"),
                isPersonal: true,
                stays: true
            ),
            received: texts.text("receipt.received", ["moment": dates.moment(acceptance.receivedAt)]),
            groups: acceptance.code.groups,
            reference: acceptance.report.reference,
            acknowledge: texts.text(
                "receipt.by",
                ["day": dates.day(acceptance.report.day + min(self.portal.country.profile.acknowledgeDays, 7))]
            ),
            followUp: followUp,
            qr: QRCode(followUp).map { ReceiptPage.QR(box: $0.side + 4, path: $0.path) },
            retention: self.portal.retention("receipt", language),
            proof: acceptance.receipt.text
        )
        return try self.portal.pages.render("portal.receipt", page, language)
    }
}

private struct WaitPage {
    let layout: Layout
    let action: String
    let fields: [Hidden]

    struct Hidden {
        let name: String
        let value: String
    }
}

private struct KindsPage {
    let layout: Layout
    let isClosed: Bool
    let kinds: [Kind]

    struct Kind {
        let href: String
        let icon: String
        let title: String
    }
}

private struct FormPage {
    let layout: Layout
    let title: String
    let lead: String
    let lifeDanger: Bool
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let action: String
    let formToken: String
    let state: String
    let fields: [ReportForm.FieldView]
    let hasItems: Bool
    let items: [ReportForm.ItemView]
    let asksIdentity: Bool
    let identities: [ReportForm.IdentityView]
    let name: String
    let nameError: String?
    let contact: String
    let contactError: String?
    let takesFiles: Bool
    let files: FileField?
}

private struct ChildPage {
    let layout: Layout
    let title: String
    let contacts: [ContactView]
}

private struct ReceiptPage {
    let layout: Layout
    let received: String
    let groups: [String]
    let reference: String
    let acknowledge: String
    let followUp: String
    let qr: QR?
    let retention: String
    let proof: String

    struct QR {
        let box: Int
        let path: String
    }
}
