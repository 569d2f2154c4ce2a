import Foundation
import Kernel
import Mail

/// Where mails go: the one place that decides whether one may leave the machine.
package enum MailRoute: Sendable, CustomStringConvertible {
    case relay(SMTPSettings)
    /// A demonstration's: a folder to look into.
    case folder(URL)
    /// A real service without a relay sends nothing and offers nothing.
    case none

    /// Without production mode nothing leaves the machine, whatever `SMTP_URL` says; a relay on loopback is the machine.
    package init(_ settings: SMTPSettings?, isProduction: Bool, dataFolder: String) {
        if let settings, isProduction || settings.isLoopback {
            self = .relay(settings)
        } else {
            self = isProduction ? .none : .folder(URL(fileURLWithPath: "\(dataFolder)/mail-outbox", isDirectory: true))
        }
    }

    package func mailer(_ clock: Clock) -> (any Mailer)? {
        switch self {
        case .relay(let settings): SMTPMailer(settings, clock: clock)
        case .folder(let folder): MailFolder(folder, from: Self.demonstration, clock: clock)
        case .none: nil
        }
    }

    package var description: String {
        switch self {
        case .relay(let settings): "\(settings)"
        case .folder(let folder): "\(folder.path) (no MODE=production: nothing leaves the machine)"
        case .none: "not configured"
        }
    }

    /// Visibly nobody's.
    private static let demonstration = EmailAddress("nobody@demonstration.example")!
}

extension SMTPSettings {
    /// - Parameter environment: `SMTP_URL`, `SMTP_FROM`, `SMTP_PASSWORD_FILE`.
    static func read(_ environment: [String: String]) throws -> SMTPSettings? {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let url = text("SMTP_URL") else { return nil }
        var password: String?
        if let path = text("SMTP_PASSWORD_FILE") {
            guard let file = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw Fault(description: "SMTP_PASSWORD_FILE=\(path) cannot be read")
            }
            // Editors end a file with a line end, which is no part of the password.
            password = String(file.prefix { !$0.isNewline })
        }
        return try SMTPSettings(url: url, from: text("SMTP_FROM") ?? "", password: password)
    }
}
