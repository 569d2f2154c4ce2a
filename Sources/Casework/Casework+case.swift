import Foundation
import Intake
import Kernel
import Storage
import Vault

/// A case as an analyst reads it.
package struct OpenedCase: Sendable {
    package let file: CaseFile
    package let opened: OpenedReport
    package let transitions: [CaseTransition]
    package let assessments: [Identifier<Item>: ItemAssessment]
    package let notes: [CaseNote]
    /// Other cases that name the same indicator, those this person may see.
    package let related: [Identifier<Item>: [CaseFile]]
}

extension Casework {
    func file(_ id: Report.ID, _ tx: ReadTransaction) throws -> CaseFile {
        guard let file = try tx.one(CaseFile.self, "SELECT \(Self.columns) FROM case_file WHERE report_id = \(id)"),
            file.state != .purged
        else { throw DomainError.notFound }
        return file
    }

    package func unit(of id: Report.ID) async throws -> DeskUnit {
        try await self.database.read { try self.file(id, $0).unit }
    }

    /// Opens a case for reading: decrypts it, records who read it, marks what was unread as read.
    package func open(_ id: Report.ID, for access: DeskAccess) async throws -> OpenedCase {
        let file = try await self.database.read { try self.file(id, $0) }
        try access.require(file.unit)
        let key = try await self.intake.key(of: id, unitKeys: access.unitKeys)
        // The entry is written before the content is shown: a reading without a trace is not possible.
        let today = self.clock.today()
        try await self.database.write { tx in
            try self.audit.record(
                tx,
                actor: "\(access.principal.id)",
                action: "casework.case.read",
                subject: "\(id)",
                day: today
            )
            if access.principal.may(.workCases) {
                try tx.execute("UPDATE case_file SET unread = 0 WHERE report_id = \(id)")
                if file.unread > 0 { try self.hooks.onRead(tx, file.unit) }
            }
        }
        let opened = try await self.intake.open(try await self.intake.report(id), with: key)
        let relatedIDs = try await self.intake.related(to: opened)
        let units = access.units.map(\.rawValue)
        let unitKey = access.unitKeys[file.unit]
        return try await self.database.read { tx in
            var related: [Identifier<Item>: [CaseFile]] = [:]
            for (item, reports) in relatedIDs where !reports.isEmpty {
                related[item] = try tx.all(
                    CaseFile.self,
                    """
                    SELECT \(Self.columns) FROM case_file
                    WHERE report_id IN \(list: reports) AND unit IN \(list: units) ORDER BY received_day DESC, report_id
                    """
                )
            }
            let assessments = try tx.all(
                ItemAssessment.self,
                "SELECT item_id, state, grade FROM item_assessment WHERE report_id = \(id)"
            )
            return OpenedCase(
                file: try self.file(id, tx),
                opened: opened,
                transitions: try tx.all(
                    CaseTransition.self,
                    """
                    SELECT position, from_state, to_state, reason, actor, day FROM case_transition
                    WHERE report_id = \(id) ORDER BY position
                    """
                ),
                assessments: Dictionary(uniqueKeysWithValues: assessments.map { ($0.itemId, $0) }),
                notes: try self.notes(id, unitKey, tx),
                related: related
            )
        }
    }

    private struct NoteRow: Decodable {
        let id: Identifier<CaseNote>
        let actor: String
        let wrap: Data
        let sealed: Data
    }

    private struct NoteBody: Codable {
        let at: Date
        let text: String
    }

    private func notes(_ id: Report.ID, _ unitKey: PrivateBox?, _ tx: ReadTransaction) throws -> [CaseNote] {
        guard let unitKey else { return [] }
        let rows = try tx.all(
            NoteRow.self,
            "SELECT id, actor, wrap, sealed FROM case_note WHERE report_id = \(id) ORDER BY id"
        )
        return try rows.map { row in
            let key = try unitKey.unwrapKey(row.wrap, SealContext("note-key", "\(id)", "\(row.id)"))
            let body = try key.openJSON(NoteBody.self, row.sealed, SealContext("note", "\(id)", "\(row.id)"))
            return CaseNote(id: row.id, actor: row.actor, at: body.at, text: body.text)
        }
    }

    /// A note for colleagues, sealed to the unit and not to the report: the reporter's code does not open it.
    package func note(_ text: String, on id: Report.ID, version: Int, for access: DeskAccess) async throws {
        var input = InputReader()
        let text = input.text("note", text, length: 1...4000)
        try input.finish()
        let now = self.clock.now()
        try await self.change(id, version: version, access, action: "casework.case.noted") { tx, file in
            guard let (box, unitVersion) = try self.unitBox(tx, file.unit) else {
                throw DomainError.unavailable("intake.closed")
            }
            let row = Identifier<CaseNote>.ordered(at: now)
            let key = ContentKey.random()
            try tx.execute(
                """
                INSERT INTO case_note \(values: [
                    "id": row, "report_id": id, "actor": "\(access.principal.id)", "unit_version": unitVersion,
                    "wrap": try box.wrap(key, SealContext("note-key", "\(id)", "\(row)")),
                    "sealed": try key.sealJSON(NoteBody(at: now, text: text ?? ""), SealContext("note", "\(id)", "\(row)")),
                ])
                """
            )
        }
    }

    /// The frame of every change: may this person, is the case still as they saw it, is nobody else on it; then the
    /// change, its audit entry and the new version in one transaction.
    func change(
        _ id: Report.ID,
        version: Int,
        _ access: DeskAccess,
        action: String,
        detail: [String: String] = [:],
        _ body: @escaping @Sendable (WriteTransaction, CaseFile) throws -> Void
    ) async throws {
        try access.principal.require(.workCases)
        let now = self.clock.now()
        try await self.database.write { tx in
            let file = try self.file(id, tx)
            try access.require(file.unit)
            guard file.version == version else { throw DomainError.conflict("casework.changed-meanwhile") }
            if file.lockedBy(otherThan: access.principal.id, at: now) != nil {
                throw DomainError.conflict("casework.locked")
            }
            try tx.execute("UPDATE case_file SET version = version + 1 WHERE report_id = \(id)")
            try body(tx, file)
            try self.audit.record(
                tx,
                actor: "\(access.principal.id)",
                action: action,
                subject: "\(id)",
                detail: detail,
                day: Day(now)
            )
        }
    }
}
