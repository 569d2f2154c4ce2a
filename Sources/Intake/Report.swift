import Foundation
import Indicators
import Kernel
import Vault

/// What a person told us. Only this much of it can be read without a key.
package struct Report: Decodable, Sendable {
    package typealias ID = Identifier<Report>

    package let id: ID
    /// Random; printed on the receipt, opens nothing.
    package let reference: String
    package let kind: String
    package let category: String
    package let unit: DeskUnit
    package let language: Language
    package let identity: Questionnaire.Identity
    package let questionnaire: String
    package let day: Day
}

/// The key of one report. Whoever holds it reads everything in it.
package struct ReportKey: Sendable {
    let box: PrivateBox
}

/// What the reporter, or the desk, added to a report: sealed as one unit, with the exact time inside.
package struct Entry: Sendable {
    package enum Author: String, Codable, Sendable { case reporter, desk, system }

    package enum Body: Codable, Sendable {
        case answers(Answers)
        case message(String)
        /// The words for it are chosen when it is read: a state of the case, with the coded reason of a closure.
        case status(state: String, reason: String?)
        case identity(name: String?, contact: String?)
        case receipt(SignedReceipt)
    }

    package struct Answers: Codable, Sendable {
        package let answers: [String: [String]]
        package let identity: Questionnaire.Identity
        package let name: String?
        package let contact: String?
        /// The way through guided help, if the report began there.
        package let help: [String: [String]]
    }

    package let id: Identifier<Entry>
    package let position: Int
    package let author: Author
    package let at: Date
    package let body: Body
}

/// One indicator of a report, opened.
package struct Item: Sendable {
    package let id: Identifier<Item>
    package let position: Int
    package let indicator: Indicator
}

/// A report as somebody with its key reads it.
package struct OpenedReport: Sendable {
    package let report: Report
    package let entries: [Entry]
    package let items: [Item]
    package let files: [Attachment]
    /// Nobody reads or adds one any more.
    package let areFilesLocked: Bool
}
