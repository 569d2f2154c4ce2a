import Foundation
import Intake
import Kernel
import Storage

/// Whether the child-protection channel may take reports: only with a recorded partner agreement and a test hand-over
/// that the partner acknowledged. Two people are needed: one records the agreement, a cleared analyst the test.
package struct ChildChannel: Decodable, Sendable {
    package let partner: String
    /// The partner's address for reports, opened by hand.
    package let address: String
    package let agreement: String
    package let agreedDay: Day
    package let testReference: String?
    package let testDay: Day?

    package var isOpen: Bool { self.testReference != nil }
}

extension Permission {
    /// Record the agreement with the partner hotline, or end it.
    package static let manageChildChannel = Self("casework.child-channel")
}

extension Casework {
    private static let channelColumns: SQL = "partner, address, agreement, agreed_day, test_reference, test_day"

    /// For intake, in its own transaction.
    package static func isChildChannelOpen(_ tx: ReadTransaction) throws -> Bool {
        try Self.channel(tx)?.isOpen ?? false
    }

    private static func channel(_ tx: ReadTransaction) throws -> ChildChannel? {
        try tx.one(ChildChannel.self, "SELECT \(Self.channelColumns) FROM child_channel")
    }

    package func childChannel(for principal: Principal) async throws -> ChildChannel? {
        guard principal.may(.manageChildChannel) || principal.may(.readChildCases) else { throw DomainError.forbidden }
        return try await self.database.read { try Self.channel($0) }
    }

    /// Records the agreement. The channel stays closed until the test hand-over is acknowledged.
    package func recordAgreement(
        partner: String?,
        address: String?,
        agreement: String?,
        day: String?,
        by principal: Principal
    ) async throws {
        try principal.require(.manageChildChannel)
        var input = InputReader()
        let partner = input.text("partner", partner, length: 2...120)
        let address = input.text("address", address, length: 8...300)
        if let address, !address.hasPrefix("https://") { input.refuse("address", "error.item.url") }
        let agreement = input.text("agreement", agreement, length: 2...120)
        let today = self.clock.today()
        let agreed = input.optional("day", day, message: "error.date") { Day(rawValue: $0) }.flatMap(\.self)
        if agreed == nil, input.errors["day"] == nil { input.refuse("day", "error.required") }
        if let agreed, agreed > today { input.refuse("day", "error.date-future") }
        try input.finish()
        guard let partner, let address, let agreement, let agreed else { return }
        try await self.database.write { tx in
            try tx.execute("DELETE FROM child_channel")
            try tx.execute(
                """
                INSERT INTO child_channel \(values: [
                    "one": 1, "partner": partner, "address": address, "agreement": agreement, "agreed_day": agreed,
                ])
                """
            )
            try self.audit.record(
                tx,
                actor: "\(principal.id)",
                action: "casework.child-channel.agreed",
                subject: "child-channel",
                detail: ["agreement": agreement],
                day: today
            )
        }
    }

    /// A cleared analyst sent a test to the partner and got its acknowledgement: the channel opens.
    package func recordTest(reference: String?, by principal: Principal) async throws {
        try principal.require(.readChildCases)
        var input = InputReader()
        let reference = input.text("reference", reference, length: 2...120)
        try input.finish()
        let today = self.clock.today()
        try await self.database.write { tx in
            guard try tx.execute("UPDATE child_channel SET test_reference = \(reference), test_day = \(today)") == 1
            else {
                throw DomainError.conflict("casework.no-agreement")
            }
            try self.audit.record(
                tx,
                actor: "\(principal.id)",
                action: "casework.child-channel.opened",
                subject: "child-channel",
                detail: ["reference": reference ?? ""],
                day: today
            )
        }
    }

    /// Ends the agreement: the form closes at once; what was received stays until it is handed over.
    package func closeChildChannel(by principal: Principal) async throws {
        try principal.require(.manageChildChannel)
        let today = self.clock.today()
        try await self.database.write { tx in
            guard try tx.execute("DELETE FROM child_channel") == 1 else { throw DomainError.notFound }
            try self.audit.record(
                tx,
                actor: "\(principal.id)",
                action: "casework.child-channel.closed",
                subject: "child-channel",
                day: today
            )
        }
    }
}
