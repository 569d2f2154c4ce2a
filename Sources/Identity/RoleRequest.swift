import Foundation
import Kernel
import Storage

/// Roles that one person asked for on behalf of another, until a third decides.
package struct RoleRequest: Decodable, Sendable {
    package enum Decision: String, Storable, Codable, Sendable { case approved, refused, withdrawn }

    package let id: Identifier<RoleRequest>
    package let staffId: Identifier<Principal>
    /// What the person would have on top of the roles they have.
    @JSON package var roles: [Role]
    package let requestedBy: Identifier<Principal>
    package let requestedAt: Date

    static let columns: SQL = "id, staff_id, roles, requested_by, requested_at"

    /// Whether this person may approve or refuse it: a third one.
    package func mayBeDecided(by id: Identifier<Principal>) -> Bool { id != self.requestedBy && id != self.staffId }
}
