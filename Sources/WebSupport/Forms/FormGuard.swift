import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Vault

/// Whether a form was sent from our own page. Every form carries a signed token; what the browser says about where the
/// form came from must not contradict it.
package struct FormGuard: Sendable {
    package struct Refused: Error, HTTPResponseError {
        package init() {}
        package var status: HTTPResponse.Status { .forbidden }
        package func response(from _: Request, context _: some RequestContext) throws -> Response {
            Response(status: self.status)
        }
    }

    /// Name of the hidden field.
    package static let field = "form"

    private let tokens: FormTokens
    private let origins: Set<String>
    private let clock: Clock

    /// - Parameter origins: as a browser sends them, `https://host`.
    package init(tokens: FormTokens, origins: Set<String>, clock: Clock) {
        self.tokens = tokens
        self.origins = origins
        self.clock = clock
    }

    package func issue(_ purpose: String, subject: String = "") -> String {
        self.tokens.issue(purpose, subject: subject, now: self.clock.now())
    }

    /// - Parameters:
    ///   - subject: ties the form to a session; empty for public forms.
    ///   - lifetime: seconds; a day by default, so that somebody interrupted can still send what they wrote.
    ///   - isStaff: for staff the browser must say where the form came from; some old browsers of the public say nothing.
    package func check(
        _ form: FormBody,
        _ request: Request,
        _ purpose: String,
        subject: String = "",
        lifetime: TimeInterval = 24 * 60 * 60,
        isStaff: Bool = false
    ) throws {
        try self.checkOrigin(request, mustSay: isStaff)
        guard let token = form[Self.field],
            self.tokens.check(token, purpose, subject: subject, now: self.clock.now(), lifetime: lifetime)
        else { throw Refused() }
    }

    private func checkOrigin(_ request: Request, mustSay: Bool) throws {
        let site = request.headers[.secFetchSite]
        let origin = request.headers[.origin]
        if let site, site != "same-origin" { throw Refused() }
        // Browsers say "null" under a referrer policy; Sec-Fetch-Site then speaks.
        if let origin, !self.origins.contains(origin), !(origin == "null" && site == "same-origin") { throw Refused() }
        if mustSay, site == nil, origin == nil { throw Refused() }
    }
}
