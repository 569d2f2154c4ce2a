import Foundation
import Storage

/// What the operator may ask of whichever process has the data folder: this list and nothing else. One JSON line.
package enum AdminCommand: Codable, Sendable, Equatable {
    case backup(to: String, unencrypted: Bool)
    case retention(isDryRun: Bool)
    case rotateKeys
    case verifyAudit(heads: [AuditLog.Head])
    case health
}

/// A line of the answer, JSON: any number of `progress`, then one `result` or one `failure`.
package struct AdminAnswer: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable { case progress, result, failure }

    package let kind: Kind
    package let text: String
}

/// A sentence for the operator.
package struct OperatorFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// What any error says to somebody who has to mend it.
    static func sentence(_ error: any Error) -> String {
        switch error {
        case let fault as OperatorFault: fault.description
        case StorageError.busy(let text), StorageError.unavailable(let text), StorageError.misuse(let text): text
        case StorageError.schema(let text):
            "the database and this program are not of the same version (\(text)): run `cyberconfiance migrate`"
        case StorageError.failed(let code, let message, _): "\(message) (\(code))"
        case StorageError.outcomeUnknown(let text): "it is not known whether it happened: \(text)"
        default: "\(error)"
        }
    }
}
