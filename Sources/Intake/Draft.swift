import Foundation
import Kernel
import Vault

/// A report with its keys and everything sealed, before it meets the database; made once, whatever the database makes
/// of the transaction.
struct Draft: Sendable {
    struct SealedEntry: Sendable {
        let id: Identifier<Entry>
        let author: Entry.Author
        let cell: Sealing.Cell
    }

    let id: Report.ID
    let reference: String
    let submission: Submission
    let language: Language
    let at: Date
    let lookup: String
    let box: PrivateBox
    let reporterKey: Data
    let reporterWrap: Data
    let receipt: SignedReceipt
    let entries: [SealedEntry]
    let items: [SealedItem]
    let files: [SealedFile]

    init(
        _ submission: Submission,
        files: [(file: ReceivedFile, once: String)] = [],
        keys: ReceiptKeys,
        signing: SigningKey,
        language: Language,
        help: [String: [String]],
        now: Date
    ) throws {
        let id = Report.ID.random()
        let box = PrivateBox.generate(.xwing)
        let reporter = PrivateBox.generate(.xwing)
        self.id = id
        self.reference = Self.newReference()
        self.submission = submission
        self.language = language
        self.at = now
        self.lookup = keys.lookup
        self.box = box
        self.reporterKey = reporter.sealed(under: keys.key, Sealing.reporterKeyContext(id))
        self.reporterWrap = try reporter.publicBox.wrap(box, Sealing.reporterContext(id))
        let answers = Entry.Answers(
            answers: submission.answers,
            identity: submission.identity,
            name: submission.name,
            contact: submission.contact,
            help: help
        )
        self.receipt = SignedReceipt.make(
            reference: self.reference,
            content: try Self.canonical(answers, submission, files.map(\.file)),
            at: now,
            key: signing
        )
        self.entries = try [Entry.Body.answers(answers), .receipt(self.receipt)].enumerated().map { index, body in
            let row = Identifier<Entry>.random()
            return SealedEntry(
                id: row,
                author: index == 0 ? .reporter : .system,
                cell: try Sealing.seal(
                    body,
                    at: now,
                    kind: "entry",
                    report: id,
                    row: row.description,
                    box: box.publicBox
                )
            )
        }
        self.items = try submission.items.map { try SealedItem($0, at: now, report: id, box: box.publicBox) }
        self.files = try files.map {
            try SealedFile($0.file, once: $0.once, at: now, report: id, box: box.publicBox)
        }
    }

    func report(_ version: Questionnaires.Version) -> Report {
        Report(
            id: self.id,
            reference: self.reference,
            kind: self.submission.questionnaire.id,
            category: self.submission.questionnaire.category,
            unit: self.submission.questionnaire.unit,
            language: self.language,
            identity: self.submission.identity,
            questionnaire: version.hash,
            day: Day(self.at)
        )
    }

    /// The content as received, in one spelling, for the commitment of the receipt.
    private static func canonical(
        _ answers: Entry.Answers,
        _ submission: Submission,
        _ files: [ReceivedFile]
    ) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let told = try encoder.encode(answers) + encoder.encode(submission.items)
        return files.isEmpty ? told : try told + encoder.encode(files.map(\.sha256))
    }

    /// Ten random digits: enough never to meet twice, short enough to say on the telephone. Opens nothing.
    private static func newReference() -> String {
        String(UInt64.random(in: 1_000_000_000...9_999_999_999))
    }
}
