import Foundation
import Kernel
import Mail
import Storage
import Vault

/// What a reporter asked for.
extension Notifications {
    struct NewsAddress: Decodable {
        let sealed: Data
        let language: Language
        let told: Bool

        /// Tells one request from the next without a column for it: sealing is random.
        var mark: String { String(Digest.sha256Hex(self.sealed).prefix(32)) }
    }

    func newsAddress(_ subject: SubjectID, _ tx: ReadTransaction) throws -> NewsAddress? {
        try tx.one(NewsAddress.self, "SELECT sealed, language, told FROM news_address WHERE report_id = \(subject)")
    }

    /// A key for each report: the database alone does not show an address, and one row put in the place of another does
    /// not open.
    private func seal(_ address: EmailAddress, _ subject: SubjectID) throws -> Data {
        try self.key.derive("\(subject)").contentKey.sealJSON(address, SealContext("news-address", "\(subject)"))
    }

    private func open(_ row: NewsAddress, _ subject: SubjectID) throws -> EmailAddress {
        let key = self.key.derive("\(subject)").contentKey
        return try key.openJSON(EmailAddress.self, row.sealed, SealContext("news-address", "\(subject)"))
    }

    /// The field's name in the refusals.
    package static let addressField = "news-address"

    /// The reporter wants a mail when there is news; replaces an earlier address.
    /// - Parameter language: of the mails.
    /// - Throws: `InputErrors` for what is no address; `DomainError.unavailable` where mail cannot leave.
    package func tellNews(of subject: SubjectID, at raw: String?, in language: Language) async throws {
        guard self.isOffered else { throw DomainError.unavailable("notification.not-offered") }
        var input = InputReader()
        let text = input.text(Self.addressField, raw, length: 3...254)
        let address = text.flatMap { EmailAddress($0) }.flatMap { Message.isDeliverable($0) ? $0 : nil }
        if text != nil, address == nil { input.refuse(Self.addressField, "error.email") }
        try input.finish()
        guard let address else { return }
        let sealed = try self.seal(address, subject)
        let today = self.clock.today()
        try await self.database.write { tx in
            try tx.execute(
                """
                INSERT INTO news_address \(values: [
                    "report_id": subject, "sealed": sealed, "language": language.rawValue, "day": today, "told": false,
                ])
                ON CONFLICT (report_id) DO UPDATE SET sealed = excluded.sealed, language = excluded.language,
                    day = excluded.day, told = excluded.told
                """
            )
            try self.record("notification.news.wanted", subject, tx)
        }
    }

    /// The address as far as it helps to recognise it: `s…@example.org`; `nil` when nothing was asked for.
    package func newsHint(of subject: SubjectID) async throws -> String? {
        guard let row = try await self.database.read({ try self.newsAddress(subject, $0) }) else { return nil }
        let address = try self.open(row, subject)
        return "\(address.rawValue.prefix(1))…@\(address.domain)"
    }

    package func stopNews(of subject: SubjectID) async throws {
        try await self.database.write { tx in try self.forget(subject, tx) }
    }

    private func forget(_ subject: SubjectID, _ tx: WriteTransaction) throws {
        if try tx.execute("DELETE FROM news_address WHERE report_id = \(subject)") == 1 {
            try self.record("notification.news.left", subject, tx)
        }
    }

    private func record(_ action: String, _ subject: SubjectID, _ tx: WriteTransaction) throws {
        let today = self.clock.today()
        try self.audit.record(tx, actor: "reporter", action: action, subject: "\(subject)", day: today)
    }

    /// There is something new to read, in the transaction that makes it so. One mail, until it was read.
    package func news(of subject: SubjectID, _ tx: WriteTransaction) throws {
        guard self.isOffered, let row = try self.newsAddress(subject, tx), !row.told else { return }
        try tx.execute("UPDATE news_address SET told = \(true) WHERE report_id = \(subject)")
        let token = try self.links.seal(Data("\(subject)/\(row.mark)".utf8), now: self.clock.now())
        let message = try self.message(.news(leave: token), to: try self.open(row, subject), row.language)
        let topic = "\(Topic.news)/\(subject)/\(row.mark)"
        try self.outbox.enqueue(message, topic: topic, day: self.clock.today(), tx)
    }

    /// The reporter looks: what comes after this is news again. Called before the reading, so that something said in
    /// between is told once too often rather than never.
    package func seen(_ subject: SubjectID) async throws {
        guard let row = try await self.database.read({ try self.newsAddress(subject, $0) }), row.told else { return }
        try await self.database.write { tx in
            try tx.execute("UPDATE news_address SET told = \(false) WHERE report_id = \(subject)")
        }
    }

    /// Whether the link is one of ours; nothing changes.
    package func isLeaveLink(_ token: String) -> Bool { self.leaving(token) != nil }

    /// By the link of a mail, without the code. A second click finds nothing to do, and a link to an address that was
    /// replaced since does not touch the new one.
    /// - Returns: whether the link was one of ours.
    package func leave(_ token: String) async throws -> Bool {
        guard let (subject, mark) = self.leaving(token) else { return false }
        try await self.database.write { tx in
            guard try self.newsAddress(subject, tx)?.mark == mark else { return }
            try self.forget(subject, tx)
        }
        return true
    }

    private func leaving(_ token: String) -> (SubjectID, mark: String)? {
        guard let payload = try? self.links.open(token, now: self.clock.now()) else { return nil }
        let parts = String(decoding: payload, as: UTF8.self).split(separator: "/").map(String.init)
        guard parts.count == 2, let subject = SubjectID(parts[0]) else { return nil }
        return (subject, parts[1])
    }
}
