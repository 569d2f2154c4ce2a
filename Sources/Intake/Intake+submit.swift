import Foundation
import Indicators
import Kernel
import Storage
import Vault

/// What a person gets for a report. The code exists here and on their paper, nowhere else.
package struct Acceptance: Sendable {
    package let code: ReceiptCode
    package let report: Report
    package let receipt: SignedReceipt
    package let receivedAt: Date
    /// The same form had been answered before.
    package let isRepeat: Bool
}

extension Intake {
    /// Keeps a report. When it returns, the report is on disk.
    ///
    /// Every call with the same form token gives the same code and the first call's report: a double click, or a retry
    /// after an answer that got lost, makes one report.
    /// - Parameters:
    ///   - formToken: signed and checked by the caller; secret between the person and us.
    ///   - help: the way through guided help, if there was one.
    ///   - files: what came with it; removed again if this report already is, or cannot be, kept.
    /// - Throws: `DomainError.unavailable` while nobody could read it; `Overloaded` beyond 1,024 waiting.
    package func submit(
        _ submission: Submission,
        formToken: String,
        language: Language,
        help: [String: [String]] = [:],
        files: FileDelivery? = nil
    ) async throws -> Acceptance {
        do {
            let received = try await files?.finish() ?? []
            if !submission.questionnaire.files, !received.isEmpty {
                throw InputErrors("error.file.not-here", for: "files")
            }
            let (acceptance, isNew) = try await self.keep(submission, received, formToken, language, help)
            if !isNew { await files?.discard() }
            return acceptance
        } catch  where error is InputErrors || error is DomainError || error is Overloaded {
            // After any other error the row may be there all the same; then the daily job decides.
            await files?.discard()
            throw error
        }
    }

    private func keep(
        _ submission: Submission,
        _ received: [ReceivedFile],
        _ formToken: String,
        _ language: Language,
        _ help: [String: [String]]
    ) async throws -> (Acceptance, isNew: Bool) {
        let questionnaire = submission.questionnaire
        guard let version = self.questionnaires[questionnaire.id] else { throw DomainError.notFound }
        let code = ReceiptCode.derived(from: formToken, key: self.keys.receiptCodes)
        let keys = try await self.keys.derivation.receipt(code)
        if let known = try await self.acceptance(code, keys) { return (known, false) }

        // Two reports may draw the same reference once in a while; the later one draws again.
        for _ in 0..<8 {
            let draft = try Draft(
                submission,
                files: received.map { ($0, self.once(formToken, $0)) },
                keys: keys,
                signing: self.keys.signing,
                language: language,
                help: help,
                now: self.clock.now()
            )
            do {
                try await self.keep(draft, version, questionnaire)
                let acceptance = Acceptance(
                    code: code,
                    report: draft.report(version),
                    receipt: draft.receipt,
                    receivedAt: draft.at,
                    isRepeat: false
                )
                return (acceptance, true)
            } catch StorageError.unique("report_reference_key") {
                continue
            } catch StorageError.unique("report_lookup_key") {
                // The same form came twice at the same moment; the other one is kept.
                guard let known = try await self.acceptance(code, keys) else {
                    throw StorageError.unique("report_lookup_key")
                }
                return (known, false)
            }
        }
        throw StorageError.unique("report_reference_key")
    }

    private func keep(_ draft: Draft, _ version: Questionnaires.Version, _ questionnaire: Questionnaire) async throws {
        try await self.database.write { tx in
            guard let unit = try self.unitBox(tx, questionnaire.unit) else {
                throw DomainError.unavailable("intake.closed")
            }
            if questionnaire.route == .child, try !self.childChannelOpen(tx) {
                throw DomainError.unavailable("intake.child-closed")
            }
            try self.insert(draft, version, unit, tx)
            try self.onReceived(tx, draft.report(version), questionnaire.imminentDanger)
        }
    }

