import Casework
import HTTPTypes
import Hummingbird
import Identity
import Intake
import Kernel
import WebSupport

/// `/api/v1/cases/{id}` and everything that can be done with a case. A change names the version it was made on.
struct CaseRoutes: Sendable {
    let api: DeskAPI

    var routes: [Route] {
        [
            .get("cases/{id}", self.show),
            .post("cases/{id}/take") { request, context in
                try await self.change(request, context, "take", []) { _ in self.take }
            },
            .post("cases/{id}/release") { request, context in
                try await self.change(request, context, "release", []) { _ in self.release }
            },
            .post("cases/{id}/triage") { request, context in
                try await self.change(request, context, "triage", ["category", "urgency"], self.triage)
            },
            .post("cases/{id}/replies") { request, context in
                try await self.change(request, context, "replies", ["text", "asking"], self.reply)
            },
            .post("cases/{id}/notes") { request, context in
                try await self.change(request, context, "notes", ["text"], self.note)
            },
            .post("cases/{id}/transitions") { request, context in
                try await self.change(request, context, "transitions", ["event", "reason"], self.move)
            },
            .post("cases/{id}/assessments") { request, context in
                let names: Set<String> = ["indicator", "state", "classification"]
                return try await self.change(request, context, "assessments", names, self.assess)
            },
        ]
    }

    private func id(_ context: AppRequestContext) throws -> Report.ID {
        guard let id = context.parameters.get("id").flatMap(Report.ID.init(_:)) else { throw DomainError.notFound }
        return id
    }

    private func show(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let access = try await self.api.access(request)
        let opened = try await self.api.casework.open(try self.id(context), for: access)
        var people = Set(opened.notes.compactMap { Identifier<Principal>($0.actor) })
        people.formUnion(opened.transitions.compactMap { Identifier<Principal>($0.actor) })
        people.formUnion([opened.file.assigneeId, opened.file.lockId].compactMap(\.self))
        let names = try await self.api.identity.names(of: people)
        return try JSONResponse.make(
            OpenedCaseDocument(opened, names, self.api),
            headers: [.eTag: Headers.etag(opened.file.version)]
        )
    }

    /// What is left to do once a body is found right.
    private typealias Work = @Sendable (Report.ID, _ version: Int, DeskAccess) async throws -> Void

    /// The frame of every change: who, which version, whether the body is right, then once for a key; and the case as it
    /// now stands.
    private func change(
        _ request: Request,
        _ context: AppRequestContext,
        _ operation: String,
        _ names: Set<String>,
        _ check: (inout Fields) throws -> Work
    ) async throws -> Response {
        let access = try await self.api.access(request)
        let id = try self.id(context)
        let version = try Headers.version(request)
        var input = try await Fields.read(request, names)
        let work = try check(&input)
        let outcome = try await self.api.shared.idempotency.once(
            request,
            principal: "staff:\(access.principal.id)",
            operation: "\(operation):\(id)"
        ) {
            try await work(id, version, access)
            return (.ok, "\(id)")
        }
        let file = try await self.api.casework.summary(id, for: access)
        let people = Set([file.assigneeId, file.lockId].compactMap(\.self))
        var headers: HTTPFields = [.eTag: Headers.etag(file.version)]
        if outcome.isReplay { headers[.idempotencyReplayed] = "true" }
        return try JSONResponse.make(
            CaseDocument(file, try await self.api.identity.names(of: people), self.api),
            status: outcome.status,
            headers: headers
        )
    }

    private func take(_ id: Report.ID, _ version: Int, _ access: DeskAccess) async throws {
        try await self.api.casework.take(id, version: version, for: access)
    }

    private func release(_ id: Report.ID, _ version: Int, _ access: DeskAccess) async throws {
        try await self.api.casework.release(id, version: version, for: access)
    }

    private func triage(_ input: inout Fields) throws -> Work {
        let known = Dictionary(uniqueKeysWithValues: self.api.categories.map { ($0, $0) })
        let category = input.choice("category", known)
        let urgency = input.choice("urgency", CaseDocument.urgencies)
        guard let category, let urgency else { throw input.errors }
        return { id, version, access in
            try await self.api.casework.triage(id, version: version, category: category, urgency: urgency, for: access)
        }
    }

    private func reply(_ input: inout Fields) throws -> Work {
        let raw = input.text("text")
        let asking = input.flag("asking")
        try input.finish()
        let text = try Self.text(raw, longest: 8000)
        return { id, version, access in
            try await self.api.casework.reply(text, on: id, version: version, asking: asking, for: access)
        }
    }

    private func note(_ input: inout Fields) throws -> Work {
        let raw = input.text("text")
        try input.finish()
        let text = try Self.text(raw, longest: 4000)
        return { id, version, access in
            try await self.api.casework.note(text, on: id, version: version, for: access)
        }
    }

    /// As the capability judges it, but under our name and before anything is done.
    private static func text(_ raw: String?, longest: Int) throws -> String {
        var reader = InputReader()
        let text = reader.text("text", raw, length: 1...longest)
        try reader.finish()
        return text ?? ""
    }

    private static let events: [String: CaseState.Event] = [
        "start": .start, "ask-reporter": .askReporter, "reopen": .reopen,
    ]

    private func move(_ input: inout Fields) throws -> Work {
        let reasons = Dictionary(uniqueKeysWithValues: ClosingReason.allCases.map { ($0.rawValue, $0) })
        let event: CaseState.Event?
        if input.raw("event") == .string("close") {
            event = input.choice("reason", reasons).map { .close($0) }
        } else {
            if input.has("reason") { input.refuse("reason", "error.choose") }
            event = input.choice("event", Self.events)
        }
        try input.finish()
        guard let event else { throw input.errors }
        return { id, version, access in
            try await self.api.casework.move(id, version: version, event, for: access)
        }
    }

    private func assess(_ input: inout Fields) throws -> Work {
        let item = input.text("indicator")
        let states = Dictionary(uniqueKeysWithValues: ItemState.allCases.map { ($0.rawValue, $0) })
        let state = input.choice("state", states)
        let grade = input.optionalText("classification") ?? ""
        if !grade.isEmpty, !self.api.taxonomy.contains(grade) { input.refuse("classification", "error.choose") }
        if state == .assessed, grade.isEmpty { input.refuse("classification", "error.choose") }
        let itemID = item.flatMap(Identifier<Item>.init(_:))
        if item != nil, itemID == nil { input.refuse("indicator", "error.choose") }
        try input.finish()
        guard let itemID, let state else { throw input.errors }
        return { id, version, access in
            try await self.api.casework.assess(
                itemID,
                of: id,
                version: version,
                state: state,
                grade: grade,
                for: access
            )
        }
    }
}
