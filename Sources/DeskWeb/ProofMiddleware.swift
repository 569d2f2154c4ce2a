import Hummingbird
import Kernel
import WebSupport

/// Sends whoever has to show the second factor again to the page for it, and back afterwards; and whoever's session was
/// ended elsewhere to the sign-in page.
struct ProofMiddleware: RouterMiddleware {
    typealias Context = DeskContext

    func handle(
        _ request: Request,
        context: DeskContext,
        next: (Request, DeskContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch DomainError.conflict("identity.not-fresh") {
            let back = ReturnPath(from: request.uri.path)
            return .redirect(to: "/\(context.language)/compte/facteur?retour=\(back.text)", type: .normal)
        } catch DomainError.conflict("identity.session-ended") {
            throw SignInRequired()
        }
    }
}

/// A page of the desk to which somebody returns: one that exists, never an address that came with the request.
struct ReturnPath: Sendable {
    /// After the language.
    let text: String

    private static let pages: Set<String> = ["compte", "equipe", "dossiers", "journal"]

    /// - Parameter raw: `equipe`, or `equipe/ID`; anything else leads to the person's own account.
    init(_ raw: String?) {
        let parts = (raw ?? "").split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let page = parts.first, Self.pages.contains(page) else {
            self.text = "compte"
            return
        }
        let id = parts.dropFirst().first.flatMap(Identifier<Principal>.init(_:))
        self.text = page == "equipe" ? id.map { "equipe/\($0)" } ?? page : page
    }

    /// - Parameter path: `/fr/equipe/ID/roles`
    init(from path: String) {
        let parts = path.split(separator: "/").dropFirst()
        self.init(parts.first == "demandes" ? "equipe" : parts.prefix(2).joined(separator: "/"))
    }
}
