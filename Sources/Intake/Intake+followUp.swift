import Foundation
import Indicators
import Kernel
import Storage
import Vault

/// A reporter who came back with the code. The token is the cookie; the database keeps its hash and, sealed under it,
/// the key of the report.
package struct ReporterVisit: Sendable {
    package let report: Report
    let key: ReportKey
}

extension Intake {
    /// Ten minutes: as exact as the time of a visit is kept.
    private static let span: Double = 600
    /// A visit ends after 30 to 40 minutes without a page.
    private static let idleSpans = 4

    private static func span(_ now: Date) -> Int { Int(now.timeIntervalSince1970 / Self.span) }

    /// Opens a report by its code.
    /// - Returns: the token of the visit; `nil` if the code opens nothing.
    package func visit(_ code: ReceiptCode) async throws -> SecretToken? {
        let keys = try await self.keys.derivation.receipt(code)
        guard let (report, key) = try await self.reporterKey(keys) else { return nil }
        return try await self.startVisit(report, key)
    }

    private func startVisit(_ report: Report, _ key: ReportKey) async throws -> SecretToken {
        let token = SecretToken.random()
        let sealed = key.box.sealed(under: token.contentKey("visit"), SealContext("visit", report.id.description))
        let span = Self.span(self.clock.now())
        try await self.database.write { tx in
            try tx.execute("DELETE FROM reporter_session WHERE span < \(span - Self.idleSpans)")
            try tx.execute(
                """
                INSERT INTO reporter_session \(values: [
                    "token_hash": token.hash, "report_id": report.id, "sealed": sealed, "span": span,
                ])
                """
            )
        }
        return token
    }

    private struct VisitRow: Decodable {
        let reportId: Report.ID
        let sealed: Data
        let span: Int
    }

    /// The visit a cookie belongs to; `nil` when it has ended.
    package func resume(_ token: SecretToken) async throws -> ReporterVisit? {
        let span = Self.span(self.clock.now())
        let found = try await self.database.read { tx -> (VisitRow, Report)? in
            guard
                let row = try tx.one(
                    VisitRow.self,
                    """
                    SELECT report_id, sealed, span FROM reporter_session
                    WHERE token_hash = \(token.hash) AND span >= \(span - Self.idleSpans)
                    """
                ),
                let report = try tx.one(
                    Report.self,
                    "SELECT \(Self.reportColumns) FROM report WHERE id = \(row.reportId)"
                )
            else { return nil }
            return (row, report)
        }
        guard let (row, report) = found else { return nil }
        if row.span < span {
            try await self.database.write { tx in
                try tx.execute("UPDATE reporter_session SET span = \(span) WHERE token_hash = \(token.hash)")
            }
        }
        let context = SealContext("visit", report.id.description)
        let box = try PrivateBox.open(row.sealed, under: token.contentKey("visit"), context)
        return ReporterVisit(report: report, key: ReportKey(box: box))
    }

    package func end(_ token: SecretToken) async throws {
        try await self.database.write { tx in
            try tx.execute("DELETE FROM reporter_session WHERE token_hash = \(token.hash)")
        }
    }

    package func open(_ visit: ReporterVisit) async throws -> OpenedReport {
        try await self.onSeen(visit.report.id)
        return try await self.open(visit.report, with: visit.key)
    }

    /// A message of the reporter to the desk.
    @discardableResult
    package func write(_ text: String, in visit: ReporterVisit) async throws -> Identifier<Entry> {
        try await self.append(.message(text), author: .reporter, to: visit.report, act: .wrote)
    }

    /// The reporter says who they are, after all.
    @discardableResult
    package func reveal(name: String?, contact: String?, in visit: ReporterVisit) async throws -> Identifier<Entry> {
        try await self.append(
            .identity(name: name, contact: contact),
            author: .reporter,
            to: visit.report,
            act: .revealedIdentity
        )
    }

    @discardableResult
    package func withdraw(_ visit: ReporterVisit) async throws -> Identifier<Entry> {
        try await self.append(
            .status(state: "withdrawn", reason: nil),
            author: .reporter,
            to: visit.report,
            act: .withdrew
        )
    }

    @discardableResult
    package func add(_ indicators: [Indicator], in visit: ReporterVisit) async throws -> [Identifier<Item>] {
        let now = self.clock.now()
        let report = visit.report
        let box = visit.key.box.publicBox
        let items = try indicators.map { try SealedItem($0, at: now, report: report.id, box: box) }
        try await self.database.write { tx in
            var next =
                try tx.value(
                    Int.self,
                    "SELECT coalesce(max(position) + 1, 0) FROM report_item WHERE report_id = \(report.id)"
                ) ?? 0
            guard next + items.count <= 100 else { throw DomainError.conflict("error.too-many-items") }
            for item in items {
                try self.insert(item, position: next, report: report.id, day: Day(now), tx)
                next += 1
            }
            try self.onAdded(tx, report.id, .addedItems)
        }
        return items.map(\.id)
    }

    private func append(
        _ body: Entry.Body,
        author: Entry.Author,
        to report: Report,
        act: ReporterAct
    ) async throws -> Identifier<Entry> {
        let now = self.clock.now()
        return try await self.database.write { tx in
            let id = try self.append(body, author: author, to: report.id, at: now, tx)
            try self.onAdded(tx, report.id, act)
            return id
        }
    }

    /// Adds to a report as part of the caller's transaction. Needs no key that opens anything: the box is public.
    @discardableResult
    package func append(
        _ body: Entry.Body,
        author: Entry.Author,
        to report: Report.ID,
        at now: Date,
        _ tx: WriteTransaction
    ) throws -> Identifier<Entry> {
        guard let encoded = try tx.value(Data.self, "SELECT box FROM report WHERE id = \(report)") else {
            throw DomainError.notFound
        }
        let row = Identifier<Entry>.random()
        let cell = try Sealing.seal(
            body,
            at: now,
            kind: "entry",
            report: report,
            row: row.description,
            box: PublicBox(encoded: encoded)
        )
        let position = try tx.value(
            Int.self,
            "SELECT coalesce(max(position) + 1, 0) FROM report_entry WHERE report_id = \(report)"
        )
        try Self.insert(cell, id: row, position: position ?? 0, author: author, report: report, day: Day(now), tx)
        return row
    }
}
