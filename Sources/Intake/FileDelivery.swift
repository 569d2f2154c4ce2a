import Foundation
import Kernel
import Storage
import Vault

/// Files of one form on their way in: sealed as they arrive, told by their first bytes, on disk before any row names them.
/// Refusals are remembered, so that the person sees all of them at once; then nothing of the delivery is kept.
package actor FileDelivery {
    /// Never copied: two copies of a sealer would seal different bytes with the same nonces.
    private final class Incoming {
        let name: String
        let number: Int
        /// Until it is known what the file is, nothing of it is written.
        var head = Data()
        var size = 0
        var isRefused = false
        var type: FileType?
        var sealer: BlobSealer?
        var writer: BlobWriter?
        let key = ContentKey.random()
        let blob = Identifier<ReceivedFile>.random().description

        init(name: String, number: Int) { (self.name, self.number) = (name, number) }
    }

    /// Bytes at the beginning of a file that tell what it is.
    private static let headBytes = 65_536

    private let files: Intake.Files?
    private let room: Int
    private var current: Incoming?
    private var count = 0
    private var received: [ReceivedFile] = []
    /// All for the field `files`.
    package private(set) var problems = InputErrors()

    /// - Parameters:
    ///   - files: `nil` where none is taken.
    ///   - room: how many files the report can still have.
    init(_ files: Intake.Files?, room: Int) { (self.files, self.room) = (files, room) }

    package func begin(_ name: String) {
        self.count += 1
        self.current = Incoming(name: FileName.cleaned(name), number: self.count)
        if self.files == nil {
            self.refuse("error.file.not-here")
        } else if self.count > self.room {
            self.refuse("error.file.too-many", limit: self.room)
        }
    }

    package func append(_ data: Data) async throws {
        guard let files = self.files, let incoming = self.current, !incoming.isRefused else { return }
        incoming.size += data.count
        guard incoming.size <= files.limits.bytes else {
            let writer = incoming.writer
            self.refuse("error.file.too-big", limit: files.limits.bytes >> 20)
            await writer?.discard()
            return
        }
        guard let writer = incoming.writer else {
            incoming.head += data
            if incoming.head.count >= Self.headBytes { try await self.open(incoming, files) }
            return
        }
        if let sealed = incoming.sealer?.update(data), !sealed.isEmpty { try await writer.append(sealed) }
    }

    package func end() async throws {
        guard let files = self.files, let incoming = self.current, !incoming.isRefused else { return }
        if incoming.writer == nil { try await self.open(incoming, files) }
        guard let writer = incoming.writer, let type = incoming.type, let last = incoming.sealer?.finish() else {
            return
        }
        try await writer.append(last)
        try await writer.commit()
        guard let sealer = incoming.sealer else { return }
        self.received.append(
            ReceivedFile(
                blob: incoming.blob,
                key: incoming.key,
                name: incoming.name,
                type: type,
                size: sealer.plaintextCount,
                sha256: sealer.plaintextSHA256
            )
        )
        self.current = nil
    }

    /// Decides what the file is and begins to write it.
    private func open(_ incoming: Incoming, _ files: Intake.Files) async throws {
        let head = incoming.head
        var type = FileType(tiny: head)
        if type == nil {
            guard let detected = await files.detect(head.prefix(Self.headBytes)) else {
                return self.refuse("error.file.unreadable", limit: incoming.number)
            }
            type = FileType(detected: detected)
        }
        guard let type else { return self.refuse("error.file.type", limit: incoming.number) }
        var sealer = BlobSealer(key: incoming.key, context: ReceivedFile.context(incoming.blob))
        let writer = try await files.store.create(incoming.blob)
        let sealed = sealer.start() + sealer.update(head)
        incoming.head = Data()
        incoming.type = type
        incoming.sealer = sealer
        incoming.writer = writer
        try await writer.append(sealed)
    }

    private func refuse(_ key: String, limit: Int? = nil) {
        self.current?.isRefused = true
        self.current?.head = Data()
        self.current?.sealer = nil
        self.current?.writer = nil
        let isKnown = self.problems.items.contains { $0.messageKey == key && $0.limit == limit }
        if !isKnown { self.problems.add(key, for: "files", limit: limit) }
    }

    /// What has arrived.
    /// - Throws: everything that was refused, if anything was.
    func finish() throws(InputErrors) -> [ReceivedFile] {
        if !self.problems.isEmpty { throw self.problems }
        return self.received
    }

    /// Removes from the disk what belongs to no report. What cannot be removed now, the daily job collects.
    package func discard() async {
        await self.current?.writer?.discard()
        self.current = nil
        await self.remove(Set(self.received.map(\.blob)))
    }

    func remove(_ blobs: Set<String>) async {
        for blob in blobs { _ = try? await self.files?.store.remove(blob) }
        self.received.removeAll { blobs.contains($0.blob) }
    }
}
