extension AuditLog {
    /// What a verification found.
    package enum Verdict: Sendable, Equatable {
        case intact(count: Int)
        /// The first entry that is not as it was written.
        case broken(seq: Int, Why)

        /// In one word.
        package enum Why: String, Sendable {
            /// What it says is not what was hashed.
            case altered
            /// There is a gap in the numbers.
            case removed
            /// It is genuine, but its place is another.
            case reordered
            /// The last ones are missing: the head, or a witness, knows of more.
            case truncated
            /// From here on the chain is consistent, but it is another chain than the one before or than a witness saw.
            case rewritten
        }
    }

    /// Recomputes the whole chain, one entry in memory at a time.
    /// - `witnesses`: heads that were kept outside. Without one, cutting off the end *and* turning the head back
    ///   is not found.
    package func verify(_ database: Database, witnesses: [Head] = []) async throws -> Verdict {
        try await database.read { try self.verify($0, witnesses: witnesses) }
    }

    /// As part of a longer look.
    package func verify(_ tx: ReadTransaction, witnesses: [Head] = []) throws -> Verdict {
        struct Stop: Error {}
        let seen = Dictionary(witnesses.map { ($0.seq, $0.hash) }, uniquingKeysWith: { first, _ in first })
        var last = Head(seq: 0, hash: "")
        var suspect: (entry: Entry, why: Verdict.Why)?
        try tx.each(Entry.self, "SELECT * FROM audit_entry ORDER BY seq") { entry in
            // Not by throwing: that would end the transaction, and there is a question left.
            if suspect != nil { return }
            if let why = self.fault(entry, after: last, witnessed: seen[entry.seq]) {
                suspect = (entry, why)
            } else {
                last = Head(seq: entry.seq, hash: entry.hash)
            }
        }
        if let (entry, why) = suspect {
            if why == .removed { return .broken(seq: last.seq + 1, .removed) }
            let isMoved = try why == .altered && self.originalPlace(entry, tx) != nil
            return .broken(seq: entry.seq, isMoved ? .reordered : why)
        }
        let head = try Self.head(tx) ?? Head(seq: 0, hash: "")
        let longest = max(head.seq, witnesses.map(\.seq).max() ?? 0)
        if longest > last.seq { return .broken(seq: last.seq + 1, .truncated) }
        if head != last { return .broken(seq: min(head.seq, last.seq) + (head.seq == last.seq ? 0 : 1), .rewritten) }
        return .intact(count: last.seq)
    }

    private func fault(_ entry: Entry, after last: Head, witnessed: String?) -> Verdict.Why? {
        if entry.seq != last.seq + 1 { return .removed }
        if self.hasher(entry.fields, entry.prev) != entry.hash { return .altered }
        if entry.prev != last.hash { return .rewritten }
        return witnessed ?? entry.hash == entry.hash ? nil : .rewritten
    }

    /// The number under which an entry's hash is right: the one before that which names it as previous.
    private func originalPlace(_ entry: Entry, _ tx: ReadTransaction) throws -> Int? {
        var places = try tx.values(Int.self, "SELECT seq - 1 FROM audit_entry WHERE prev = \(entry.hash)")
        if let head = try Self.head(tx), head.hash == entry.hash { places.append(head.seq) }
        return places.first { place in
            self.hasher([String(place)] + entry.fields.dropFirst(), entry.prev) == entry.hash
        }
    }
}
