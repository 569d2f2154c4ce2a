import Foundation
import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

extension Desk {
    /// Keys of the account and team pages that code composes.
    static let identityKeys =
        [
            "account.lead", "account.no-role", "account.recovery.printed", "desk.enrolled.lead", "nav.compte",
            "recover.title", "recover.done.title", "recover.done.lead", "desk.sign-in.button", "account.factor.title",
            "account.authenticator.link", "team.request", "team.waiting", "team.link-waits", "error.recovery",
            "error.password-current", "error.password-same",
        ] + Self.identityConflicts.map { "error.\($0)" }

    /// What the rules on accounts refuse, with a sentence for each.
    private static let identityConflicts = [
        "identity.last-administrator", "identity.last-key-holder", "identity.not-oneself", "identity.no-key-to-give",
        "identity.roles-apart", "identity.request-open",
    ]

    /// The sentence for a refusal of that kind; `nil` for any other error.
    static func refusal(_ error: any Error) -> InputErrors? {
        guard case DomainError.conflict(let key) = error, Self.identityConflicts.contains(key) else { return nil }
        return InputErrors("error.\(key)", for: "actions")
    }

    /// A form of somebody signed in, checked.
    /// - Parameter names: all the fields it may have.
    func form(_ request: Request, _ context: DeskContext, _ names: Set<String> = []) async throws -> FormBody {
        let form = try await FormBody.read(request)
        try self.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        try form.allow(names)
        return form
    }

    func roleNames(_ roles: [Role], _ language: Language) -> String {
        let texts = self.texts(language)
        if roles.isEmpty { return texts.text("account.no-role") }
        return roles.map { texts.text("role.\($0.rawValue).name") }.joined(separator: ", ")
    }

    /// Codes and keys, shown once.
    func printed(
        _ language: Language,
        title: String,
        lead: String,
        codes: [String],
        recoveryKey: String,
        next: (path: String, label: String),
        navigation: Set<String>
    ) throws -> Response {
        let texts = self.texts(language)
        let page = PrintedPage(
            layout: self.shell.layout(
                language,
                path: next.path,
                title: texts.text(title),
                isPersonal: true,
                navigation: navigation
            ),
            title: texts.text(title),
            lead: texts.text(lead),
            hasCodes: !codes.isEmpty,
            codes: codes,
            recoveryKey: recoveryKey,
            next: "/\(language)/\(next.path)",
            nextLabel: texts.text(next.label)
        )
        return try self.pages.render("desk.printed", page, language)
    }
}

private struct PrintedPage {
    let layout: Layout
    let title: String
    let lead: String
    let hasCodes: Bool
    let codes: [String]
    let recoveryKey: String
    let next: String
    let nextLabel: String
}
