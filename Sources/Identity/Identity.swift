import Foundation
import Kernel
import Storage
import Vault

/// Staff: invitation, password, second factor, sessions, roles, and who holds which key.
package struct Identity: Sendable {
    let database: Database
    let audit: AuditLog
    let derivation: KeyDerivation
    /// Seals what the server itself must read: the second factors.
    let serverKey: ContentKey
    let permissions: [Role: Set<Permission>]
    let clock: Clock
    /// Made as a demonstration: the tour signs visitors in without a second factor.
    let isDemonstration: Bool

    /// A session ends after 30 minutes without a page and after 12 hours in any case.
    package static let idleLimit: TimeInterval = 30 * 60
    package static let absoluteLimit: TimeInterval = 12 * 60 * 60
    /// How long an invitation can be accepted.
    package static let invitationLifetime: TimeInterval = 72 * 60 * 60

    package init(
        database: Database,
        audit: AuditLog,
        master: MasterKey,
        derivation: KeyDerivation,
        permissions: [Role: Set<Permission>],
        clock: Clock,
        isDemonstration: Bool = false
    ) throws {
        self.database = database
        self.audit = audit
        self.derivation = derivation
        self.serverKey = master.derive("second-factors").contentKey
        self.permissions = permissions
        self.clock = clock
        self.isDemonstration = isDemonstration
    }

    func permissions(of roles: [Role]) -> Set<Permission> {
        roles.reduce(into: []) { $0.formUnion(self.permissions[$1] ?? []) }
    }

    private struct UnitKeyRow: Decodable {
        let box: Data
        let version: Int
    }

    /// The public box of a unit, once somebody holds its key: a report sealed before that could never be read.
    package static func unitBox(_ tx: ReadTransaction, _ unit: DeskUnit) throws -> (box: PublicBox, version: Int)? {
        guard
            let row = try tx.one(
                UnitKeyRow.self,
                """
                SELECT box, version FROM unit_key WHERE unit = \(unit.rawValue) AND EXISTS (
                    SELECT 1 FROM staff_unit_key JOIN staff ON staff.id = staff_unit_key.staff_id
                    WHERE staff_unit_key.unit = unit_key.unit AND staff.state = 'active'
                )
                """
            )
        else { return nil }
        return (try PublicBox(encoded: row.box), row.version)
    }
}

extension Permission {
    /// Invite, disable, give and take roles.
    package static let manageStaff = Self("identity.manage")
    /// Give unit keys to people who have a role that needs them.
    package static let grantKeys = Self("identity.grant-keys")
    /// Read and verify the audit log.
    package static let readAudit = Self("audit.read")
}

/// A member of staff as the list shows them.
package struct Staff: Decodable, Sendable {
    package enum State: String, Codable, Sendable { case invited, active, disabled }

    package let id: Identifier<Principal>
    package let email: String
    package let name: String
    @JSON package var roles: [Role]
    package let state: State

    static let columns: SQL = "id, email, name, roles, state"

    /// Units whose keys somebody with these roles needs to work.
    package static func units(for roles: [Role]) -> Set<DeskUnit> {
        var units: Set<DeskUnit> = []
        if !Set(roles).isDisjoint(with: [.intake, .analyst, .senior, .legal]) { units.insert(.desk) }
        if roles.contains(.childProtection) { units.insert(.child) }
        return units
    }
}
