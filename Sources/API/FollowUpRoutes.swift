import Country
import Foundation
import HTTPTypes
import Hummingbird
import Indicators
import Intake
import Kernel
import Vault
import WebSupport

/// `/api/v1/follow-up`: back with the code. The code is sent once, in a body; a bearer token then stands for the visit.
struct FollowUpRoutes: Sendable {
    let api: PortalAPI

    /// Tries at a code, per network and for everybody, in one minute; counted together with those of the pages.
    private static let triesOfNetwork = 10
    private static let triesOfAll = 100

    var routes: [Route] {
        [
            .post("follow-up/sessions", self.enter),
            .delete("follow-up/sessions", self.leave),
            .get("follow-up", self.show),
            .post("follow-up/messages", self.write),
            .post("follow-up/items", self.addItem),
            .post("follow-up/identity", self.reveal),
            .post("follow-up/withdrawal", self.withdraw),
        ]
    }

    private func enter(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var input = try await Fields.read(request, ["code"])
        let typed = input.text("code")
        try input.finish()
        let code: ReceiptCode
        do throws(ReceiptCode.Mistake) {
            code = try ReceiptCode(typed: typed ?? "")
        } catch {
            // A slip of the finger costs nothing and counts as no try.
            let key = if case .checkDigits = error { "error.code.digits" } else { "error.code.length" }
            throw InputErrors(key, for: "code")
        }
        let mine = try await self.api.attempts("receipt", self.api.shared.network(context), 60)
        let all = try await self.api.attempts("receipt-all", "all", 60)
        if mine > Self.triesOfNetwork || all > Self.triesOfAll { throw DomainError.rateLimited(retryAfter: 60) }
        guard let token = try await self.api.intake.visit(code) else {
            throw InputErrors("error.code.unknown", for: "code")
        }
        return try JSONResponse.make(SessionDocument(token), status: .created)
    }

    private func visit(_ request: Request) async throws -> (ReporterVisit, SecretToken) {
        guard let token = Headers.bearer(request), let visit = try await self.api.intake.resume(token) else {
            throw SignInRequired()
        }
        return (visit, token)
    }

    private func leave(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.api.intake.end(try await self.visit(request).1)
        return Response(status: .noContent)
    }

    private func show(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let (visit, _) = try await self.visit(request)
        return try JSONResponse.make(
            FollowUpDocument(try await self.api.intake.open(visit), self.api.country.profile)
        )
    }

    /// What is left to do once a body is found right; gives the id of what it made.
    private typealias Work = @Sendable () async throws -> String

    /// The frame of what a reporter adds: whose visit, whether the body is right, then once for a key, and the id of what
    /// was made.
    private func act(
        _ request: Request,
        _ operation: String,
        _ names: Set<String>,
        _ check: (inout Fields, ReporterVisit) throws -> Work
    ) async throws -> Response {
        let (visit, _) = try await self.visit(request)
        var input = try await Fields.read(request, names)
        let work = try check(&input, visit)
        let outcome = try await self.api.shared.idempotency.once(
            request,
            principal: "reporter:\(visit.report.id)",
            operation: operation
        ) { (.created, try await work()) }
        return try JSONResponse.make(
            ["id": outcome.resource],
            status: outcome.status,
            headers: outcome.isReplay ? [.idempotencyReplayed: "true"] : [:]
        )
    }

    private func write(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, "messages", ["text"]) { input, visit in
            let raw = input.text("text")
            try input.finish()
            var reader = InputReader()
            let text = reader.text("text", raw, length: 1...8000)
            try reader.finish()
            return { "\(try await self.api.intake.write(text ?? "", in: visit))" }
        }
    }

    private func addItem(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, "items", ["kind", "value"]) { input, visit in
            let offered = self.api.intake.questionnaires[visit.report.kind]?.questionnaire.items ?? []
            let kind = input.choice("kind", Dictionary(uniqueKeysWithValues: offered.map { ($0.rawValue, $0) }))
            let raw = input.text("value")
            try input.finish()
            var reader = InputReader()
            let text = reader.text("value", raw, length: 1...2048)
            guard let kind, let text else { throw reader.errors }
            let indicator = Indicator(kind: kind, written: text)
            if !self.api.intake.normaliser.isPlausible(indicator) {
                reader.refuse("value", "error.item.\(kind.rawValue)")
            }
            try reader.finish()
            return {
                let ids = try await self.api.intake.add([indicator], in: visit)
                return ids.first.map { "\($0)" } ?? ""
            }
        }
    }

    private func reveal(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, "identity", ["name", "contact"]) { input, visit in
            let rawName = input.optionalText("name")
            let rawContact = input.text("contact")
            try input.finish()
            var reader = InputReader()
            let name = reader.text("name", rawName, length: 0...120)
            let contact = reader.text("contact", rawContact, length: 5...200)
            try reader.finish()
            let given = name.flatMap { $0.isEmpty ? nil : $0 }
            return { "\(try await self.api.intake.reveal(name: given, contact: contact, in: visit))" }
        }
    }

    private func withdraw(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.act(request, "withdrawal", ["confirm"]) { input, visit in
            if !input.flag("confirm") { input.refuse("confirm", "api.error.confirm") }
            try input.finish()
            return { "\(try await self.api.intake.withdraw(visit))" }
        }
    }
}
