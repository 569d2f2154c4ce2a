import Casework
import Foundation
import Kernel
import Storage
import Vault

/// What the commands do, whoever is the process that does it.
package struct OperatorActions: Sendable {
    private let database: Database
    private let audit: AuditLog
    private let clock: Clock
    private let backups: BackupWriter
    package let retention: Retention
    private let turn = Turn()

    /// - Parameters:
    ///   - dataFolder: where files and markers lie.
    ///   - backupKey: what backups are sealed to; `nil` when none is configured.
    ///   - retentionDays: see `Retention.range`.
    package init(
        database: Database,
        masterKey: MasterKey,
        dataFolder: String,
        backupKey: PublicBox?,
        retentionDays: Int,
        clock: Clock
    ) throws {
        self.database = database
        self.audit = .chained
        self.clock = clock
        let store = try BlobStore(root: dataFolder)
        self.retention = Retention(database: database, audit: .chained, clock: clock, days: retentionDays) { id in
            try await store.remove(id)
        }
        self.backups = BackupWriter(
            database: database,
            dataFolder: dataFolder,
            key: backupKey,
            signing: BackupManifest.signingKey(masterKey),
            clock: clock
        )
    }

    /// - Parameter tell: told of progress, a line each.
    /// - Returns: what was done, for the operator.
    package func perform(
        _ command: AdminCommand,
        _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        switch command {
        case .backup(let folder, let unencrypted):
            try await self.turn.run { try await self.backup(folder, unencrypted, tell) }
        case .retention(let isDryRun):
            try await self.turn.run { try await self.retain(isDryRun, tell) }
        case .rotateKeys: try await self.rotate()
        case .verifyAudit(let heads): try await self.verify(heads)
        case .health:
            try await self.database.health().sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: ", ")
        }
    }

    private func backup(
        _ folder: String,
        _ unencrypted: Bool,
        _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        let manifest = try await self.backups.write(to: folder, unencrypted: unencrypted, tell)
        let today = self.clock.today()
        try await self.database.write { tx in
            try self.audit.record(
                tx,
                actor: "operator",
                action: "operator.backup.made",
                subject: manifest.id,
                detail: ["encrypted": String(manifest.isEncrypted)],
                day: today
            )
        }
        return manifest.summary(folder)
    }

    private func retain(_ isDryRun: Bool, _ tell: @escaping @Sendable (String) -> Void) async throws -> String {
        let plan = try await self.retention.plan()
        let days = self.retention.days
        var lines = plan.byCategory.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        if let oldest = plan.oldest { lines.append("  the oldest was closed on \(oldest)") }
        if plan.held > 0 { lines.append("  held for an enquiry, kept: \(plan.held)") }
        if plan.awaitingHandOver > 0 {
            lines.append("  awaiting a recorded hand-over, kept: \(plan.awaitingHandOver)")
        }
        let about = ([""] + lines).joined(separator: "\n")
        if isDryRun { return "\(plan.total) cases were closed \(days) days ago or earlier and are due.\(about)" }
        let erased = try await self.retention.run { tell("\($0) of \(plan.total) erased") }
        return "\(erased) cases erased: closed \(days) days ago or earlier.\(about)"
    }

    private func rotate() async throws -> String {
        let today = self.clock.today()
        let versions = try await self.database.write { try KeyVersions.rotate($0, self.audit, today: today) }
        let index = versions[.blindIndex] ?? 1
        let forms = versions[.forms] ?? 1
        return """
            Index key: version \(index), in use at once; rows of older reports are renewed when somebody reads them.
            Form keys: version \(forms), in use after the next start of each server; forms that are open then are shown again.
            """
    }

    private func verify(_ heads: [AuditLog.Head]) async throws -> String {
        let (verdict, head) = try await self.database.read { tx in
            (try self.audit.verify(tx, witnesses: heads), try AuditLog.head(tx))
        }
        switch verdict {
        case .intact(let count):
            return "\(count) entries, intact. Head: \(head.map { "\($0.seq):\($0.hash)" } ?? "none")"
        case .broken(let seq, let why): throw OperatorFault("Entry \(seq) was \(why.rawValue).")
        }
    }
}

extension AuditLog {
    /// The installation's log: chained as Vault says.
    package static let chained = AuditLog { fields, previous in
        AuditHash.chain(previous: previous, leaf: AuditHash.leaf(fields))
    }
}
