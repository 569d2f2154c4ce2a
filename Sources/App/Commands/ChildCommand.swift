import ArgumentParser
import Documents

/// What this program does for itself in processes of their own, where hostile bytes can harm nothing. Not for people.
struct ChildCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "child",
        abstract: "Used by the server itself.",
        shouldDisplay: false,
        subcommands: [DetectType.self]
    )

    struct DetectType: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "detect-type",
            abstract: "Say what kind of file the bytes on standard input begin.",
            shouldDisplay: false
        )

        @Option(help: "Bytes of memory.")
        var memory: UInt = 256 << 20

        @Option(help: "Seconds of processor time.")
        var seconds: UInt = 2

        func run() throws {
            do { try FileTypeDetector.serve(memory: self.memory, seconds: self.seconds) } catch {
                throw ExitCode.failure
            }
        }
    }
}
