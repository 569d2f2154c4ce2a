import Foundation
import Kernel
import Storage
import Vault

/// A file of a report. Its bytes lie sealed in the blob store; what it is called and what it is, only who holds the
/// report's key can tell.
package struct Attachment: Sendable {
    package typealias ID = Identifier<Attachment>

    package let id: ID
    package let name: String
    package let type: FileType
    /// Bytes of the original.
    package let size: Int
    /// Of the original, as it came: the first link of the chain of evidence.
    package let sha256: String
    package let at: Date

    /// A name to save it under: the sender's, with an ending that fits what the file is, so that nothing saved from
    /// here is started by a double click.
    package var saveName: String {
        let ending = self.name.split(separator: ".").dropFirst().last?.lowercased() ?? ""
        return self.type.endings.contains(ending) ? self.name : "\(self.name).\(self.type.endings[0])"
    }

    static let columns: SQL = "id, blob_id, wrap, sealed"
}

/// A file that has arrived and is on disk, but belongs to no report yet.
struct ReceivedFile: Sendable {
    /// Random. Names the blob and is part of what it is sealed with.
    let blob: String
    let key: ContentKey
    let name: String
    let type: FileType
    let size: Int
    let sha256: String

    static func context(_ blob: String) -> SealContext { SealContext("attachment", blob) }
}

/// What a row of `attachment` holds, sealed to a report's box.
struct SealedFile: Sendable {
    private struct Metadata: Codable {
        let name: String
        let type: FileType
        let size: Int
        let sha256: String
        let at: Date
    }

    struct Row: Decodable {
        let id: Attachment.ID
        let blobId: String
        let wrap: Data
        let sealed: Data
    }

    let id: Attachment.ID
    let blob: String
    /// The same file sent by the same form is the same.
    let once: String
    let wrap: Data
    let sealed: Data
    /// As exact as the size of the blob on the disk tells it anyway.
    let size: Int

    init(_ file: ReceivedFile, once: String, at: Date, report: Report.ID, box: PublicBox) throws {
        let id = Attachment.ID.random()
        let metadata = Metadata(name: file.name, type: file.type, size: file.size, sha256: file.sha256, at: at)
        self.id = id
        self.blob = file.blob
        self.once = once
        self.wrap = try box.wrap(file.key, Self.context("attachment-key", report, id, file.blob))
        self.sealed = try file.key.sealJSON(metadata, Self.context("attachment-metadata", report, id, file.blob))
        self.size = BlobCipher.paddedCount(file.size)
    }

    static func open(_ row: Row, report: Report.ID, key: ReportKey) throws -> (file: Attachment, key: ContentKey) {
        let fileKey = try key.box.unwrapKey(row.wrap, Self.context("attachment-key", report, row.id, row.blobId))
        let metadata = try fileKey.openJSON(
            Metadata.self,
            row.sealed,
            Self.context("attachment-metadata", report, row.id, row.blobId)
        )
        let file = Attachment(
            id: row.id,
            name: metadata.name,
            type: metadata.type,
            size: metadata.size,
            sha256: metadata.sha256,
            at: metadata.at
        )
        return (file, fileKey)
    }

    /// Binds row, report and blob: whoever can write to the database cannot put one in another's place.
    private static func context(
        _ kind: String,
        _ report: Report.ID,
        _ id: Attachment.ID,
        _ blob: String
    ) -> SealContext {
        SealContext(kind, report.description, id.description, blob)
    }
}

/// A file that may be read, piece by piece.
package struct OpenedFile: Sendable {
    package let file: Attachment
    let reader: BlobReader
    let key: ContentKey
    let context: SealContext

    /// Every piece is genuine; that none is missing is known only when this returns.
    package func read(_ body: (Data) async throws -> Void) async throws {
        var opener = BlobOpener(key: self.key, context: self.context)
        for try await chunk in self.reader {
            let content = try opener.update(chunk)
            if !content.isEmpty { try await body(content) }
        }
        let last = try opener.finish()
        guard opener.plaintextSHA256 == self.file.sha256 else { throw VaultError.malformed }
        if !last.isEmpty { try await body(last) }
    }
}
