import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Where the files of a form go while they arrive. Refuses a file by remembering it, so that the form can be shown again
/// with everything that was wrong; what it throws ends the reading.
package protocol FileSink: Sendable {
    /// A file begins. `fields` are those that stood in front of it: a form's own token is among them.
    func begin(_ name: String, field: String, after fields: FormBody) async throws
    func append(_ chunk: Data) async throws
    func end() async throws
}

/// Reads a form that may bring files, whichever way the browser sent it.
package struct UploadReader: Sendable {
    package struct Form: Sendable {
        package let fields: FormBody
        /// There were files, but no place to take them. They were not kept.
        package let isBusy: Bool
    }

    package let limits: UploadLimits
    private let slots: UploadSlots

    package init(limits: UploadLimits, slots: UploadSlots) { (self.limits, self.slots) = (limits, slots) }

    /// - Throws: as `FormBody.read`; 400 for parts that are none; 413 for more text or bytes than a form can have; 408
    ///   for a sender that is too slow.
    package func read(_ request: Request, into sink: some FileSink) async throws -> Form {
        guard let type = request.headers[.contentType], type.lowercased().hasPrefix("multipart/") else {
            return Form(fields: try await FormBody.read(request), isBusy: false)
        }
        guard let boundary = MultipartHeader.boundary(of: type) else { throw HTTPError(.badRequest) }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > self.limits.bodyBytes {
            throw HTTPError(.contentTooLarge)
        }
        let pace = UploadPace(self.limits)
        let body = request.body
        do {
            return try await withThrowingTaskGroup(of: Form?.self) { group in
                group.addTask { try await self.parse(body, MultipartParser(boundary: boundary), pace, sink) }
                group.addTask {
                    try await pace.watch()
                    return nil
                }
                defer { group.cancelAll() }
                guard let form = try await group.next() ?? nil else { throw HTTPError(.badRequest) }
                return form
            }
        } catch is UploadPace.TooSlow {
            throw HTTPError(.requestTimeout)
        } catch is MultipartParser.Malformed {
            throw HTTPError(.badRequest)
        }
    }

    private func parse(
        _ body: RequestBody,
        _ parser: MultipartParser,
        _ pace: UploadPace,
        _ sink: some FileSink
    ) async throws -> Form {
        var parser = parser
        var parts = Parts(reader: self, sink: sink)
        var total = 0
        var iterator = body.makeAsyncIterator()
        pace.waits()
        while let buffer = try await iterator.next() {
            pace.got(buffer.readableBytes)
            total += buffer.readableBytes
            guard total <= self.limits.bodyBytes else { throw HTTPError(.contentTooLarge) }
            for event in try parser.feed(buffer.readableBytesView) { try await parts.take(event) }
            pace.waits()
        }
        try parser.finish()
        return Form(fields: FormBody(parts.fields), isBusy: parts.isBusy)
    }

    /// The parts so far, and the one that is arriving.
    private struct Parts<Sink: FileSink> {
        private enum Part {
            case text(String, [UInt8])
            case file(MultipartHeader, isBegun: Bool)
        }

        /// Files that a form brings beyond the limit are still read, to be refused by name.
        private static var mostParts: Int { 500 }

        let reader: UploadReader
        let sink: Sink
        private(set) var fields: [String: [String]] = [:]
        private(set) var isBusy = false
        private var part: Part?
        private var slot: UploadSlots.Slot?
        private var textBytes = 0
        private var count = 0

        init(reader: UploadReader, sink: Sink) { (self.reader, self.sink) = (reader, sink) }

        mutating func take(_ event: MultipartParser.Event) async throws {
            switch (event, self.part) {
            case (.part(let header), _):
                self.count += 1
                guard self.count <= Self.mostParts else { throw HTTPError(.badRequest) }
                self.part = header.fileName == nil ? .text(header.name, []) : .file(header, isBegun: false)
                if let name = header.fileName, !name.isEmpty { try await self.begin(header) }
            case (.content(let bytes), .text(let name, let known)):
                self.textBytes += bytes.count
                guard self.textBytes <= self.reader.limits.textBytes else { throw HTTPError(.contentTooLarge) }
                self.part = .text(name, known + bytes)
            case (.content(let bytes), .file(let header, let isBegun)):
                // A file without a name is one; a field where no file was chosen has no content either.
                if !isBegun { try await self.begin(header) }
                if !self.isBusy { try await self.sink.append(Data(bytes)) }
            case (.endOfPart, .text(let name, let bytes)):
                guard let text = String(validating: bytes, as: UTF8.self) else { throw HTTPError(.badRequest) }
                self.fields[name, default: []].append(text)
                self.part = nil
            case (.endOfPart, .file(_, let isBegun)):
                if isBegun, !self.isBusy { try await self.sink.end() }
                self.part = nil
            case (_, nil): throw MultipartParser.Malformed()
            }
        }

        private mutating func begin(_ header: MultipartHeader) async throws {
            self.part = .file(header, isBegun: true)
            if self.slot == nil, !self.isBusy {
                self.slot = self.reader.slots.take()
                self.isBusy = self.slot == nil
            }
            guard !self.isBusy else { return }
            try await self.sink.begin(header.fileName ?? "", field: header.name, after: FormBody(self.fields))
        }
    }
}
