import Casework
import Hummingbird
import Identity
import Kernel
import WebSupport

/// `/{language}/voie-enfants`: whether the child channel is open, and what opens it.
struct ChildChannelPages: Sendable {
    let desk: Desk

    static let keys =
        ["none", "agreed", "open"].flatMap { ["child.desk.state.\($0).title", "child.desk.state.\($0).text"] }
        + ["partner", "address", "agreement", "day"].map { "child.desk.field.\($0)" } + ["child.desk.test-line"]

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("voie-enfants") { _, context in try await self.page(context) }
        group.post("voie-enfants") { request, context in
            try await self.change(request, context) { form in
                try await self.desk.casework.recordAgreement(
                    partner: form["partner"],
                    address: form["address"],
                    agreement: form["agreement"],
                    day: form["day"],
                    by: context.session.principal
                )
            }
        }
        group.post("voie-enfants/essai") { request, context in
            try await self.change(request, context) { form in
                try await self.desk.casework.recordTest(reference: form["reference"], by: context.session.principal)
            }
        }
        group.post("voie-enfants/fin") { request, context in
            try await self.change(request, context) { form in
                guard form["sure"] == "yes" else { throw InputErrors("error.sure", for: "sure") }
                try await self.desk.casework.closeChildChannel(by: context.session.principal)
            }
        }
    }

    private func change(
        _ request: Request,
        _ context: DeskContext,
        _ body: (FormBody) async throws -> Void
    ) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        do {
            try await body(form)
            return .redirect(to: "/\(context.language)/voie-enfants", type: .normal)
        } catch let errors as InputErrors {
            return try await self.page(context, errors: errors, form: form)
        }
    }

    private func page(
        _ context: DeskContext,
        errors: InputErrors = InputErrors(),
        form: FormBody = FormBody([:])
    ) async throws -> Response {
        let principal = context.session.principal
        let channel = try await self.desk.casework.childChannel(for: principal)
        let texts = self.desk.texts(context.language)
        let dates = self.desk.dates(context.language)
        let messages = FormErrors(errors, texts)
        let state = channel.map { $0.isOpen ? "open" : "agreed" } ?? "none"
        let view = ChannelView(
            layout: self.desk.shell.layout(
                context.language,
                path: "voie-enfants",
                title: texts.text("child.desk.title"),
                isPersonal: true,
                navigation: context.navigation
            ),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            stateKind: state == "open" ? "ok" : "warn",
            stateIcon: state == "open" ? "ok" : "lock",
            stateTitle: texts.text("child.desk.state.\(state).title"),
            stateText: texts.text("child.desk.state.\(state).text"),
            channel: channel.map { channel in
                ChannelView.Channel(
                    partner: channel.partner,
                    address: channel.address,
                    agreement: channel.agreement,
                    agreed: dates.day(channel.agreedDay),
                    test: channel.testReference.map { reference in
                        texts.text(
                            "child.desk.test-line",
                            ["reference": reference, "day": channel.testDay.map(dates.day) ?? ""]
                        )
                    }
                )
            },
            mayManage: principal.may(.manageChildChannel),
            mayTest: principal.may(.readChildCases) && channel != nil,
            action: "/\(context.language)/voie-enfants",
            formToken: self.desk.forms.issue("desk", subject: context.session.subject),
            fields: ["partner", "address", "agreement", "day"].map {
                ChannelView.Field(
                    id: $0,
                    label: texts.text("child.desk.field.\($0)"),
                    value: form[$0] ?? "",
                    error: messages[$0]
                )
            },
            testError: messages["reference"]
        )
        return try self.desk.pages.render(
            "desk.child-channel",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }
}

private struct ChannelView {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let stateKind: String
    let stateIcon: String
    let stateTitle: String
    let stateText: String
    let channel: Channel?
    let mayManage: Bool
    let mayTest: Bool
    let action: String
    let formToken: String
    let fields: [Field]
    let testError: String?

    struct Channel {
        let partner: String
        let address: String
        let agreement: String
        let agreed: String
        let test: String?
    }

    struct Field {
        let id: String
        let label: String
        let value: String
        let error: String?
    }
}
