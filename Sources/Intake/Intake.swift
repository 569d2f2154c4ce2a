import Foundation
import Indicators
import Kernel
import Storage
import Vault

/// Reports as told: received, kept so that only the reporter and the desk can read them, added to, followed up.
package struct Intake: Sendable {
    /// The public box of a unit and its key version; `nil` while no key-holder exists.
    package typealias UnitBox = @Sendable (ReadTransaction, DeskUnit) throws -> (box: PublicBox, version: Int)?
    /// Whether the child-protection channel may take reports.
    package typealias ChildChannelOpen = @Sendable (ReadTransaction) throws -> Bool
    /// Told of every report in the transaction that keeps it.
    package typealias OnReceived = @Sendable (WriteTransaction, Report, _ imminentDanger: Bool) throws -> Void
    /// Told of everything a reporter adds, in the transaction that keeps it.
    package typealias OnAdded = @Sendable (WriteTransaction, Report.ID, ReporterAct) throws -> Void

    /// The version of the blind index's key that new rows are made with, from 1; raised by a rotation.
    package typealias IndexVersion = @Sendable (ReadTransaction) throws -> Int

    /// Told before a reporter reads what is there.
    package typealias OnSeen = @Sendable (Report.ID) async throws -> Void

    package enum ReporterAct: Sendable, Equatable { case wrote, addedItems, addedFiles, revealedIdentity, withdrew }

    package let questionnaires: Questionnaires
    package let normaliser: Normaliser
    let database: Database
    let keys: IntakeKeys
    let clock: Clock
    let files: Files?
    let unitBox: UnitBox
    let childChannelOpen: ChildChannelOpen
    let onReceived: OnReceived
    let onAdded: OnAdded
    let onSeen: OnSeen
    let indexVersion: IndexVersion

    package init(
        database: Database,
        keys: IntakeKeys,
        questionnaires: Questionnaires,
        normaliser: Normaliser,
        clock: Clock,
        files: Files? = nil,
        unitBox: @escaping UnitBox,
        childChannelOpen: @escaping ChildChannelOpen = { _ in false },
        onReceived: @escaping OnReceived,
        onAdded: @escaping OnAdded,
        onSeen: @escaping OnSeen = { _ in },
        indexVersion: @escaping IndexVersion = { _ in 1 }
    ) {
        self.database = database
        self.keys = keys
        self.questionnaires = questionnaires
        self.normaliser = normaliser
        self.clock = clock
        self.files = files
        self.unitBox = unitBox
        self.childChannelOpen = childChannelOpen
        self.onReceived = onReceived
        self.onAdded = onAdded
        self.onSeen = onSeen
        self.indexVersion = indexVersion
    }

    package var verifyingKey: VerifyingKey { self.keys.verifying }

    /// Whether reports of this unit can be taken at all: without a key-holder nobody could ever read them.
    package func isOpen(_ unit: DeskUnit) async throws -> Bool {
        try await self.database.read { tx in
            guard try self.unitBox(tx, unit) != nil else { return false }
            return try unit == .desk || self.childChannelOpen(tx)
        }
    }

    /// Destroys what a report says and names: answers, addresses, their index. The state and the receipt stay, so that
    /// its reporter still learns the outcome.
    package func eraseContent(of report: Report.ID, _ tx: WriteTransaction) throws {
        try tx.execute("DELETE FROM indicator_index WHERE report_id = \(report)")
        try tx.execute("DELETE FROM report_item WHERE report_id = \(report)")
        // With their keys the files are lost; the daily job collects what lies on the disk.
        try tx.execute("DELETE FROM attachment WHERE report_id = \(report)")
        // Whatever the reporter wrote, at first and later; the answers are always the first entry.
        try tx.execute("DELETE FROM report_entry WHERE report_id = \(report) AND author = 'reporter'")
    }

    /// Keeps the forms as they are asked today; called at start-up.
    package func archiveQuestionnaires() async throws {
        let versions = self.questionnaires.all
        try await self.database.write { tx in
            for version in versions {
                try tx.execute(
                    """
                    INSERT INTO questionnaire_version (hash, kind, source)
                    VALUES (\(version.hash), \(version.questionnaire.id), \(version.source))
                    ON CONFLICT (hash) DO NOTHING
                    """
                )
            }
        }
    }
}

extension Questionnaires.Version {
    /// Names the exact form a report was asked with.
    package var hash: String { Digest.sha256Hex(Data(self.source.utf8)) }
}
