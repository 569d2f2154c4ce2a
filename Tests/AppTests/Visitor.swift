import App
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import Synchronization
import Testing
import WebSupport

/// Somebody with a browser: keeps cookies, says where a form came from, sends a page's own form with its hidden fields.
/// Looks at every answer it gets: a header that is missing or HTML that is wrong fails the test, whatever it was about.
final class Visitor: @unchecked Sendable {
    typealias Responder = RouterResponder<AppRequestContext>

    private let responder: Responder
    let host: String
    private(set) var cookies: [String: String] = [:]
    /// What the browser says in `Sec-Fetch-Site`; `nil` for an old one.
    var site: String? = "same-origin"
    var sendsOrigin = true
    var acceptLanguage: String?

    init(_ responder: Responder, host: String) {
        self.responder = responder
        self.host = host
    }

    func forget() { self.cookies = [:] }
    func set(cookie name: String, _ value: String) { self.cookies[name] = value }

    @discardableResult
    func get(_ target: String, headers: HTTPFields = [:]) async throws -> Page {
        try await self.send(.get, target, headers: headers)
    }

    @discardableResult
    func post(_ target: String, _ fields: [(String, String)], headers: HTTPFields = [:]) async throws -> Page {
        try await self.post(target, body: Self.encoded(fields), headers: headers)
    }

    @discardableResult
    func post(
        _ target: String,
        body: String,
        type: String? = "application/x-www-form-urlencoded",
        headers: HTTPFields = [:]
    ) async throws -> Page {
        try await self.post(target, bytes: Array(body.utf8), type: type, headers: headers)
    }

    @discardableResult
    func post(
        _ target: String,
        bytes: [UInt8],
        type: String? = "application/x-www-form-urlencoded",
        headers: HTTPFields = [:]
    ) async throws -> Page {
        var headers = headers
        if let type { headers[.contentType] = type }
        if let site = self.site { headers[.secFetchSite] = site }
        if self.sendsOrigin { headers[.origin] = "http://\(self.host)" }
        return try await self.send(.post, target, headers: headers, bytes)
    }

    /// Follows the redirection that a form ends on.
    func follow(_ page: Page) async throws -> Page {
        #expect(page.status == 303, "\(page.status) \(page.target) does not lead anywhere\n\(page.text.prefix(1500))")
        return try await self.get(try #require(page.headers[.location]))
    }

    /// - Parameter host: to claim another one.
    func send(
        _ method: HTTPRequest.Method,
        _ target: String,
        host: String?? = nil,
        headers: HTTPFields = [:],
        _ body: [UInt8] = []
    ) async throws -> Page {
        var headers = headers
        if !self.cookies.isEmpty {
            headers[.cookie] = self.cookies.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: "; ")
        }
        if let acceptLanguage { headers[.acceptLanguage] = acceptLanguage }
        if method == .post { headers[.contentLength] = String(body.count) }
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: host ?? self.host,
                path: target,
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer(bytes: body))
        )
        var logger = Self.logger
        // As the server does.
        logger[metadataKey: "hb.request.id"] = "test"
        let context = AppRequestContext(
            source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger)
        )
        let response = try await self.responder.respond(to: request, context: context)
        let sink = Sink()
        try await response.body.write(sink)
        let page = Page(
            method: method,
            target: target,
            status: response.status.code,
            headers: response.headers,
            bytes: sink.bytes.withLock { $0 }
        )
        self.keepCookies(response.headers)
        page.expectHeaders()
        page.expectHTML()
        return page
    }

    static let logger: Logger = {
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        return logger
    }()

    private func keepCookies(_ headers: HTTPFields) {
        for line in headers[values: .setCookie] {
            let pair = line.split(separator: ";")[0].split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let (name, value) = (String(pair[0]), pair.count > 1 ? String(pair[1]) : "")
            self.cookies[name] = value.isEmpty ? nil : value
            #expect(line.contains("SameSite=Strict"), "\(line)")
            #expect(line.contains("Secure") && line.contains("Path=/"), "\(line)")
            // What opens something is for no script.
            if name.hasPrefix("__Host-") { #expect(line.contains("HttpOnly") && !line.contains("Domain"), "\(line)") }
        }
        if headers[HTTPField.Name("Clear-Site-Data")!]?.contains("cookies") == true { self.cookies = [:] }
    }

    static func encoded(_ fields: [(String, String)]) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8)
        func escaped(_ text: String) -> String {
            text.utf8.map { plain.contains($0) ? String(UnicodeScalar($0)) : String(format: "%%%02X", $0) }.joined()
        }
        return fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }
}

