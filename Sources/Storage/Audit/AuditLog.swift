import FoundationEssentials
import Kernel

/// Who did what to which thing on which day, in a chain: every entry's hash includes the one before, so that what is
/// altered, taken out, put elsewhere or cut off is found. What it proves against the owner of the server depends on the
/// hash (see Vault) and on heads that have left the machine.
package struct AuditLog: Sendable {
    /// Must tell `["ab", "c"]` from `["a", "bc"]`.
    package typealias Hasher = @Sendable (_ fields: [String], _ previous: String) -> String

    /// Where the chain ends. The one given to witnesses outside.
    package struct Head: Codable, Sendable, Equatable {
        package let seq: Int
        package let hash: String

        package init(seq: Int, hash: String) { (self.seq, self.hash) = (seq, hash) }
    }

    /// A row.
    package struct Entry: Decodable, Sendable, Equatable {
        package let seq: Int
        package let day: String
        package let actor: String
        package let action: String
        package let subject: String
        /// JSON, exactly as it was hashed.
        package let detail: String
        package let prev: String
        package let hash: String

        var fields: [String] { [String(self.seq), self.day, self.actor, self.action, self.subject, self.detail] }

        /// Read from the JSON.
        package var details: [String: String] {
            (try? JSONDecoder().decode([String: String].self, from: Data(self.detail.utf8))) ?? [:]
        }
    }

    let hasher: Hasher

    package init(hasher: @escaping Hasher) { self.hasher = hasher }

    /// Part of the transaction that makes the change: neither is there without the other.
    /// - `actor`: an identifier or a pseudonym, never a name.
    /// - `detail`: nothing that was reported, and no secret. What is personal comes in sealed.
    @discardableResult
    package func record(
        _ tx: WriteTransaction,
        actor: String,
        action: String,
        subject: String,
        detail: [String: String] = [:],
        day: String
    ) throws -> Head {
        try tx.takeTurn("audit_head")
        // The head's row is the lock: the next writer sees it when this transaction has ended. Its hash is still the
        // one before.
        let head = try tx.one(
            Head.self,
            """
            INSERT INTO audit_head (one, seq, hash) VALUES (1, 1, '')
            ON CONFLICT (one) DO UPDATE SET seq = audit_head.seq + 1 RETURNING seq, hash
            """
        )!
        let detail = try JSON(detail).encoded()
        let fields = [String(head.seq), day, actor, action, subject, detail]
        let hash = self.hasher(fields, head.hash)
        try tx.execute(
            """
            INSERT INTO audit_entry \(values: [
                "seq": head.seq, "day": day, "actor": actor, "action": action, "subject": subject, "detail": detail,
                "prev": head.hash, "hash": hash,
            ])
            """
        )
        try tx.execute("UPDATE audit_head SET hash = \(hash) WHERE one = 1")
        return Head(seq: head.seq, hash: hash)
    }

    @discardableResult
    package func record(
        _ tx: WriteTransaction,
        actor: String,
        action: String,
        subject: String,
        detail: [String: String] = [:],
        day: Day
    ) throws -> Head {
        try self.record(tx, actor: actor, action: action, subject: subject, detail: detail, day: day.rawValue)
    }

    /// `nil` while nothing was recorded.
    package static func head(_ tx: ReadTransaction) throws -> Head? {
        try tx.one(Head.self, "SELECT seq, hash FROM audit_head")
    }

    /// The newest first.
    /// - `subject`: only what concerns this thing.
    /// - `before`: only entries before this number, for the next page.
    package static func entries(
        _ tx: ReadTransaction,
        subject: String? = nil,
        before: Int = .max,
        limit: Int = 100
    ) throws -> [Entry] {
        let about: SQL = subject.map { "AND subject = \($0)" } ?? ""
        return try tx.all(
            Entry.self,
            "SELECT * FROM audit_entry WHERE seq < \(before) \(about) ORDER BY seq DESC LIMIT \(limit)"
        )
    }
}
