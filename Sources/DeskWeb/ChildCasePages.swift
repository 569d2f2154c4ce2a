import Casework
import Hummingbird
import Identity
import Indicators
import Intake
import Kernel
import WebSupport

/// `/{language}/enfants/{id}`: one report of the child channel, for cleared analysts. Addresses are masked until somebody
/// asks for them, never clickable, never opened, resolved or fetched by anything here.
struct ChildCasePages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("enfants/:id") { _, context in
            try await self.page(try self.id(context), context, isMasked: true)
        }
        group.post("enfants/:id/reveler") { request, context in
            let form = try await FormBody.read(request)
            try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
            return try await self.page(try self.id(context), context, isMasked: false)
        }
        group.post("enfants/:id/remise") { request, context in
            try await self.change(request, context) { id, version, form, access in
                try await self.desk.casework.recordHandover(
                    id,
                    version: version,
                    reference: form["reference"],
                    for: access
                )
            }
        }
        group.post("enfants/:id/accuse") { request, context in
            try await self.change(request, context) { id, version, form, access in
                guard form["sure"] == "yes" else { throw InputErrors("error.sure", for: "acknowledgement") }
                try await self.desk.casework.recordAcknowledgement(
                    id,
                    version: version,
                    reference: form["acknowledgement"],
                    for: access
                )
            }
        }
    }

    private func id(_ context: DeskContext) throws -> Report.ID {
        guard let id = context.parameters.get("id").flatMap(Report.ID.init(_:)) else { throw DomainError.notFound }
        return id
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
            return .redirect(to: "/\(context.language)/enfants/\(id)", type: .normal)
        } catch let errors as InputErrors {
            return try await self.page(id, context, isMasked: true, errors: errors)
        }
    }

    private func access(_ context: DeskContext) async throws -> DeskAccess {
        DeskAccess(
            principal: context.session.principal,
            unitKeys: try await self.desk.identity.unitKeys(context.session)
        )
    }

    private func page(
        _ id: Report.ID,
        _ context: DeskContext,
        isMasked: Bool,
        errors: InputErrors = InputErrors()
    ) async throws -> Response {
        let access = try await self.access(context)
        try access.principal.require(.readChildCases)
        let opened =
            isMasked
            ? try await self.desk.casework.open(id, for: access) : try await self.desk.casework.reveal(id, for: access)
        guard opened.file.unit == .child else { throw DomainError.notFound }
        let handover = try await self.desk.casework.handover(id, for: access)
        let channel = try await self.desk.casework.childChannel(for: access.principal)
        let texts = self.desk.texts(context.language)
        let dates = self.desk.dates(context.language)
        let isOpen = opened.file.state.isOpen
        let told = isMasked ? [] : opened.opened.entries.flatMap(Self.words)
        let view = ChildCaseView(
            layout: self.desk.shell.layout(
                context.language,
                path: "enfants/\(id)",
                title: opened.file.reference,
                isPersonal: true,
                navigation: context.navigation
            ),
            hasErrors: !errors.isEmpty,
            errors: FormErrors(errors, texts).lines,
            reference: opened.file.reference,
            state: texts.text("case.state.\(opened.file.state.rawValue)"),
            received: dates.day(opened.file.receivedDay),
            isLate: isOpen && opened.file.receivedDay < self.desk.clock.today(),
            isErased: handover?.acknowledgedDay != nil,
            isMasked: isMasked,
            isOpen: isOpen,
            addresses: opened.opened.items.map { isMasked ? $0.indicator.masked : $0.indicator.defanged },
            texts: told,
            action: "/\(context.language)/enfants/\(id)",
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            version: opened.file.version,
            handOverText: texts.text(
                "child.desk.hand-over-text",
                ["partner": channel?.partner ?? "?", "address": channel?.address ?? "?"]
            ),
            handed: handover.map { texts.text("child.desk.handed", ["day": dates.day($0.handedDay)]) },
            ackError: FormErrors(errors, texts)["acknowledgement"]
        )
        return try self.desk.pages.render(
            "desk.child-case",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private static func words(_ entry: Entry) -> [String] {
        switch entry.body {
        case .answers(let answers): answers.answers.values.flatMap(\.self)
        case .message(let text): [text]
        default: []
        }
    }
}

private struct ChildCaseView {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let reference: String
    let state: String
    let received: String
    let isLate: Bool
    let isErased: Bool
    let isMasked: Bool
    let isOpen: Bool
    let addresses: [String]
    let texts: [String]
    let action: String
    let formToken: String
    let version: Int
    let handOverText: String
    let handed: String?
    let ackError: String?
}
