import Content
import Country
import Guidance
import Hummingbird
import Intake
import Kernel
import Vault
import WebSupport

/// The public listener's API: help, reporting, following up, and what the site says to everybody.
package struct PortalAPI: Sendable {
    let shared: APIContext
    let country: Country
    let content: Content
    let guidance: Guidance
    let intake: Intake
    let diagnosis: DiagnosisState
    let formTokens: FormTokens
    let flood: FloodControl
    let attempts: @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int
    let document: OpenAPIDocument

    /// - Parameters:
    ///   - helpState: the key that pages seal the answers of guided help under; theirs and ours are the same.
    ///   - forms: the key of the pages' form tokens.
    ///   - attempts: counts a try in a window of so many seconds, for all servers together; shared with the pages.
    package init(
        shared: APIContext,
        country: Country,
        content: Content,
        guidance: Guidance,
        intake: Intake,
        helpState: DerivedKey,
        forms: DerivedKey,
        flood: FloodControl,
        attempts: @escaping @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int,
        document: OpenAPIDocument
    ) {
        self.shared = shared
        self.country = country
        self.content = content
        self.guidance = guidance
        self.intake = intake
        self.diagnosis = DiagnosisState(key: helpState, tree: guidance.tree, clock: shared.clock)
        self.formTokens = FormTokens(key: forms)
        self.flood = flood
        self.attempts = attempts
        self.document = document
    }

    package var routes: RouteTable {
        let document = self.document
        return RouteTable(
            [
                .get("openapi.json") { _, _ in document.response() }
            ] + DiagnosisRoutes(api: self).routes + ReportRoutes(api: self).routes + FollowUpRoutes(api: self).routes
                + ReferenceRoutes(api: self).routes
        )
    }
}
