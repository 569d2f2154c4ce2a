import ArgumentParser
import Foundation
import Intake
import Vault

struct ReceiptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipt",
        abstract: "Check signed receipts.",
        subcommands: [Verify.self]
    )

    struct Verify: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a signed receipt without a network, with the published key."
        )

        @Argument(help: "File with the text of the receipt, as the receipt page shows it.")
        var file: String

        @Option(help: "The published key, in base64, from /verify.")
        var key: String

        func run() throws {
            guard let bytes = Data(base64Encoded: self.key), let key = try? VerifyingKey(encoded: bytes) else {
                throw ValidationError("--key is not a key in base64")
            }
            guard let text = try? String(contentsOfFile: self.file, encoding: .utf8) else {
                throw ValidationError("\(self.file) cannot be read")
            }
            guard let fields = SignedReceipt.verify(text, with: key) else {
                FileHandle.standardError.write(Data("Not a genuine receipt of this key.\n".utf8))
                throw ExitCode(1)
            }
            print("Genuine. Reference \(fields["reference"] ?? ""), received \(fields["received"] ?? "").")
        }
    }
}
