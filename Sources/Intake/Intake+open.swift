import Foundation
import Indicators
import Kernel
import Storage
import Vault

extension Intake {
    static let reportColumns: SQL =
        "id, reference, kind, category, unit, language, identity, questionnaire, day"

    private struct Keyed: Decodable {
        let id: Report.ID
        let reporterKey: Data
        let reporterWrap: Data
    }

    private struct UnitWrap: Decodable {
        let unit: DeskUnit
        let unitWrap: Data
        let unitVersion: Int
    }

    /// What the receipt code opens; `nil` for a code that opens nothing. Takes as long either way: the slow step is
    /// before it.
    func reporterKey(_ keys: ReceiptKeys) async throws -> (Report, ReportKey)? {
        let found = try await self.database.read { tx -> (Report, Keyed)? in
            guard
                let report = try tx.one(
                    Report.self,
                    "SELECT \(Self.reportColumns) FROM report WHERE lookup = \(keys.lookup)"
                ),
                let keyed = try tx.one(
                    Keyed.self,
                    "SELECT id, reporter_key, reporter_wrap FROM report WHERE id = \(report.id)"
                )
            else { return nil }
            return (report, keyed)
        }
        guard let (report, keyed) = found else { return nil }
        let reporter = try PrivateBox.open(keyed.reporterKey, under: keys.key, Sealing.reporterKeyContext(report.id))
        return (report, ReportKey(box: try reporter.unwrapBox(keyed.reporterWrap, Sealing.reporterContext(report.id))))
    }

    /// The key of a report for a unit of the desk. The caller has made sure that the person may read it.
    package func key(of report: Report.ID, unitKeys: [DeskUnit: PrivateBox]) async throws -> ReportKey {
        let wrap = try await self.database.read { tx in
            try tx.one(UnitWrap.self, "SELECT unit, unit_wrap, unit_version FROM report WHERE id = \(report)")
        }
        guard let wrap else { throw DomainError.notFound }
        guard let unitKey = unitKeys[wrap.unit] else { throw DomainError.forbidden }
        let context = Sealing.unitContext(report, wrap.unit, version: wrap.unitVersion)
        return ReportKey(box: try unitKey.unwrapBox(wrap.unitWrap, context))
    }

    package func report(_ id: Report.ID) async throws -> Report {
        let report = try await self.database.read { tx in
            try tx.one(Report.self, "SELECT \(Self.reportColumns) FROM report WHERE id = \(id)")
        }
        guard let report else { throw DomainError.notFound }
        return report
    }

    private struct EntryRow: Decodable {
        let id: Identifier<Entry>
        let position: Int
        let author: Entry.Author
        let wrap: Data
        let sealed: Data
    }

    private struct ItemRow: Decodable {
        let id: Identifier<Item>
        let position: Int
        let wrap: Data
        let sealed: Data
    }

    package func open(_ report: Report, with key: ReportKey) async throws -> OpenedReport {
        let (entries, items, files, isLocked) = try await self.database.read { tx in
            (
                try tx.all(
                    EntryRow.self,
                    """
                    SELECT id, position, author, wrap, sealed FROM report_entry
                    WHERE report_id = \(report.id) ORDER BY position
                    """
                ),
                try tx.all(
                    ItemRow.self,
                    "SELECT id, position, wrap, sealed FROM report_item WHERE report_id = \(report.id) ORDER BY position"
                ),
                try Self.fileRows(of: report.id, tx),
                try self.areFilesLocked(report.id, tx)
            )
        }
        return OpenedReport(
            report: report,
            entries: try entries.map { row in
                let cell = Sealing.Cell(wrap: row.wrap, sealed: row.sealed)
                let opened = try Sealing.open(
                    Entry.Body.self,
                    cell,
                    kind: "entry",
                    report: report.id,
                    row: row.id.description,
                    key: key
                )
                return Entry(id: row.id, position: row.position, author: row.author, at: opened.at, body: opened.value)
            },
            items: try items.map { row in
                let cell = Sealing.Cell(wrap: row.wrap, sealed: row.sealed)
                let opened = try Sealing.open(
                    Indicator.self,
                    cell,
                    kind: "item",
                    report: report.id,
                    row: row.id.description,
                    key: key
                )
                return Item(id: row.id, position: row.position, indicator: opened.value)
            },
            files: try files.map { try SealedFile.open($0, report: report.id, key: key).file },
            areFilesLocked: isLocked
        )
    }

    /// Other reports that name the same thing, found by keyed hash: nothing is decrypted for it. A reader's visit
    /// renews index rows that an older normaliser or an older key made.
    package func related(to opened: OpenedReport, limit: Int = 50) async throws -> [Identifier<Item>: [Report.ID]] {
        let version = try await self.database.read { try self.indexVersion($0) }
        try await self.renewIndex(of: opened, version)
        let tokens = opened.items.map { ($0.id, self.tokens($0.indicator, upTo: version)) }
        return try await self.database.read { tx in
            var related: [Identifier<Item>: [Report.ID]] = [:]
            for (item, tokens) in tokens where !tokens.isEmpty {
                related[item] = try tx.values(
                    Report.ID.self,
                    """
                    SELECT DISTINCT report_id FROM indicator_index
                    WHERE token IN \(list: tokens) AND report_id <> \(opened.report.id) LIMIT \(limit)
                    """
                )
            }
            return related
        }
    }

    /// Reports that name this indicator, for the desk's search.
    package func reports(naming indicator: Indicator, limit: Int = 50) async throws -> [Report.ID] {
        try await self.database.read { tx in
            let tokens = self.tokens(indicator, upTo: try self.indexVersion(tx))
            return try tx.values(
                Report.ID.self,
                "SELECT DISTINCT report_id FROM indicator_index WHERE token IN \(list: tokens) LIMIT \(limit)"
            )
        }
    }

    private func renewIndex(of opened: OpenedReport, _ version: Int) async throws {
        let report = opened.report.id
        let stale = try await self.database.read { tx in
            try tx.values(
                Identifier<Item>.self,
                """
                SELECT DISTINCT item_id FROM indicator_index
                WHERE report_id = \(report) AND (normaliser < \(Normaliser.version) OR key_version < \(version))
                """
            )
        }
        if stale.isEmpty { return }
        let tokens = opened.items.filter { stale.contains($0.id) }.map { ($0.id, self.tokens($0.indicator, version)) }
        try await self.database.write { tx in
            // Not one that was erased since it was read.
            for (item, tokens) in tokens where try self.hasItem(item, in: report, tx) {
                try tx.execute("DELETE FROM indicator_index WHERE item_id = \(item)")
                for token in tokens {
                    try tx.execute(
                        """
                        INSERT INTO indicator_index \(values: [
                            "item_id": item, "report_id": report, "token": token, "key_version": version,
                            "normaliser": Normaliser.version,
                        ])
                        """
                    )
                }
            }
        }
    }
}

extension Intake {
    /// Whether an indicator belongs to a report.
    package func hasItem(_ item: Identifier<Item>, in report: Report.ID, _ tx: ReadTransaction) throws -> Bool {
        try tx.value(Int.self, "SELECT 1 FROM report_item WHERE id = \(item) AND report_id = \(report)") != nil
    }
}
