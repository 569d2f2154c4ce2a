import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    private struct WrapRow: Decodable {
        let unit: DeskUnit
        let version: Int
        let wrap: Data
    }

    func versionedUnitKeys(_ session: StaffSession) async throws -> [(DeskUnit, Int, PrivateBox)] {
        let id = session.principal.id
        let rows = try await self.database.read { tx in
            try tx.all(
                WrapRow.self,
                "SELECT unit, version, wrap FROM staff_unit_key WHERE staff_id = \(id) ORDER BY unit"
            )
        }
        return try rows.map {
            ($0.unit, $0.version, try session.box.unwrapBox($0.wrap, Self.grantContext(id, $0.unit, $0.version)))
        }
    }

    /// The unit keys this session opens, for the length of a request.
    package func unitKeys(_ session: StaffSession) async throws -> [DeskUnit: PrivateBox] {
        Dictionary(uniqueKeysWithValues: try await self.versionedUnitKeys(session).map { ($0.0, $0.2) })
    }

    /// Somebody who may work as soon as a key-holder grants the key.
    package struct Waiting: Sendable {
        package let staff: Staff
        package let units: [DeskUnit]
    }

    private struct HeldRow: Decodable {
        let staffId: Identifier<Principal>
        let unit: DeskUnit
    }

    package func staff(for session: StaffSession) async throws -> (all: [Staff], waiting: [Waiting]) {
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }
        let (all, held) = try await self.database.read { tx in
            (
                try tx.all(Staff.self, "SELECT \(Staff.columns) FROM staff ORDER BY id"),
                try tx.all(HeldRow.self, "SELECT staff_id, unit FROM staff_unit_key")
            )
        }
        let waiting = all.filter { $0.state == .active }.compactMap { staff -> Waiting? in
            let has = Set(held.filter { $0.staffId == staff.id }.map(\.unit))
            let missing = Staff.units(for: staff.roles).subtracting(has)
            return missing.isEmpty ? nil : Waiting(staff: staff, units: missing.sorted { $0.rawValue < $1.rawValue })
        }
        return (all, waiting)
    }

    private struct BoxRow: Decodable { let box: Data? }

    /// A key-holder hands the keys that somebody's roles need to their box.
    package func grantKeys(to id: Identifier<Principal>, by session: StaffSession) async throws {
        try session.principal.require(.grantKeys)
        let keys = try await self.versionedUnitKeys(session)
        let today = self.clock.today()
        try await self.database.write { tx in
            guard let staff = try tx.one(Staff.self, "SELECT \(Staff.columns) FROM staff WHERE id = \(id)"),
                staff.state == .active,
                let encoded = try tx.one(BoxRow.self, "SELECT box FROM staff WHERE id = \(id)")?.box
            else { throw DomainError.notFound }
            let wanted = Staff.units(for: staff.roles)
            let box = try PublicBox(encoded: encoded)
            let granted = keys.filter { wanted.contains($0.0) }
            if granted.isEmpty { throw DomainError.conflict("identity.no-key-to-give") }
            for (unit, version, unitKey) in granted { try Self.grant(unit, version, unitKey, to: id, box, tx) }
            try self.audit.record(
                tx,
                actor: "\(session.principal.id)",
                action: "identity.keys-granted",
                subject: "\(id)",
                detail: ["units": granted.map(\.0.rawValue).joined(separator: " ")],
                day: today
            )
        }
    }

    /// Ends an account: its sessions and its keys go at once.
    package func disable(_ id: Identifier<Principal>, by session: StaffSession) async throws {
        try session.principal.require(.manageStaff)
        if id == session.principal.id { throw DomainError.conflict("identity.not-oneself") }
        let today = self.clock.today()
        try await self.database.write { tx in
            guard try tx.execute("UPDATE staff SET state = 'disabled' WHERE id = \(id) AND state <> 'disabled'") == 1
            else {
                throw DomainError.notFound
            }
            try tx.execute("DELETE FROM staff_session WHERE staff_id = \(id)")
            try tx.execute("DELETE FROM staff_unit_key WHERE staff_id = \(id)")
            try tx.execute("DELETE FROM invitation WHERE staff_id = \(id)")
            try self.audit.record(
                tx,
                actor: "\(session.principal.id)",
                action: "identity.disabled",
                subject: "\(id)",
                day: today
            )
        }
    }
}

extension Identity {
    private struct NameRow: Decodable {
        let id: Identifier<Principal>
        let name: String
    }

    /// Names of colleagues, for pages that know their ids.
    package func names(of people: Set<Identifier<Principal>>) async throws -> [Identifier<Principal>: String] {
        guard !people.isEmpty else { return [:] }
        let rows = try await self.database.read { tx in
            try tx.all(NameRow.self, "SELECT id, name FROM staff WHERE id IN \(list: Array(people))")
        }
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.name) })
    }
}

extension StaffSession {
    /// What ties a form to this session.
    package var subject: String { self.tokenHash }
}
