import API
import DeskWeb
import Kernel
import Storage
import Vault
import WebSupport

extension House {
    /// Counts a try in a window of so many seconds, for pages and API of all servers together.
    var attempts: @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int {
        let database = self.environment.database
        let clock = self.environment.clock
        return { name, subject, window in
            try await database.write(.eachStatement) { tx in
                try Counters.hit(tx, name, subject: subject, window: window, now: clock.now())
            }
        }
    }

    /// One for pages and API: a flood is a flood whichever way it comes.
    var flood: FloodControl {
        FloodControl(
            perNetwork: self.config.reportsPerNetworkHour,
            perMinute: self.config.reportsPerMinute,
            key: self.environment.masterKey.derive("flood"),
            clock: self.environment.clock,
            attempts: self.attempts
        )
    }

    private var apiContext: APIContext {
        APIContext(
            pages: self.library.pages,
            database: self.environment.database,
            clock: self.environment.clock,
            network: self.network
        )
    }

    func portalAPI() -> PortalAPI {
        PortalAPI(
            shared: self.apiContext,
            country: self.library.country,
            content: self.library.content,
            guidance: self.library.guidance,
            intake: self.intake,
            helpState: self.environment.masterKey.derive("help-state"),
            forms: self.environment.masterKey.derive("forms"),
            flood: self.flood,
            attempts: self.attempts,
            document: self.library.portalDocument
        )
    }

    func deskAPI() -> DeskAPI {
        DeskAPI(
            shared: self.apiContext,
            country: self.library.country,
            identity: self.identity,
            casework: self.casework,
            database: self.environment.database,
            categories: Desk.categories,
            taxonomy: self.library.taxonomy.codes.map(\.id),
            cursors: self.environment.masterKey.derive("api-cursors"),
            document: self.library.deskDocument
        )
    }
}
