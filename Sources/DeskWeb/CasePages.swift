import Casework
import Foundation
import Hummingbird
import Identity
import Intake
import Kernel
import WebSupport

/// `/{language}/dossiers/{id}`: one case, and everything that can be done with it.
struct CasePages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("dossiers/:id", use: self.show)
        group.get("dossiers/:id/fichiers/:file", use: self.download)
        group.post("dossiers/:id/prendre") { request, context in
            try await self.change(request, context) { id, version, _, access in
                try await self.desk.casework.take(id, version: version, for: access)
            }
        }
        group.post("dossiers/:id/liberer") { request, context in
            try await self.change(request, context) { id, version, _, access in
                try await self.desk.casework.release(id, version: version, for: access)
            }
        }
        group.post("dossiers/:id/classer") { request, context in
            try await self.change(request, context) { id, version, form, access in
                guard let category = form["category"], Desk.categories.contains(category),
                    let urgency = form["urgency"].flatMap({ Int($0) }).flatMap(Urgency.init(rawValue:))
                else { throw InputErrors("error.choose", for: "k1") }
                try await self.desk.casework.triage(
                    id,
                    version: version,
                    category: category,
                    urgency: urgency,
                    for: access
                )
            }
        }
        group.post("dossiers/:id/repondre") { request, context in
            try await self.change(request, context) { id, version, form, access in
                try await self.desk.casework.reply(
                    form["text"] ?? "",
                    on: id,
                    version: version,
                    asking: form["asking"] == "yes",
                    for: access
                )
            }
        }
        group.post("dossiers/:id/note") { request, context in
            try await self.change(request, context) { id, version, form, access in
                try await self.desk.casework.note(form["text"] ?? "", on: id, version: version, for: access)
            }
        }
        group.post("dossiers/:id/etat") { request, context in
            try await self.change(request, context) { id, version, form, access in
                guard let event = form["event"].flatMap(CaseState.Event.init(code:)) else {
                    throw InputErrors("error.choose", for: "event")
                }
                try await self.desk.casework.move(id, version: version, event, for: access)
            }
        }
        group.post("dossiers/:id/conservation") { request, context in
            try await self.change(request, context) { id, version, form, access in
                if form["end"] == "yes" {
                    return try await self.desk.casework.endHold(id, version: version, for: access)
                }
                try await self.desk.casework.hold(
                    id,
                    authority: form["authority"] ?? "",
                    reason: form["reason"] ?? "",
                    version: version,
                    for: access
                )
            }
        }
        group.post("dossiers/:id/element") { request, context in
            try await self.change(request, context) { id, version, form, access in
                let grade = form["grade"] ?? ""
                guard let item = form["item"].flatMap(Identifier<Item>.init(_:)),
                    let state = form["state"].flatMap(ItemState.init(rawValue:)),
                    grade.isEmpty || self.desk.taxonomy.contains(where: { $0.id == grade })
                else { throw InputErrors("error.choose", for: "s2") }
                try await self.desk.casework.assess(
                    item,
                    of: id,
                    version: version,
                    state: state,
                    grade: grade,
                    for: access
                )
            }
        }
    }

    private func access(_ context: DeskContext) async throws -> DeskAccess {
        DeskAccess(
            principal: context.session.principal,
            unitKeys: try await self.desk.identity.unitKeys(context.session)
        )
    }

    private func id(_ context: DeskContext) throws -> Report.ID {
        guard let id = context.parameters.get("id").flatMap(Report.ID.init(_:)) else { throw DomainError.notFound }
        return id
    }

    private func show(_ request: Request, _ context: DeskContext) async throws -> Response {
        try await self.page(
            try self.id(context),
            context,
            flash: request.query("ok") != nil,
            template: request.query("modele")
        )
    }

    private func download(_ request: Request, _ context: DeskContext) async throws -> Response {
        guard let file = context.parameters.get("file").flatMap(Attachment.ID.init(_:)) else {
            throw DomainError.notFound
        }
        let opened = try await self.desk.casework.file(
            file,
            of: try self.id(context),
            for: try await self.access(context)
        )
        return CaseFileDownload.response(opened, logger: context.logger)
    }

    private func page(
        _ id: Report.ID,
        _ context: DeskContext,
        flash: Bool = false,
        errors: InputErrors = InputErrors(),
        draft: String = "",
        template: String? = nil,
        hold: HoldView.Draft = HoldView.Draft()
    ) async throws -> Response {
        let access = try await self.access(context)
        // The child channel has a page of its own, which shows less.
        guard try await self.desk.casework.unit(of: id) == .desk else { throw DomainError.notFound }
        let opened = try await self.desk.casework.open(id, for: access)
        var people = Set(opened.notes.compactMap { Identifier<Principal>($0.actor) })
        people.formUnion(opened.transitions.compactMap { Identifier<Principal>($0.actor) })
        if let lock = opened.file.lockId { people.insert(lock) }
        let view = CaseView(
            opened,
            desk: self.desk,
            context: context,
            names: try await self.desk.identity.names(of: people),
            flash: flash,
            errors: errors,
            draft: self.desk.replies.first { $0.id == template }?.text.text(opened.file.language) ?? draft,
            hold: (try await self.desk.casework.hold(of: id, for: access), hold)
        )
        return try self.desk.pages.render(
            "desk.case",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func change(
        _ request: Request,
        _ context: DeskContext,
        _ body: (Report.ID, Int, FormBody, DeskAccess) async throws -> Void
    ) async throws -> Response {
        let id = try self.id(context)
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        guard let version = form["version"].flatMap({ Int($0) }) else {
            throw DomainError.conflict("casework.changed-meanwhile")
        }
        do {
            try await body(id, version, form, try await self.access(context))
            return .redirect(to: "/\(context.language)/dossiers/\(id)?ok=1", type: .normal)
        } catch let errors as InputErrors {
            return try await self.page(
                id,
                context,
                errors: errors,
                draft: form["text"] ?? "",
                hold: HoldView.Draft(authority: form["authority"] ?? "", reason: form["reason"] ?? "")
            )
        }
    }
}

extension CaseState.Event {
    /// The code a form carries: `start`, `close.handled`.
    var code: String {
        switch self {
        case .triage: "triage"
        case .start: "start"
        case .askReporter: "askReporter"
        case .reporterAnswered: "reporterAnswered"
        case .close(let reason): "close.\(reason.rawValue)"
        case .reopen: "reopen"
        case .purge: "purge"
        }
    }

    init?(code: String) {
        let known: [CaseState.Event] =
            [.triage, .start, .askReporter, .reopen] + ClosingReason.allCases.map { .close($0) }
        guard let event = known.first(where: { $0.code == code }) else { return nil }
        self = event
    }
}
