import HTTPTypes
import Hummingbird
import Kernel
import Logging
import Vault

/// Thrown where only somebody signed in may be.
package struct SignInRequired: Error {
    package init() {}
}

/// The single place where an error becomes a status and a page. Nothing about the error itself is
/// shown: the person gets a sentence and the request's id, the log gets the type of the rest.
package struct ErrorPageMiddleware: RouterMiddleware {
    package typealias Context = AppRequestContext

    private let pages: PageRenderer
    private let shell: Shell
    private let signInPath: String

    /// - Parameter signInPath: after the language, where somebody who is not signed in is sent.
    package init(pages: PageRenderer, shell: Shell, signInPath: String) {
        self.pages = pages
        self.shell = shell
        self.signInPath = signInPath
    }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch is SignInRequired {
            return .redirect(to: "/\(context.language)/\(self.signInPath)", type: .normal)
        } catch {
            return self.page(for: error, context)
        }
    }

    private func page(for error: any Error, _ context: AppRequestContext) -> Response {
        let status = Self.status(of: error)
        if status.kind == .serverError, status != .serviceUnavailable || error is any TransientError {
            // The type only: a message may quote what a person wrote.
            context.logger.error(
                "Request failed",
                metadata: ["error": "\(type(of: error))", "detail": "\(Self.safeDetail(error))"]
            )
        }
        let key = Self.sentence(of: error, status)
        let texts = self.pages.texts(context.language)
        let model = ErrorPage(
            layout: self.shell.layout(context.language, path: "", title: texts.text("\(key).title"), isPersonal: true),
            title: texts.text("\(key).title"),
            text: texts.text("\(key).text"),
            requestID: status.kind == .serverError ? context.requestID : nil
        )
        var response =
            (try? self.pages.render("shared.error", model, context.language))
            ?? Response(
                status: status,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: .init(string: status.reasonPhrase))
            )
        response.status = status
        if case DomainError.rateLimited(let seconds) = error { response.headers[.retryAfter] = String(seconds) }
        if error is any TransientError, status == .serviceUnavailable { response.headers[.retryAfter] = "60" }
        if let overloaded = error as? Overloaded { response.headers[.retryAfter] = String(overloaded.retryAfter) }
        return response
    }

    private static func safeDetail(_ error: any Error) -> String {
        // Storage errors name a constraint or a statement, both our own text.
        String(describing: error).prefix(300).description
    }

    private static func status(of error: any Error) -> HTTPResponse.Status {
        switch error {
        case DomainError.notFound: .notFound
        case DomainError.forbidden: .forbidden
        case DomainError.conflict: .conflict
        case DomainError.invalid, is InputErrors: .unprocessableContent
        case DomainError.rateLimited: .tooManyRequests
        case DomainError.unavailable, is Overloaded: .serviceUnavailable
        case let error as any TransientError where error.isTransient: .serviceUnavailable
        case let error as any HTTPResponseError: error.status
        default: .internalServerError
        }
    }

    /// Keys of `error.page.…`; every one has a title and a text.
    package static let sentences = [
        "not-found", "forbidden", "conflict", "invalid", "rate-limited", "unavailable", "refused", "internal",
        "closed", "child-closed", "changed-meanwhile", "locked", "form-expired", "files-locked", "too-big",
    ].map { "error.page.\($0)" }

    private static func sentence(of error: any Error, _ status: HTTPResponse.Status) -> String {
        let name =
            switch error {
            case DomainError.unavailable("intake.closed"): "closed"
            case DomainError.unavailable("intake.child-closed"): "child-closed"
            case DomainError.conflict("casework.changed-meanwhile"): "changed-meanwhile"
            case DomainError.conflict("casework.locked"): "locked"
            case DomainError.conflict("intake.files-locked"): "files-locked"
            case DomainError.conflict: "conflict"
            case is FormGuard.Refused: "form-expired"
            default:
                switch status {
                case .notFound: "not-found"
                case .forbidden: "forbidden"
                case .unprocessableContent: "invalid"
                case .contentTooLarge: "too-big"
                case .tooManyRequests: "rate-limited"
                case .serviceUnavailable: "unavailable"
                default: status.kind == .serverError ? "internal" : "refused"
                }
            }
        return "error.page.\(name)"
    }
}

private struct ErrorPage {
    let layout: Layout
    let title: String
    let text: String
    let requestID: String?
}
