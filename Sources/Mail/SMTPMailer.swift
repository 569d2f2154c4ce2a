import CCurl
import Dispatch
import Foundation
import Kernel

/// Hands mails to a relay by libcurl, one connection each. The only file that imports it.
package struct SMTPMailer: Mailer {
    private let settings: SMTPSettings
    private let clock: Clock
    private let timeout: Int
    /// Threads of its own: libcurl blocks.
    private let queue = DispatchQueue(label: "mail", attributes: .concurrent)

    /// Must happen once before any other thread uses libcurl.
    private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// - Parameter timeout: milliseconds for a whole delivery, connecting included.
    package init(_ settings: SMTPSettings, clock: Clock = .system, timeout: Int = 20_000) {
        self.settings = settings
        self.clock = clock
        self.timeout = timeout
    }

    package func send(_ message: Message) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            self.queue.async { continuation.resume(with: Result { try self.deliver(message) }) }
        }
    }

    /// What is still to be read; libcurl asks for it piece by piece.
    private final class Source {
        var rest: Data

        init(_ data: Data) { self.rest = data }

        func read(into buffer: UnsafeMutableRawPointer, most: Int) -> Int {
            let piece = self.rest.prefix(most)
            piece.copyBytes(to: buffer.assumingMemoryBound(to: UInt8.self), count: piece.count)
            self.rest.removeFirst(piece.count)
            return piece.count
        }
    }

    private func deliver(_ message: Message) throws {
        guard Self.isReady, let curl = curl_easy_init() else {
            throw MailDelayed(code: 0, reason: "libcurl does not start")
        }
        defer { curl_easy_cleanup(curl) }
        let recipients = curl_slist_append(nil, "<\(message.to.rawValue)>")
        defer { curl_slist_free_all(recipients) }
        let source = Source(message.bytes(from: self.settings.from, date: self.clock.now()))
        try self.prepare(curl)
        try Self.check(curl_set_list(curl, CURLOPT_MAIL_RCPT, recipients))
        let outcome = withExtendedLifetime(source) {
            let reader = curl_set_reader(
                curl,
                { buffer, size, count, context in
                    guard let buffer, let context else { return 0 }
                    return Unmanaged<Source>.fromOpaque(context).takeUnretainedValue()
                        .read(into: buffer, most: size * count)
                },
                Unmanaged.passUnretained(source).toOpaque()
            )
            return reader == CURLE_OK ? curl_easy_perform(curl) : reader
        }
        if outcome != CURLE_OK { throw Self.failure(outcome, answer: curl_answer(curl)) }
    }

    private func prepare(_ curl: UnsafeMutableRawPointer) throws {
        let settings = self.settings
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        // The path is the name we greet with: not the machine's own, which concerns nobody.
        let url = "\(settings.isImplicitTLS ? "smtps" : "smtp")://\(host):\(settings.port)/\(settings.from.domain)"
        try Self.check(curl_set_text(curl, CURLOPT_URL, url))
        try Self.check(curl_set_text(curl, CURLOPT_PROTOCOLS_STR, settings.isImplicitTLS ? "smtps" : "smtp"))
        // No proxy from the environment, and no signals from libcurl's time-outs.
        try Self.check(curl_set_text(curl, CURLOPT_PROXY, ""))
        try Self.check(curl_set_number(curl, CURLOPT_NOSIGNAL, 1))
        try Self.check(curl_set_number(curl, CURLOPT_TIMEOUT_MS, self.timeout))
        try Self.check(curl_set_number(curl, CURLOPT_CONNECTTIMEOUT_MS, self.timeout))
        try Self.check(curl_set_number(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, self.timeout / 1000)))
        if settings.isImplicitTLS || !settings.isLoopback {
            try Self.check(curl_set_number(curl, CURLOPT_USE_SSL, CURL_USE_TLS_OR_FAIL))
        }
        try Self.check(curl_set_number(curl, CURLOPT_SSL_VERIFYPEER, 1))
        try Self.check(curl_set_number(curl, CURLOPT_SSL_VERIFYHOST, 2))
        try Self.check(curl_set_number(curl, CURLOPT_SSLVERSION, CURL_TLS_1_2))
        if let user = settings.user {
            try Self.check(curl_set_text(curl, CURLOPT_USERNAME, user))
            try Self.check(curl_set_text(curl, CURLOPT_PASSWORD, settings.password ?? ""))
        }
        try Self.check(curl_set_text(curl, CURLOPT_MAIL_FROM, "<\(settings.from.rawValue)>"))
        try Self.check(curl_set_number(curl, CURLOPT_UPLOAD, 1))
        try Self.check(curl_set_deaf(curl))
    }

    private static func check(_ code: CURLcode) throws {
        if code != CURLE_OK { throw MailDelayed(code: 0, reason: Self.words(code)) }
    }

    /// Only what concerns this mail is final. A refused sign-in or a missing TLS is ours to mend, and the mail waits.
    private static func failure(_ code: CURLcode, answer: Int) -> any Error {
        let isAboutUs =
            [CURLE_LOGIN_DENIED, CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR]
            .contains(code)
        if (500...599).contains(answer), !isAboutUs { return MailRefused(code: answer) }
        return MailDelayed(code: (200...599).contains(answer) ? answer : 0, reason: Self.words(code))
    }

    private static func words(_ code: CURLcode) -> String {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: "the mail server's name is not known: look at SMTP_URL"
        case CURLE_COULDNT_CONNECT: "the mail server does not answer: look at SMTP_URL and at the firewall"
        case CURLE_OPERATION_TIMEDOUT: "the mail server took too long"
        case CURLE_LOGIN_DENIED: "the mail server refused user or password"
        case CURLE_USE_SSL_FAILED: "the mail server offers no TLS, without which nothing is sent to it"
        case CURLE_PEER_FAILED_VERIFICATION: "the mail server's certificate is not to be trusted"
        default: "the mail could not be handed over: \(String(cString: curl_easy_strerror(code)))"
        }
    }
}
