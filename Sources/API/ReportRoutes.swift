import Country
import Foundation
import Guidance
import HTTPTypes
import Hummingbird
import Indicators
import Intake
import Kernel
import Vault
import WebSupport

/// Kinds of report with their fields, and the report itself.
struct ReportRoutes: Sendable {
    let api: PortalAPI

    private static let purpose = "api-report"
    /// Seconds in which the same token gives the same code.
    private static let lifetime: TimeInterval = 30 * 60

    var routes: [Route] {
        [
            .get("report-kinds", self.kinds),
            .get("report-kinds/{id}", self.kind),
            .post("form-tokens", self.issue),
            .post("reports", self.submit),
        ]
    }

    private func isOpen(_ questionnaire: Questionnaire) async throws -> Bool {
        try await self.api.intake.isOpen(questionnaire.unit)
    }

    private func kinds(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var kinds: [KindDocument] = []
        for version in self.api.intake.questionnaires.all {
            let isOpen = try await self.isOpen(version.questionnaire)
            kinds.append(KindDocument(version.questionnaire, isOpen: isOpen, context.language, isWhole: false))
        }
        return try JSONResponse.make(["report_kinds": kinds])
    }

    private func kind(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        guard let questionnaire = self.api.intake.questionnaires[id]?.questionnaire else { throw DomainError.notFound }
        let isOpen = try await self.isOpen(questionnaire)
        return try JSONResponse.make(KindDocument(questionnaire, isOpen: isOpen, context.language, isWhole: true))
    }

    private func issue(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let now = self.api.shared.clock.now()
        let token = self.api.formTokens.issue(Self.purpose, now: now)
        return try JSONResponse.make(
            TokenDocument(formToken: token, expiresAt: now + Self.lifetime),
            status: .created
        )
    }

    private static let names: Set<String> = [
        "form_token", "kind", "fields", "items", "identity", "name", "contact", "diagnosis_state",
        "waited",
    ]

    private func submit(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var input = try await Fields.read(request, Self.names)
        let token = input.text("form_token")
        if let token, !self.isValid(token) { input.refuse("form_token", "api.error.form-token") }
        let kind = input.text("kind")
        let questionnaire = kind.flatMap { self.api.intake.questionnaires[$0]?.questionnaire }
        if kind != nil, questionnaire == nil { input.refuse("kind", "api.error.kind") }
        let waited = input.optionalText("waited")
        let state = input.optionalText("diagnosis_state")
        let help = state.map { self.api.diagnosis.open($0) }
        if case .some(.none) = help { input.refuse("diagnosis_state", "api.error.state") }
        guard let questionnaire, let token else { throw input.errors }
        let raw = try RawReport(&input, questionnaire)
        try input.finish()
        let submission: Submission
        do throws(InputErrors) {
            submission = try Submission(
                questionnaire,
                raw.submission,
                normaliser: self.api.intake.normaliser,
                today: self.api.shared.clock.today()
            )
        } catch {
            throw raw.placed(error, questionnaire)
        }
        let verdict = try await self.api.flood.check(
            network: self.api.shared.network(context),
            waited: waited,
            formToken: token
        )
        if case .wait(let permission) = verdict { throw MustWait(waited: permission) }
        let answers = help.flatMap(\.self) ?? Answers()
        let acceptance = try await self.api.intake.submit(
            submission,
            formToken: token,
            language: context.language,
            help: Dictionary(uniqueKeysWithValues: answers.questions.map { ($0, answers[$0].sorted()) })
        )
        return try JSONResponse.make(
            ReceiptDocument(
                reference: acceptance.report.reference,
                code: acceptance.code.digits,
                receipt: acceptance.receipt.text,
                receivedAt: acceptance.receivedAt,
                acknowledgeBy: acceptance.report.day + min(self.api.country.profile.acknowledgeDays, 7)
            ),
            status: acceptance.isRepeat ? .ok : .created
        )
    }

    private func isValid(_ token: String) -> Bool {
        self.api.formTokens.check(token, Self.purpose, now: self.api.shared.clock.now(), lifetime: Self.lifetime)
    }
}

private struct TokenDocument: Encodable {
    let formToken: String
    let expiresAt: Date
}

private struct ReceiptDocument: Encodable {
    let reference: String
    /// The only time and place where the code is written.
    let code: String
    let receipt: String
    let receivedAt: Date
    let acknowledgeBy: Day
}
