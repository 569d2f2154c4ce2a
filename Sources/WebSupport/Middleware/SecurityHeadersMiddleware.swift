import HTTPTypes
import Hummingbird

/// Outermost of all: error pages get the headers too.
package struct SecurityHeadersMiddleware: RouterMiddleware {
    package typealias Context = AppRequestContext

    private let fields: HTTPFields

    /// - Parameter isDemo: a demonstration is not to be found by search engines.
    package init(isDemo: Bool) {
        var fields: HTTPFields = [
            .contentSecurityPolicy:
                "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; font-src 'self'; "
                + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'",
            .strictTransportSecurity: "max-age=63072000; includeSubDomains",
            .xContentTypeOptions: "nosniff",
            .referrerPolicy: "same-origin",
            .permissionsPolicy: "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
            .openerPolicy: "same-origin",
            .embedderPolicy: "require-corp",
            .resourcePolicy: "same-origin",
        ]
        if isDemo { fields[.robots] = "noindex, nofollow" }
        self.fields = fields
    }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in self.fields where response.headers[field.name] == nil { response.headers.append(field) }
        // Whatever a handler did not say otherwise is personal.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        return response
    }
}
