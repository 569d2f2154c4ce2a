import CConfine
import Foundation
import Glibc

/// What a child process that reads bytes of strangers takes from itself, for ever, before it reads any.
package enum Confinement {
    /// A system call that the confinement rests on was refused.
    package struct Refused: Error {}

    /// - Parameters:
    ///   - memory: bytes of address space, what is mapped already included.
    ///   - seconds: of the processor.
    package static func enter(memory: UInt, seconds: UInt) throws {
        let results = [
            cc_settle(), cc_limit_memory(memory), cc_limit_processor(seconds), cc_limit_writing(), cc_limit_core(),
        ]
        guard results.allSatisfy({ $0 == 0 }) else { throw Refused() }
        // Where the system does not allow it (containers, the hardened unit), `closeDoors` alone keeps it off the network.
        _ = cc_leave_network()
    }

    /// From here on nothing can be opened: no file, no socket, no pipe. What is open stays open.
    package static func closeDoors() throws {
        guard cc_limit_opening() == 0 else { throw Refused() }
    }

    /// Starts a program that has one socket as its input and output and nothing else of ours.
    static func start(_ program: String, _ arguments: [String], talkingTo socket: Int32) -> pid_t? {
        var arguments = ([program] + arguments).map { strdup($0) } + [nil]
        // Nothing but the place of Swift's own libraries, without which it would not start.
        let libraries = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"].map { "LD_LIBRARY_PATH=\($0)" }
        var environment = (libraries.map { [strdup($0)] } ?? []) + [nil]
        defer { for text in arguments + environment { free(text) } }
        var child: pid_t = 0
        return cc_spawn(program, &arguments, &environment, socket, &child) == 0 ? child : nil
    }
}
