import Foundation
import Kernel
import Vault

/// A signed-in member of staff, for the length of one request.
package struct StaffSession: Sendable {
    package let principal: Principal
    package let roles: [Role]
    /// A second factor was shown within the last ten minutes: needed for what changes who may do what.
    package let isFresh: Bool
    package let startedAt: Date
    let tokenHash: String
    let box: PrivateBox

    /// What ties a form to this session.
    package var subject: String { self.tokenHash }
}

/// One of a person's sessions, as they see them. Holds nothing about where it comes from, because nothing is kept.
package struct OpenSession: Sendable, Identifiable {
    /// 16 hexadecimal digits; opens nothing.
    package let id: String
    package let startedAt: Date
    /// To the minute.
    package let seenAt: Date
    /// The one that asks.
    package let isThis: Bool
}

extension Identity {
    /// How long a second factor counts as just shown.
    package static let freshness: TimeInterval = 10 * 60

    /// - Throws: `conflict("identity.not-fresh")` when the second factor was shown more than ten minutes ago.
    func requireFresh(_ session: StaffSession) throws(DomainError) {
        guard session.isFresh else { throw .conflict("identity.not-fresh") }
    }
}
