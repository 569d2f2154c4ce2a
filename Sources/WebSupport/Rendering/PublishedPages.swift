import Documents
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import Synchronization
import Vault

/// Pages that are the same for everybody, rendered once per language and served from memory with their ETag and their
/// compressed form.
package final class PublishedPages: Sendable {
    private struct Page: Sendable {
        let etag: String
        let plain: Response
        let gzip: Response?
        let unchanged: Response
    }

    private let pages = Mutex<[String: Page]>([:])

    package init() {}

    /// - Parameters:
    ///   - key: path with language.
    ///   - make: renders the page the first time.
    package func response(
        _ key: String,
        _ request: Request,
        type: String = "text/html; charset=utf-8",
        language: Language? = nil,
        make: () throws -> String
    ) rethrows -> Response {
        let page: Page
        if let known = self.pages.withLock({ $0[key] }) {
            page = known
        } else {
            page = Self.page(try make(), type: type, language: language)
            self.pages.withLock { $0[key] = page }
        }
        if request.headers[.ifNoneMatch] == page.etag { return page.unchanged }
        if let gzip = page.gzip, request.headers[.acceptEncoding]?.contains("gzip") == true { return gzip }
        return page.plain
    }

    /// After a publication everything is made anew.
    package func forget() { self.pages.withLock { $0.removeAll() } }

    private static func page(_ text: String, type: String, language: Language?) -> Page {
        let bytes = [UInt8](text.utf8)
        let etag = "\"\(Digest.sha256Hex(.init(bytes)).prefix(24))\""
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "no-cache", .eTag: etag, .vary: "Accept-Encoding",
        ]
        if let language { headers[.contentLanguage] = language.rawValue }
        var gzipHeaders = headers
        gzipHeaders[.contentEncoding] = "gzip"
        return Page(
            etag: etag,
            plain: Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes))),
            gzip: Gzip.compress(bytes).map {
                Response(status: .ok, headers: gzipHeaders, body: .init(byteBuffer: ByteBuffer(bytes: $0)))
            },
            unchanged: Response(status: .notModified, headers: [.eTag: etag, .cacheControl: "no-cache"])
        )
    }
}
