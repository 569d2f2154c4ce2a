import Hummingbird
import Kernel

/// Takes the language from the first part of the path, so that even a 404 page is in it.
package struct LanguageMiddleware: RouterMiddleware {
    package typealias Context = AppRequestContext

    private let fallback: Language

    package init(fallback: Language) { self.fallback = fallback }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let first = request.uri.path.split(separator: "/").first.flatMap { Language(rawValue: String($0)) }
        context.language = first ?? AcceptLanguage.best(request.headers[.acceptLanguage]) ?? self.fallback
        return try await next(request, context)
    }
}

/// The `Accept-Language` field (RFC 9110 section 12.5.4), as far as it names a language of ours.
package enum AcceptLanguage {
    package static func best(_ header: String?) -> Language? {
        guard let header, header.utf8.count <= 1000 else { return nil }
        var best: (language: Language, quality: Double)?
        for part in header.split(separator: ",") {
            let pieces = part.split(separator: ";").map { String($0).trimmed }
            guard let tag = pieces.first?.lowercased(), let language = Self.language(tag) else { continue }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > 0, quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language
    }

    private static func language(_ tag: String) -> Language? {
        let primary = tag.split(separator: "-").first.map(String.init) ?? tag
        // Browsers name Amazigh by several codes.
        if ["zgh", "tzm", "shi", "rif", "ber"].contains(primary) { return .amazigh }
        return Language(rawValue: primary)
    }
}