    /// The report that this code opens, with the receipt that was given for it.
    private func acceptance(_ code: ReceiptCode, _ keys: ReceiptKeys) async throws -> Acceptance? {
        guard let (report, key) = try await self.reporterKey(keys) else { return nil }
        let opened = try await self.open(report, with: key)
        for entry in opened.entries {
            if case .receipt(let receipt) = entry.body {
                return Acceptance(code: code, report: report, receipt: receipt, receivedAt: entry.at, isRepeat: true)
            }
        }
        return nil
    }

    private func insert(
        _ draft: Draft,
        _ version: Questionnaires.Version,
        _ unit: (box: PublicBox, version: Int),
        _ tx: WriteTransaction
    ) throws {
        let report = draft.report(version)
        let unitContext = Sealing.unitContext(report.id, report.unit, version: unit.version)
        try tx.execute(
            """
            INSERT INTO report \(values: [
                "id": report.id, "reference": report.reference, "kind": report.kind, "category": report.category,
                "unit": report.unit.rawValue, "language": report.language.rawValue,
                "identity": report.identity.rawValue, "questionnaire": report.questionnaire, "day": report.day,
                "lookup": draft.lookup, "reporter_key": draft.reporterKey, "box": draft.box.publicBox.encoded,
                "reporter_wrap": draft.reporterWrap,
                "unit_wrap": try unit.box.wrap(draft.box, unitContext), "unit_version": unit.version,
            ])
            """
        )
        for (position, entry) in draft.entries.enumerated() {
            try Self.insert(
                entry.cell,
                id: entry.id,
                position: position,
                author: entry.author,
                report: report.id,
                day: report.day,
                tx
            )
        }
        for (position, item) in draft.items.enumerated() {
            try self.insert(item, position: position, report: report.id, day: report.day, tx)
        }
        try self.insert(draft.files, report: report.id, day: report.day, tx)
    }

    static func insert(
        _ cell: Sealing.Cell,
        id: Identifier<Entry>,
        position: Int,
        author: Entry.Author,
        report: Report.ID,
        day: Day,
        _ tx: WriteTransaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO report_entry \(values: [
                "id": id, "report_id": report, "position": position, "author": author.rawValue, "day": day,
                "wrap": cell.wrap, "sealed": cell.sealed,
            ])
            """
        )
    }

    func insert(_ item: SealedItem, position: Int, report: Report.ID, day: Day, _ tx: WriteTransaction) throws {
        try tx.execute(
            """
            INSERT INTO report_item \(values: [
                "id": item.id, "report_id": report, "position": position, "day": day,
                "wrap": item.cell.wrap, "sealed": item.cell.sealed,
            ])
            """
        )
        let version = try self.indexVersion(tx)
        for token in self.tokens(item.indicator, version) {
            try tx.execute(
                """
                INSERT INTO indicator_index \(values: [
                    "item_id": item.id, "report_id": report, "token": token, "key_version": version,
                    "normaliser": Normaliser.version,
                ])
                """
            )
        }
    }

    /// - Parameter version: of the index key.
    func tokens(_ indicator: Indicator, _ version: Int) -> Set<String> {
        let index = self.keys.index(version)
        return Set(self.normaliser.spellings(indicator).map { index.token($0.kind, $0.text) })
    }

    /// Of every key so far: rows that nobody has read since a rotation still carry an older one's.
    func tokens(_ indicator: Indicator, upTo version: Int) -> [String] {
        Array((1...max(1, version)).reduce(into: Set<String>()) { $0.formUnion(self.tokens(indicator, $1)) })
    }
}

/// An indicator, sealed, with what is needed to index it.
struct SealedItem: Sendable {
    let id: Identifier<Item>
    let indicator: Indicator
    let cell: Sealing.Cell

    init(_ indicator: Indicator, at: Date, report: Report.ID, box: PublicBox) throws {
        self.id = .random()
        self.indicator = indicator
        self.cell = try Sealing.seal(
            indicator,
            at: at,
            kind: "item",
            report: report,
            row: self.id.description,
            box: box
        )
    }
}
