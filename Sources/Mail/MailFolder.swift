import Foundation
import Kernel

/// Where mails of a demonstration go: a folder, one file each, to be looked at. Nothing leaves the machine.
package struct MailFolder: Mailer {
    private let folder: URL
    private let from: EmailAddress
    private let clock: Clock

    package init(_ folder: URL, from: EmailAddress, clock: Clock = .system) {
        self.folder = folder
        self.from = from
        self.clock = clock
    }

    /// A second try writes the same file again.
    package func send(_ message: Message) async throws {
        do {
            try FileManager.default.createDirectory(
                at: self.folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            let file = self.folder.appending(path: "\(message.id.uuidString.lowercased()).eml")
            try message.bytes(from: self.from, date: self.clock.now()).write(to: file, options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        } catch {
            throw MailDelayed(code: 0, reason: "\(self.folder.path) cannot be written")
        }
    }
}
