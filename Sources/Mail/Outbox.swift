import Foundation
import Kernel
import Storage
import Vault

/// What is to be sent, kept with the change that caused it and sealed: the table of jobs shows no address and no word.
/// Delivered at least once, with the same Message-ID each time.
package struct Outbox: Sendable {
    /// What the payload of the job holds.
    struct SendMail: Job {
        static let name = "mail.send"

        let id: UUID
        let sealed: Data
    }

    private struct Sealed: Codable {
        let message: Message
        let topic: String?
    }

    private let key: ContentKey

    package init(key: DerivedKey) { self.key = key.contentKey }

    /// The name of the jobs, for those who look at what failed.
    package static let jobName = SendMail.name

    /// Part of the caller's transaction: there is no mail without the change, and no change without its mail.
    /// - Parameters:
    ///   - topic: what it is about, for whoever decides at the last moment whether it is still wanted; sealed too.
    ///   - day: not before its beginning. An exact time in the clear could be a reporter's.
    package func enqueue(_ message: Message, topic: String? = nil, day: Day, _ tx: WriteTransaction) throws {
        let sealed = try self.key.sealJSON(Sealed(message: message, topic: topic), Self.context(message.id))
        try SendMail(id: message.id, sealed: sealed).enqueue(tx, at: day.start)
    }

    /// - Parameter isWanted: asked before every try; a mail that nobody wants any more is dropped.
    package func register(
        on worker: JobWorker,
        mailer: any Mailer,
        isWanted: @escaping @Sendable (_ topic: String) async throws -> Bool
    ) {
        worker.register(SendMail.self) { job in
            let opened = try self.key.openJSON(Sealed.self, job.sealed, Self.context(job.id))
            if let topic = opened.topic, try await !isWanted(topic) { return }
            try await mailer.send(opened.message)
        }
    }

    private static func context(_ id: UUID) -> SealContext { SealContext("mail", id.uuidString) }
}
