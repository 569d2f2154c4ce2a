import Foundation
import Kernel
import Storage
import Vault

/// The links that a real installation's first start prints.
package struct FirstLinks: Sendable {
    package let administrator: SecretToken
    package let keyHolder: SecretToken
}

extension Identity {
    /// The key pairs of all units, made once. Their private halves leave this function only sealed under the first
    /// key-holder's one-time link.
    /// - Returns: `nil` when the installation has been started before.
    package func firstStart(administrator: EmailAddress, keyHolder: EmailAddress) async throws -> FirstLinks? {
        let now = self.clock.now()
        let pairs = DeskUnit.allCases.map { ($0, PrivateBox.generate(.xwing)) }
        let links = FirstLinks(administrator: .random(), keyHolder: .random())
        let carried = try self.carry(pairs.map { ($0, 1, $1) }, under: links.keyHolder)
        return try await self.database.write { tx in
            guard try tx.value(Int.self, "SELECT count(*) FROM unit_key") == 0 else { return nil }
            for (unit, pair) in pairs {
                try tx.execute(
                    "INSERT INTO unit_key \(values: ["unit": unit.rawValue, "version": 1, "box": pair.publicBox.encoded])"
                )
            }
            try self.insertInvited(
                administrator,
                name: "Administrator",
                [.administrator],
                links.administrator,
                nil,
                now,
                tx
            )
            try self.insertInvited(
                keyHolder,
                name: "Key-holder",
                [.senior, .childProtection],
                links.keyHolder,
                carried,
                now,
                tx
            )
            try self.audit.record(
                tx,
                actor: "system",
                action: "identity.first-start",
                subject: "installation",
                day: Day(now)
            )
            return links
        }
    }
}
