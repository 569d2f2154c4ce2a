import Foundation
import Hummingbird
import Intake
import Kernel
import Vault
import WebSupport

/// `/{language}/verify`: anybody can check that a signed receipt is ours, without learning what it is about.
struct VerifyPages: Sendable {
    let portal: Portal

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("verify") { _, context in try self.page(context.language) }
        group.post("verify", use: self.check)
    }

    private func check(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.portal.forms.check(form, request, "verify")
        let proof = String((form["proof"] ?? "").prefix(2000))
        return try self.page(
            context.language,
            proof: proof,
            fields: SignedReceipt.verify(proof, with: self.portal.intake.verifyingKey)
        )
    }

    private func page(_ language: Language, proof: String? = nil, fields: [String: String]? = nil) throws -> Response {
        let texts = self.portal.texts(language)
        let page = Page(
            layout: self.portal.shell.layout(
                language,
                path: "verify",
                title: texts.text("page.verify"),
                isPersonal: true
            ),
            isGenuine: fields != nil,
            isFalse: proof != nil && fields == nil,
            reference: fields?["reference"] ?? "",
            received: fields?["received"] ?? "",
            action: "/\(language)/verify",
            formToken: self.portal.forms.issue("verify"),
            proof: proof ?? "",
            key: self.portal.intake.verifyingKey.encoded.base64EncodedString()
        )
        return try self.portal.pages.render("portal.verify", page, language)
    }

    private struct Page {
        let layout: Layout
        let isGenuine: Bool
        let isFalse: Bool
        let reference: String
        let received: String
        let action: String
        let formToken: String
        let proof: String
        let key: String
    }
}
