import Kernel
import Storage

extension Identity {
    /// Somebody a mail can be sent to.
    package struct Reachable: Decodable, Sendable {
        package let id: Identifier<Principal>
        package let email: String
    }

    /// Those who can open a unit's reports now: with an account that is in use and the key.
    package static func reachable(_ tx: ReadTransaction, _ unit: DeskUnit) throws -> [Reachable] {
        try tx.all(
            Reachable.self,
            """
            SELECT staff.id, staff.email FROM staff JOIN staff_unit_key ON staff_unit_key.staff_id = staff.id
            WHERE staff_unit_key.unit = \(unit.rawValue) AND staff.state = 'active' ORDER BY staff.id
            """
        )
    }
}
