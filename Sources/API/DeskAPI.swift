import Casework
import Country
import Hummingbird
import Identity
import Kernel
import Storage
import Vault
import WebSupport

/// The desk listener's API: sign-in, queue, cases, counts, log.
package struct DeskAPI: Sendable {
    let shared: APIContext
    let country: Country
    let identity: Identity
    let casework: Casework
    let database: Database
    /// Categories a case can be triaged into.
    let categories: [String]
    /// Codes an indicator can be classified with.
    let taxonomy: [String]
    let cursors: SealedToken
    let document: OpenAPIDocument

    /// - Parameter cursors: the key that places in a list are sealed under: nobody outside makes one.
    package init(
        shared: APIContext,
        country: Country,
        identity: Identity,
        casework: Casework,
        database: Database,
        categories: [String],
        taxonomy: [String],
        cursors: DerivedKey,
        document: OpenAPIDocument
    ) {
        self.shared = shared
        self.country = country
        self.identity = identity
        self.casework = casework
        self.database = database
        self.categories = categories
        self.taxonomy = taxonomy
        self.cursors = SealedToken(key: cursors, lifetime: 24 * 60 * 60)
        self.document = document
    }

    package var routes: RouteTable {
        let document = self.document
        return RouteTable(
            [
                .get("openapi.json") { _, _ in document.response() }
            ] + StaffRoutes(api: self).routes + QueueRoutes(api: self).routes + CaseRoutes(api: self).routes
        )
    }

    /// Who is signed in, by the bearer token alone.
    func session(_ request: Request) async throws -> StaffSession {
        guard let token = Headers.bearer(request), let session = try await self.identity.resume(token) else {
            throw SignInRequired()
        }
        return session
    }

    func access(_ request: Request) async throws -> DeskAccess {
        let session = try await self.session(request)
        return DeskAccess(principal: session.principal, unitKeys: try await self.identity.unitKeys(session))
    }
}
