import HTTPTypes
import Hummingbird
import Kernel
import Logging
import Vault
import WebSupport

/// Everything under `/api` is answered in JSON, errors of unknown paths and of the request guard too. Stands inside of the
/// error page, so that pages keep theirs.
package struct ProblemMiddleware: RouterMiddleware {
    package typealias Context = AppRequestContext

    private let pages: PageRenderer
    private let routes: RouteTable

    package init(pages: PageRenderer, routes: RouteTable) {
        self.pages = pages
        self.routes = routes
    }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        let path = request.uri.path
        guard path == "/api" || path.hasPrefix("/api/") else { return try await next(request, context) }
        var context = context
        if !self.pages.languages.contains(context.language), let first = self.pages.languages.first {
            context.language = first
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            response = self.problem(for: error, request, context)
        }
        response.headers[.cacheControl] = "no-store"
        response.headers[.contentLanguage] = context.language.rawValue
        response.headers[.vary] = "Accept-Language"
        return response
    }

    private func problem(for error: any Error, _ request: Request, _ context: AppRequestContext) -> Response {
        var error = error
        let allowed = self.routes.methods(at: request.uri.path)
        if Problem.of(error) == .notFound, !allowed.isEmpty, !allowed.contains(request.method) {
            error = Failure(.methodNotAllowed)
        }
        let problem = Problem.of(error)
        if problem == .internalError {
            // The type only: a message may quote what a person wrote.
            context.logger.error("Request failed", metadata: ["error": "\(type(of: error))"])
        }
        // What the framework and the guard refuse keeps their status.
        let status =
            problem == .refused ? (error as? any HTTPResponseError)?.status ?? problem.status : problem.status
        var response =
            (try? JSONResponse.make(
                ProblemDocument(
                    error,
                    self.pages.texts(context.language),
                    requestID: context.requestID,
                    status: status
                ),
                status: status
            )) ?? Response(status: status)
        response.headers[.contentType] = "application/problem+json"
        switch problem {
        case .methodNotAllowed: response.headers[.allow] = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        case .unauthorized: response.headers[.wwwAuthenticate] = "Bearer"
        case .slow: response.headers[.connection] = "close"
        default: break
        }
        if case DomainError.rateLimited(let seconds) = error { response.headers[.retryAfter] = String(seconds) }
        if error is MustWait { response.headers[.retryAfter] = String(Int(FloodControl.pause)) }
        if let overloaded = error as? Overloaded { response.headers[.retryAfter] = String(overloaded.retryAfter) }
        return response
    }
}
