import Content
import Country
import Foundation
import Hummingbird
import Intake
import Kernel
import Vault
import WebSupport

/// Contacts, guides and the checking of receipts: the same for everybody.
struct ReferenceRoutes: Sendable {
    let api: PortalAPI

    var routes: [Route] {
        [
            .get("contacts", self.contacts),
            .get("guides", self.guides),
            .get("guides/{slug}", self.guide),
            .post("receipts/verify", self.verify),
        ]
    }

    private func contacts(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try JSONResponse.make([
            "contacts": self.api.country.directory.filter(\.isSourced).map { ContactDocument($0, context.language) }
        ])
    }

    private func guides(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try JSONResponse.make([
            "guides": self.api.content.guides(context.language).map { GuideDocument($0, isWhole: false) }
        ])
    }

    private func guide(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let slug = try context.parameters.require("slug")
        guard let article = self.api.content.article(.guide, slug, context.language) else { throw DomainError.notFound }
        return try JSONResponse.make(GuideDocument(article, isWhole: true))
    }

    private func verify(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var input = try await Fields.read(request, ["receipt"])
        let receipt = input.text("receipt") ?? ""
        if receipt.count > 2000 { input.refuse("receipt", "error.too-long", limit: 2000) }
        try input.finish()
        let fields = SignedReceipt.verify(receipt, with: self.api.intake.verifyingKey)
        return try JSONResponse.make(
            Verdict(
                isGenuine: fields != nil,
                reference: fields?["reference"],
                receivedAt: fields?["received"],
                verifyingKey: self.api.intake.verifyingKey.encoded.base64EncodedString()
            )
        )
    }
}

private struct Verdict: Encodable {
    let isGenuine: Bool
    let reference: String?
    let receivedAt: String?
    /// Ed25519, base64.
    let verifyingKey: String
}

private struct GuideDocument: Encodable {
    struct Source: Encodable {
        let title: String
        let url: String
        let checkedOn: Day
    }

    let slug: String
    let title: String
    let summary: String
    let language: String
    let topic: String
    let licence: String
    let revision: Int
    let reviewedOn: Day
    let doNow: [String]?
    /// Markdown.
    let body: String?
    let sources: [Source]?

    init(_ article: Article, isWhole: Bool) {
        self.slug = article.slug
        self.title = article.title
        self.summary = article.summary
        self.language = article.language.rawValue
        self.topic = article.topic
        self.licence = article.licence
        self.revision = article.revision
        self.reviewedOn = article.reviewedOn
        self.doNow = isWhole ? article.doNow : nil
        self.body = isWhole ? article.body : nil
        self.sources =
            isWhole ? article.sources.map { Source(title: $0.title, url: $0.url, checkedOn: $0.checkedOn) } : nil
    }
}
