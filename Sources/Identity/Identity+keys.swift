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

    /// A key-holder hands the keys that somebody's roles need to their box. Nobody does so for themselves: who has lost
    /// their own keys needs a second key-holder.
    /// - Throws: `conflict` with `identity.not-oneself`, `identity.no-key-to-give` or `identity.not-fresh`.
    package func grantKeys(to id: Identifier<Principal>, by session: StaffSession) async throws {
        try session.principal.require(.grantKeys)
        try self.requireFresh(session)
        if id == session.principal.id { try await self.refuseAlone("identity.keys-granted", id, session) }
        let keys = try await self.versionedUnitKeys(session)
        let today = self.clock.today()
        try await self.database.write { tx in
            guard let staff = try Self.staff(id, tx), staff.state == .active else { throw DomainError.notFound }
            let granted = try self.handOver(keys, to: staff, tx)
            if granted.isEmpty { throw DomainError.conflict("identity.no-key-to-give") }
            try self.record(tx, "identity.keys-granted", by: session, about: id, Self.named(granted), day: today)
        }
    }

    /// Those of the keys that the person's roles need.
    func handOver(
        _ keys: [(DeskUnit, Int, PrivateBox)],
        to staff: Staff,
        _ tx: WriteTransaction
    ) throws -> [DeskUnit] {
        guard let encoded = try tx.one(BoxRow.self, "SELECT box FROM staff WHERE id = \(staff.id)")?.box else {
            throw DomainError.notFound
        }
        let wanted = Staff.units(for: staff.roles)
        let box = try PublicBox(encoded: encoded)
        let granted = keys.filter { wanted.contains($0.0) }
        for (unit, version, unitKey) in granted { try Self.grant(unit, version, unitKey, to: staff.id, box, tx) }
        return granted.map(\.0)
    }

    static func named(_ units: [DeskUnit]) -> [String: String] {
        units.isEmpty ? [:] : ["units": units.map(\.rawValue).joined(separator: " ")]
    }

    static func staff(_ id: Identifier<Principal>, _ tx: ReadTransaction) throws -> Staff? {
        try tx.one(Staff.self, "SELECT \(Staff.columns) FROM staff WHERE id = \(id)")
    }

    /// Notes that somebody tried alone what needs two people, and refuses it.
    /// - Throws: `conflict("identity.not-oneself")`, always.
    func refuseAlone(_ action: String, _ id: Identifier<Principal>, _ session: StaffSession) async throws -> Never {
        let today = self.clock.today()
        try await self.database.write { tx in
            try self.record(tx, "identity.refused", by: session, about: id, ["action": action], day: today)
        }
        throw DomainError.conflict("identity.not-oneself")
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
