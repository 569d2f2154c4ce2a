import Foundation

/// Asks a confined child process what a file is. One file, one process.
package struct FileTypeDetector: Sendable {
    /// What the child may take. Its own code and libmagic's database are mapped before the first byte is read, and a file
    /// of 64 KiB needs little more.
    package struct Limits: Sendable {
        package var memory: UInt = 256 << 20
        package var processorSeconds: UInt = 2
        package var seconds: Double = 5

        package init() {}
    }

    private let child: ChildProcess

    /// - Parameter program: `cyberconfiance`; this process itself unless a test says otherwise.
    package init(program: String = "/proc/self/exe", limits: Limits = Limits()) {
        self.child = ChildProcess(
            program,
            ["child", "detect-type", "--memory", String(limits.memory), "--seconds", String(limits.processorSeconds)],
            seconds: limits.seconds
        )
    }

    /// - Parameter head: the first bytes of the file, 64 KiB of them if it has so many.
    /// - Returns: such as `image/jpeg`; `nil` where the child crashed, hung or was stopped by a limit.
    package func type(of head: Data) async -> String? {
        guard let answer = await self.child.run(head.prefix(FileTypeProbe.wanted)), answer.last == UInt8(ascii: "\n"),
            let type = String(validating: answer.dropLast(), as: UTF8.self)
        else { return nil }
        let isName = !type.isEmpty && type.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isName ? type : nil
    }

    /// What the child does: confines itself, reads its input to the end, answers on one line.
    package static func serve(memory: UInt, seconds: UInt) throws {
        try Confinement.enter(memory: memory, seconds: seconds)
        let probe = try FileTypeProbe()
        try Confinement.closeDoors()
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < FileTypeProbe.wanted {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer.prefix(count)
        }
        guard let type = probe.type(of: bytes) else { throw FileTypeProbe.Unavailable() }
        let line = Array("\(type)\n".utf8)
        guard write(STDOUT_FILENO, line, line.count) == line.count else { throw FileTypeProbe.Unavailable() }
    }
}
