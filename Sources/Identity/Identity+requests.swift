import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// Requests that nobody has decided yet, the oldest first.
    package func roleRequests(for session: StaffSession) async throws -> [RoleRequest] {
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }
        return try await self.database.read { tx in
            try tx.all(
                RoleRequest.self,
                "SELECT \(RoleRequest.columns) FROM role_request WHERE decision IS NULL ORDER BY id"
            )
        }
    }

    func insert(
        _ requestID: Identifier<RoleRequest>,
        _ roles: [Role],
        for id: Identifier<Principal>,
        by session: StaffSession,
        _ now: Date,
        _ tx: WriteTransaction
    ) throws {
        try tx.execute(
            """
            INSERT INTO role_request \(values: [
                "id": requestID, "staff_id": id, "roles": JSON(roles), "requested_by": session.principal.id,
                "requested_at": now,
            ])
            """
        )
        try self.record(tx, "identity.roles-requested", by: session, about: id, Self.named(roles), day: Day(now))
    }

    /// A second key-holder or administrator decides; who asked may only withdraw. An approval gives the roles at once and,
    /// when a key-holder gives it, the keys they need. The person's sessions end: what comes next, they do under a new
    /// token.
    /// - Throws: `forbidden`; `notFound` for a request that was decided meanwhile; `conflict` with
    ///   `identity.not-oneself`, `identity.not-fresh` or `identity.roles-apart`.
    package func decide(
        _ requestID: Identifier<RoleRequest>,
        _ decision: RoleRequest.Decision,
        by session: StaffSession
    ) async throws {
        let principal = session.principal
        guard principal.may(.manageStaff) || principal.may(.grantKeys) else { throw DomainError.forbidden }
        try self.requireFresh(session)
        guard let request = try await self.database.read({ try Self.open(requestID, $0) }) else {
            throw DomainError.notFound
        }
        let isOwn = request.requestedBy == principal.id
        switch decision {
        case .withdrawn: guard isOwn else { throw DomainError.forbidden }
        case .approved, .refused:
            guard request.mayBeDecided(by: principal.id) else {
                try await self.refuseAlone("identity.roles-\(decision.rawValue)", request.staffId, session)
            }
        }
        let keys = principal.may(.grantKeys) ? try await self.versionedUnitKeys(session) : []
        let now = self.clock.now()
        try await self.database.write { tx in
            let count = try tx.execute(
                """
                UPDATE role_request SET decision = \(decision), decided_by = \(principal.id), decided_at = \(now)
                WHERE id = \(requestID) AND decision IS NULL
                """
            )
            guard count == 1 else { throw DomainError.notFound }
            var detail = Self.named(request.roles)
            if decision == .approved {
                let units = try self.give(request.roles, to: request.staffId, keys, tx)
                detail.merge(Self.named(units)) { first, _ in first }
            }
            try self.record(
                tx,
                "identity.roles-\(decision.rawValue)",
                by: session,
                about: request.staffId,
                detail,
                day: Day(now)
            )
        }
    }

    private static func open(_ id: Identifier<RoleRequest>, _ tx: ReadTransaction) throws -> RoleRequest? {
        try tx.one(
            RoleRequest.self,
            "SELECT \(RoleRequest.columns) FROM role_request WHERE id = \(id) AND decision IS NULL"
        )
    }

    private func give(
        _ roles: [Role],
        to id: Identifier<Principal>,
        _ keys: [(DeskUnit, Int, PrivateBox)],
        _ tx: WriteTransaction
    ) throws -> [DeskUnit] {
        guard let staff = try Self.staff(id, tx), staff.state != .disabled else { throw DomainError.notFound }
        let all = Role.allCases.filter { staff.roles.contains($0) || roles.contains($0) }
        guard Role.areApart(all) else { throw DomainError.conflict("identity.roles-apart") }
        try tx.execute("UPDATE staff SET roles = \(JSON(all)) WHERE id = \(id)")
        try tx.execute("DELETE FROM staff_session WHERE staff_id = \(id)")
        guard staff.state == .active, !keys.isEmpty, let changed = try Self.staff(id, tx) else { return [] }
        return try self.handOver(keys, to: changed, tx)
    }
}
