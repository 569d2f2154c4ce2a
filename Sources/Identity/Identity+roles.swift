import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// Gives somebody else other roles. What they lose, they lose at once, with the keys that only those roles needed;
    /// what they gain becomes a request that a second person decides. Their sessions end: what comes next, they do under
    /// a new token.
    /// - Parameter roles: all that the person is to have.
    /// - Returns: whether a request waits for a second person.
    /// - Throws: `InputErrors` for `roles`; `forbidden`; `notFound`; `conflict` with `identity.not-oneself`,
    ///   `identity.not-fresh`, `identity.last-administrator`, `identity.last-key-holder` or `identity.request-open`.
    package func changeRoles(
        of id: Identifier<Principal>,
        to roles: [String],
        by session: StaffSession
    ) async throws -> Bool {
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }
        var input = InputReader()
        let wanted = Role.read(roles, &input)
        try input.finish()
        try self.requireFresh(session)
        if id == session.principal.id { try await self.refuseAlone("identity.roles-requested", id, session) }
        let now = self.clock.now()
        let requestID = Identifier<RoleRequest>.ordered(at: now)
        do {
            return try await self.database.write { tx in
                guard let staff = try Self.staff(id, tx), staff.state != .disabled else { throw DomainError.notFound }
                let removed = staff.roles.filter { !wanted.contains($0) }
                let added = wanted.filter { !staff.roles.contains($0) }
                if !removed.isEmpty { try self.take(removed, from: staff, by: session, now, tx) }
                if !added.isEmpty { try self.insert(requestID, added, for: id, by: session, now, tx) }
                return !added.isEmpty
            }
        } catch StorageError.unique(let name) where name == "role_request_staff_id_key" {
            throw DomainError.conflict("identity.request-open")
        }
    }

    private func take(
        _ removed: [Role],
        from staff: Staff,
        by session: StaffSession,
        _ now: Date,
        _ tx: WriteTransaction
    ) throws {
        try session.principal.require(.manageStaff)
        try self.requireOthers(than: staff, losing: Set(removed), tx)
        let rest = staff.roles.filter { !removed.contains($0) }
        try tx.execute("UPDATE staff SET roles = \(JSON(rest)) WHERE id = \(staff.id)")
        let units = try Self.dropKeys(of: staff.id, keeping: rest, tx)
        // An invitation that is still open must not bring the keys back.
        if staff.state == .invited, !units.isEmpty || Staff.units(for: rest) != Staff.units(for: staff.roles) {
            try tx.execute("UPDATE invitation SET unit_keys = NULL WHERE staff_id = \(staff.id)")
        }
        try tx.execute("DELETE FROM staff_session WHERE staff_id = \(staff.id)")
        try self.record(
            tx,
            "identity.roles-removed",
            by: session,
            about: staff.id,
            Self.named(removed).merging(Self.named(units)) { first, _ in first },
            day: Day(now)
        )
    }

    /// Ends an account: its sessions and its keys go at once.
    /// - Throws: `forbidden`; `notFound`; `conflict` with `identity.not-oneself`, `identity.not-fresh`,
    ///   `identity.last-administrator` or `identity.last-key-holder`.
    package func disable(_ id: Identifier<Principal>, by session: StaffSession) async throws {
        try session.principal.require(.manageStaff)
        try self.requireFresh(session)
        if id == session.principal.id { try await self.refuseAlone("identity.disabled", id, session) }
        let now = self.clock.now()
        try await self.database.write { tx in
            guard let staff = try Self.staff(id, tx), staff.state != .disabled else { throw DomainError.notFound }
            try self.requireOthers(than: staff, losing: Set(staff.roles), tx)
            try tx.execute("UPDATE staff SET state = 'disabled' WHERE id = \(id)")
            try tx.execute("DELETE FROM staff_session WHERE staff_id = \(id)")
            try tx.execute("DELETE FROM staff_unit_key WHERE staff_id = \(id)")
            try tx.execute("DELETE FROM invitation WHERE staff_id = \(id)")
            // What they asked for and what was asked for them goes with them.
            try tx.execute(
                """
                UPDATE role_request SET decision = 'withdrawn', decided_by = \(session.principal.id), decided_at = \(now)
                WHERE decision IS NULL AND (staff_id = \(id) OR requested_by = \(id))
                """
            )
            try self.record(tx, "identity.disabled", by: session, about: id, day: Day(now))
        }
    }
}
