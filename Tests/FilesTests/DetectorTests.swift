import Documents
import Foundation
import Testing

/// The program itself lies beside the tests: what is tested is the child that really runs.
enum Program {
    static let path: String = {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = folder.appending(path: "cyberconfiance").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
        return root.appending(path: ".build/release/cyberconfiance").path
    }()
}

@Suite struct DetectorTests {
    private let detector = FileTypeDetector(program: Program.path)

    private static let head: [(String, [UInt8])] = [
        ("image/jpeg", [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
        ("image/gif", Array("GIF89a\u{1}\u{0}\u{1}\u{0}".utf8)),
        ("application/pdf", Array("%PDF-1.7\n".utf8)),
        (
            "audio/ogg",
            Array("OggS".utf8) + [0, 2] + [UInt8](repeating: 0, count: 20) + [1, 19] + Array("OpusHead".utf8)
        ),
        ("video/mp4", [0, 0, 0, 24] + Array("ftypisom\u{0}\u{0}\u{0}\u{0}isommp42".utf8)),
        ("message/rfc822", Array("Received: from x\r\nFrom: a@b.example\r\nSubject: x\r\n\r\nhi\r\n".utf8)),
        ("text/plain", Array("[12/11/2026, 14:03] Ali: salut, مرحبا ⴰⵣⵓⵍ\n".utf8)),
        ("text/html", Array("<!DOCTYPE html><html><script>".utf8)),
        ("image/svg+xml", Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8)),
        ("application/x-dosexec", Array("MZ".utf8) + [UInt8](repeating: 0, count: 100)),
    ]

    @Test func `a confined child tells files by their bytes`() async {
        for (type, bytes) in Self.head { #expect(await self.detector.type(of: Data(bytes)) == type) }
        let text = Data(repeating: 0x61, count: 3 << 20)
        #expect(await self.detector.type(of: text) == "text/plain")
    }

    @Test func `a child that a limit stops gives no answer`() async {
        var limits = FileTypeDetector.Limits()
        limits.memory = 1 << 20
        let starved = FileTypeDetector(program: Program.path, limits: limits)
        #expect(await starved.type(of: Data("hello".utf8)) == nil)
        limits = FileTypeDetector.Limits()
        limits.seconds = 0
        let late = FileTypeDetector(program: Program.path, limits: limits)
        #expect(await late.type(of: Data("hello".utf8)) == nil)
    }

    @Test(arguments: [
        ["-c", "kill -SEGV $$"], ["-c", "cat >/dev/null; echo text/plain; exit 1"], ["-c", "exec sleep 60"],
        ["-c", "exec 0<&- 1>&-; exec sleep 60"], ["-c", "exec yes"], ["-c", "exit 0 <&-; true"],
    ])
    func `a child that crashes, fails, hangs or babbles gives no answer`(_ arguments: [String]) async {
        let child = ChildProcess("/bin/sh", arguments, seconds: 0.5)
        let answer = await child.run(Data(count: 65_536))
        #expect(answer == nil || answer?.isEmpty == true)
    }

    @Test func `a child has no environment of ours and nothing open`() async throws {
        let child = ChildProcess("/bin/sh", ["-c", "cat >/dev/null; env; ls /proc/self/fd | wc -l"], seconds: 5)
        let answer = String(decoding: try #require(await child.run(Data("x".utf8))), as: UTF8.self)
        let names = answer.split(separator: "\n").compactMap { $0.split(separator: "=").first }
        #expect(!names.contains("HOME") && !names.contains("PATH"), "\(answer)")
        // Input, output, errors, and the folder that is being listed.
        #expect(answer.hasSuffix("4\n"), "\(answer)")
    }
}
