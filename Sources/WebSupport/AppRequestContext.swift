import HTTPTypes
import Hummingbird
import Kernel
import Logging
import NIOCore

/// What every request knows. Set once by the middleware, read by the handlers.
package struct AppRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Never written anywhere; only its keyed, daily pseudonym is counted.
    package let peer: SocketAddress?
    package var language: Language = .french
    /// Who is signed in, as the surface's own middleware found out; only that surface knows the type.
    package var session: (any Sendable)?

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
        self.peer = source.channel.remoteAddress
    }

    /// What the log knows this request by; a router that is driven without a server gave it no number.
    package var requestID: String { self.logger[metadataKey: "hb.request.id"].map { "\($0)" } ?? "0" }

    /// Nothing is decoded through the framework; bodies are read by `FormBody` and the upload reader.
    package var maxUploadSize: Int { 1024 * 1024 }
}

extension HTTPField.Name {
    package static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    package static let clearSiteData = HTTPField.Name("Clear-Site-Data")!
    package static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    package static let permissionsPolicy = HTTPField.Name("Permissions-Policy")!
    package static let openerPolicy = HTTPField.Name("Cross-Origin-Opener-Policy")!
    package static let embedderPolicy = HTTPField.Name("Cross-Origin-Embedder-Policy")!
    package static let resourcePolicy = HTTPField.Name("Cross-Origin-Resource-Policy")!
    package static let robots = HTTPField.Name("X-Robots-Tag")!
}
