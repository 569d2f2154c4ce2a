import ArgumentParser
import Country
import Foundation
import Kernel
import Mail

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail",
        abstract: "Look after the sending of mail.",
        subcommands: [Test.self]
    )

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a test mail at once, past the outbox, and say what the mail server answered."
        )

        @Option(help: "Where to send it.")
        var to: String

        func run() async throws {
            guard let address = EmailAddress(self.to), Message.isDeliverable(address) else {
                throw ValidationError("--to is not an e-mail address in ASCII")
            }
            let config = try AppConfig.fromProcess()
            let library = try await Library(country: config.country, resources: config.resources)
            let letters = Letters(
                pages: library.pages,
                publicOrigin: config.publicOrigin,
                deskOrigin: config.deskOrigin
            )
            guard let mailer = config.mailRoute.mailer(.system) else {
                throw Self.failed("Mail is not configured: set SMTP_URL and SMTP_FROM (docs/operator.md).")
            }
            do {
                try await mailer.send(try letters.test(to: address, library.country.profile.defaultLanguage))
            } catch {
                throw Self.failed("Not sent by \(config.mailRoute): \(error)")
            }
            print("Handed over: \(config.mailRoute)")
        }

        private static func failed(_ sentence: String) -> ExitCode {
            FileHandle.standardError.write(Data("\(sentence)\n".utf8))
            return ExitCode(1)
        }
    }
}
