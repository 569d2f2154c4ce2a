import Foundation
import Vault

/// Proof that a report was received, which anyone can check with the published key and which tells nobody what the
/// report is about: the content is only committed to, with a random nonce.
package struct SignedReceipt: Codable, Hashable, Sendable {
    /// Canonical: fixed order, one `name: value` a line, ends with a line feed.
    package let statement: String
    /// Opens the commitment together with the content; for the reporter.
    package let nonce: Data
    /// Ed25519 over the UTF-8 bytes of the statement.
    package let signature: Data

    static let format = "cyberconfiance/receipt/v1"

    /// - Parameter at: rounded down to the minute.
    static func make(reference: String, content: Data, at: Date, key: SigningKey) -> SignedReceipt {
        let (nonce, commitment) = Commitment.make(content)
        let minute = Date(timeIntervalSince1970: (at.timeIntervalSince1970 / 60).rounded(.down) * 60)
        let statement =
            "format: \(Self.format)\nreference: \(reference)\nreceived: \(minute.ISO8601Format())\ncommitment: \(commitment)\n"
        return SignedReceipt(statement: statement, nonce: nonce, signature: key.sign(Data(statement.utf8)))
    }

    /// The statement and its signature as people keep and send it.
    package var text: String { self.statement + "signature: \(self.signature.base64EncodedString())\n" }

    /// Reads what `text` wrote, forgiving line ends and blanks around it, and checks the signature.
    /// - Returns: the statement's fields if it is genuine, `nil` otherwise.
    package static func verify(_ text: String, with key: VerifyingKey) -> [String: String]? {
        let lines = text.split { $0.isNewline }.map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard lines.count == 5, lines[0] == "format: \(Self.format)", let last = lines.last,
            last.hasPrefix("signature: "),
            let signature = Data(base64Encoded: String(last.dropFirst("signature: ".count)))
        else { return nil }
        let statement = lines.dropLast().map { $0 + "\n" }.joined()
        guard key.isValid(signature: signature, for: Data(statement.utf8)) else { return nil }
        var fields: [String: String] = [:]
        for line in lines.dropLast() {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2 else { return nil }
            fields[parts[0]] = parts[1]
        }
        return fields
    }
}