private final class Sink: ResponseBodyWriter, Sendable {
    let bytes = Mutex<[UInt8]>([])
    func write(_ buffer: ByteBuffer) async throws { self.bytes.withLock { $0 += Array(buffer.readableBytesView) } }
    func finish(_: HTTPFields?) async throws {}
}

/// An answer.
struct Page: Sendable {
    let method: HTTPRequest.Method
    let target: String
    let status: Int
    let headers: HTTPFields
    let bytes: [UInt8]

    var text: String { String(decoding: self.bytes, as: UTF8.self) }
    var isHTML: Bool { self.headers[.contentType]?.hasPrefix("text/html") == true }

    private static let required: [(String, String)] = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", ""), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Embedder-Policy", "require-corp"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=()"), ("Strict-Transport-Security", "max-age="), ("Cache-Control", ""),
    ]

    func expectHeaders() {
        for (name, beginning) in Self.required {
            let value = self.headers[HTTPField.Name(name)!]
            #expect(
                value?.hasPrefix(beginning) == true,
                "\(self.method) \(self.target) \(self.status): \(name) is \(value ?? "missing")"
            )
        }
        let policy = self.headers[.contentSecurityPolicy] ?? ""
        #expect(
            policy.hasPrefix("default-src 'none'") || policy.contains("default-src 'none'"),
            "\(self.target): \(policy)"
        )
        #expect(!policy.contains("unsafe") && !policy.contains("*") && !policy.contains("http:"), "\(policy)")
        #expect(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "\(policy)")
        #expect(self.headers[.server] == nil)
        if self.bytes.isEmpty == false, self.method != .head {
            #expect(self.headers[.contentType] != nil, "\(self.target)")
        }
        #expect(
            ["no-store", "no-cache", "public, max-age=31536000, immutable"].contains(self.headers[.cacheControl] ?? ""),
            "\(self.target): \(self.headers[.cacheControl] ?? "")"
        )
    }

    func expectHTML() {
        guard self.isHTML, self.method != .head, !self.bytes.isEmpty, self.headers[.contentEncoding] == nil else {
            return
        }
        let faults = HTMLCheck(self.text).faults
        #expect(faults.isEmpty, "\(self.method) \(self.target) \(self.status)\n\(faults.joined(separator: "\n"))")
    }

    /// The forms of the page, with what their hidden fields hold.
    var forms: [Form] {
        self.text.matches(of: /<form\b([^>]*)>(.*?)<\/form>/.dotMatchesNewlines()).map { match in
            let inside = String(match.output.2)
            let fields = inside.matches(of: /<input type="hidden" name="([^"]*)" value="([^"]*)"/).map {
                (String($0.output.1), HTMLCheck.unescaped(String($0.output.2)))
            }
            let action = String(match.output.1).firstMatch(of: /action="([^"]*)"/).map { String($0.output.1) } ?? ""
            return Form(action: HTMLCheck.unescaped(action), hidden: fields, html: inside)
        }
    }

    /// The one whose address ends like this.
    func form(_ ending: String) throws -> Form {
        try #require(
            self.forms.first { $0.action.hasSuffix(ending) || $0.action.split(separator: "?")[0].hasSuffix(ending) },
            "no form to \(ending) on \(self.target)\n\(self.text.prefix(3000))"
        )
    }

    /// A hidden token of any form.
    var token: String? { self.forms.lazy.compactMap { $0["form"] }.first }

    struct Form: Sendable {
        let action: String
        let hidden: [(String, String)]
        let html: String

        subscript(name: String) -> String? { self.hidden.first { $0.0 == name }?.1 }

        /// Names of all fields.
        var names: [String] {
            self.html.matches(of: /name="([^"]*)"/).map { String($0.output.1) }
        }

        func with(_ fields: [(String, String)]) -> [(String, String)] { self.hidden + fields }
    }
}

extension Visitor {
    func send(_ form: Page.Form, _ fields: [(String, String)]) async throws -> Page {
        try await self.post(form.action, form.with(fields))
    }
}

extension Page {
    /// What an authenticator takes over: of the page that shows it.
    var sharedSecret: Data? {
        self.text.firstMatch(of: /[A-Z2-7]{32}/).flatMap { Self.base32(String($0.output)) }
    }

    private static func base32(_ text: String) -> Data? {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        for sign in text {
            guard let value = alphabet.firstIndex(of: sign) else { return nil }
            bits = bits << 5 | value
            count += 5
            if count >= 8 {
                bytes.append(UInt8(bits >> (count - 8) & 0xff))
                count -= 8
            }
        }
        return Data(bytes)
    }
}
