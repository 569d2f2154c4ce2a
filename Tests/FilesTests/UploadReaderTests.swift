import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization
import Testing
import WebSupport

@Suite struct UploadReaderTests {
    private final class Recorder: FileSink {
        let files = Mutex<[(name: String, bytes: Int, fields: [String: [String]])]>([])

        func begin(_ name: String, field _: String, after fields: FormBody) {
            self.files.withLock { $0.append((name, 0, fields.fields)) }
        }

        func append(_ chunk: Data) { self.files.withLock { $0[$0.count - 1].bytes += chunk.count } }
        func end() {}
    }

    private let fast = UploadLimits(fileBytes: 1 << 20, files: 2, textBytes: 1000)

    private func request(_ body: RequestBody, type: String = "multipart/form-data; boundary=b") -> Request {
        var head = HTTPRequest(method: .post, scheme: "http", authority: "x", path: "/")
        head.headerFields[.contentType] = type
        return Request(head: head, body: body)
    }

    private func text(_ name: String, _ value: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    private func file(_ name: String, _ content: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\(name)\"\r\n\r\n\(content)\r\n"
    }

    private func read(
        _ body: String,
        _ sink: Recorder = Recorder(),
        slots: UploadSlots = UploadSlots(1)
    ) async throws -> UploadReader.Form {
        let reader = UploadReader(limits: self.fast, slots: slots)
        return try await reader.read(self.request(.init(buffer: ByteBuffer(string: body))), into: sink)
    }

    private func status(_ body: String) async -> HTTPResponse.Status? {
        do { _ = try await self.read(body) } catch { return (error as? HTTPError)?.status }
        return nil
    }

    @Test func `text is collected, files are handed over with the fields before them`() async throws {
        let sink = Recorder()
        let body =
            self.text("form", "token") + self.text("a", "1") + self.file("x", "content") + self.file("", "")
            + self.text("a", "2") + "--b--\r\n"
        let form = try await self.read(body, sink)
        #expect(form.fields.fields == ["form": ["token"], "a": ["1", "2"]])
        let files = sink.files.withLock { $0 }
        #expect(files.count == 1)
        #expect(files.first?.bytes == 7)
        #expect(files.first?.fields == ["form": ["token"], "a": ["1"]])
    }

    @Test func `a form as browsers without files send it is read as ever`() async throws {
        let reader = UploadReader(limits: self.fast, slots: UploadSlots(1))
        let request = self.request(
            .init(buffer: ByteBuffer(string: "a=1&b=%C3%A9")),
            type: "application/x-www-form-urlencoded"
        )
        #expect(try await reader.read(request, into: Recorder()).fields.fields == ["a": ["1"], "b": ["é"]])
    }

    @Test func `what is malformed is 400, too much text 413`() async {
        #expect(await self.status("nonsense") == .badRequest)
        #expect(await self.status(self.text("a", "1")) == .badRequest)
        #expect(await self.status(String(repeating: self.text("a", ""), count: 501) + "--b--") == .badRequest)
        #expect(await self.status(self.text("a", String(repeating: "x", count: 1001)) + "--b--") == .contentTooLarge)
        let halves =
            self.text("a", String(repeating: "x", count: 600)) + self.text("b", String(repeating: "x", count: 600))
        #expect(await self.status(halves + "--b--") == .contentTooLarge)
    }

    @Test func `without a free place files are passed over and the text is kept`() async throws {
        let slots = UploadSlots(1)
        let slot = try #require(slots.take())
        let sink = Recorder()
        let body = self.text("a", "1") + self.file("x", "content") + self.text("b", "2") + "--b--"
        let form = try await self.read(body, sink, slots: slots)
        #expect(form.isBusy)
        #expect(form.fields.fields == ["a": ["1"], "b": ["2"]])
        #expect(sink.files.withLock { $0.isEmpty })
        let plain = try await self.read(self.text("a", "1") + "--b--", sink, slots: slots)
        #expect(!plain.isBusy)
        withExtendedLifetime(slot) {}
    }

    @Test func `a place is free again after an upload, also one that failed`() async throws {
        let slots = UploadSlots(1)
        for _ in 0..<3 {
            _ = try? await self.read(self.file("x", "content"), slots: slots)
            #expect(try await !self.read(self.file("x", "content") + "--b--", slots: slots).isBusy)
        }
    }

    @Test func `a sender that is too slow is 408`() async throws {
        var limits = self.fast
        limits.window = .milliseconds(200)
        let (body, source) = RequestBody.makeStream()
        let reader = UploadReader(limits: limits, slots: UploadSlots(1))
        let beginning = self.text("a", "1")
        async let sent: Void = source.yield(ByteBuffer(string: beginning))
        await #expect(throws: HTTPError.self) { try await reader.read(self.request(body), into: Recorder()) }
        _ = await sent
        source.finish()
    }
}
