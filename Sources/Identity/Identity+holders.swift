import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    private struct HolderRow: Decodable {
        let staffId: Identifier<Principal>
        let unit: DeskUnit
    }

    private struct CarriedRow: Decodable { let unitKeys: Data? }

    /// Refuses what would leave nobody to administer, or nobody who can hand out a unit's key: what was sealed to the
    /// unit could never be read by anybody new.
    /// - Parameter losing: roles that the person is about to lose; all of them when the account ends.
    /// - Throws: `conflict` with `identity.last-administrator` or `identity.last-key-holder`.
    func requireOthers(than staff: Staff, losing: Set<Role>, _ tx: ReadTransaction) throws {
        let others = try tx.all(
            Staff.self,
            "SELECT \(Staff.columns) FROM staff WHERE state = 'active' AND id <> \(staff.id)"
        )
        if staff.state == .active, losing.contains(.administrator), staff.roles.contains(.administrator),
            !others.contains(where: { $0.roles.contains(.administrator) })
        {
            throw DomainError.conflict("identity.last-administrator")
        }
        let rows = try tx.all(HolderRow.self, "SELECT staff_id, unit FROM staff_unit_key")
        let granters = Set(others.filter { $0.roles.contains(.senior) }.map(\.id))
        let safe = Set(rows.filter { granters.contains($0.staffId) }.map(\.unit))
        var lost = try self.carriedUnits(for: staff, tx)
        if staff.roles.contains(.senior) {
            let held = Set(rows.filter { $0.staffId == staff.id }.map(\.unit))
            let kept = Staff.units(for: staff.roles.filter { !losing.contains($0) })
            lost.formUnion(losing.contains(.senior) ? held : held.subtracting(kept))
        }
        guard lost.isSubset(of: safe) else { throw DomainError.conflict("identity.last-key-holder") }
    }

    /// Units whose keys lie in an invitation that was not accepted yet.
    private func carriedUnits(for staff: Staff, _ tx: ReadTransaction) throws -> Set<DeskUnit> {
        let rows = try tx.all(CarriedRow.self, "SELECT unit_keys FROM invitation WHERE staff_id = \(staff.id)")
        return Set(try rows.compactMap(\.unitKeys).flatMap { try Self.carriedUnits($0) })
    }

    /// Takes the keys away that none of the person's roles needs any more.
    static func dropKeys(
        of id: Identifier<Principal>,
        keeping roles: [Role],
        _ tx: WriteTransaction
    ) throws -> [DeskUnit] {
        let kept = Staff.units(for: roles)
        let dropped = try tx.all(HolderRow.self, "SELECT staff_id, unit FROM staff_unit_key WHERE staff_id = \(id)")
            .map(\.unit).filter { !kept.contains($0) }
        for unit in dropped {
            try tx.execute("DELETE FROM staff_unit_key WHERE staff_id = \(id) AND unit = \(unit.rawValue)")
        }
        return dropped
    }
}
