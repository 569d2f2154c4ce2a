import Hummingbird
import Kernel
import Storage
import Vault
import WebSupport

/// What the operations of both listeners share.
package struct APIContext: Sendable {
    let pages: PageRenderer
    let clock: Clock
    let idempotency: Idempotency
    let network: @Sendable (AppRequestContext) -> String

    /// - Parameter network: the daily pseudonym of where a request comes from.
    package init(
        pages: PageRenderer,
        database: Database,
        clock: Clock,
        network: @escaping @Sendable (AppRequestContext) -> String
    ) {
        self.pages = pages
        self.clock = clock
        self.idempotency = Idempotency(database: database, clock: clock)
        self.network = network
    }

    /// Keys that code composes, checked at start-up.
    package static let composedKeys =
        Problem.keys
        + ["type", "too-many", "form-token", "state", "question", "confirm", "kind"].map { "api.error.\($0)" }
}
