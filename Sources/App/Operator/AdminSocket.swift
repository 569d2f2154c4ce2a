import Foundation
import Logging
import ServiceLifecycle
import Synchronization

/// Where the running server takes the operator's commands: `DATA/admin.sock`, for the server's own user only. It is the
/// one process that may write, so that commands which write go through it.
package struct AdminSocket: Service {
    static let name = "admin.sock"

    private final class Flag: Sendable {
        private let value = Atomic(false)
        var isSet: Bool { self.value.load(ordering: .relaxed) }
        func set() { self.value.store(true, ordering: .relaxed) }
    }

    private let folder: String
    private let socket: UnixSocket
    private let actions: OperatorActions
    private let logger: Logger

    /// Listens at once. The caller holds the folder's lock.
    package init(folder: String, actions: OperatorActions, logger: Logger) throws {
        self.folder = folder
        self.socket = try UnixSocket.listen(folder: folder, name: Self.name)
        self.actions = actions
        self.logger = logger
    }

    /// Until the graceful shutdown; a command that runs is finished. One at a time.
    package func run() async throws {
        let stop = Flag()
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                while !stop.isSet {
                    guard let client = try await offThread({ try self.socket.accept(milliseconds: 250) }) else {
                        continue
                    }
                    await self.serve(client)
                }
            } onGracefulShutdown: {
                stop.set()
            }
        } onCancel: {
            stop.set()
        }
        try? FileManager.default.removeItem(atPath: "\(self.folder)/\(Self.name)")
    }

    private func serve(_ client: UnixSocket) async {
        client.limit(seconds: 10)
        let line = try? await offThread { () -> Data? in
            var rest = Data()
            return client.line(&rest)
        }
        guard let line = line ?? nil else { return }
        // Whoever asked may have gone away meanwhile; what was begun is done all the same.
        let tell: @Sendable (AdminAnswer) -> Void = { answer in
            if let line = try? JSONEncoder().encode(answer) { try? client.send(line) }
        }
        guard let command = try? JSONDecoder().decode(AdminCommand.self, from: line) else {
            return tell(
                AdminAnswer(kind: .failure, text: "the server does not know this command: is it another version?")
            )
        }
        do {
            let result = try await self.actions.perform(command) { tell(AdminAnswer(kind: .progress, text: $0)) }
            tell(AdminAnswer(kind: .result, text: result))
        } catch {
            self.logger.error("command failed", metadata: ["error": "\(String(reflecting: type(of: error)))"])
            tell(AdminAnswer(kind: .failure, text: OperatorFault.sentence(error)))
        }
    }

    /// Asks the server that has this folder.
    /// - Returns: its result.
    /// - Throws: `OperatorFault` with its failure, or when it does not answer.
    package static func ask(
        _ command: AdminCommand,
        folder: String,
        tell: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        try await offThread {
            let socket = try UnixSocket.connect(folder: folder, name: Self.name)
            try socket.send(JSONEncoder().encode(command))
            var rest = Data()
            while let line = socket.line(&rest) {
                let answer = try JSONDecoder().decode(AdminAnswer.self, from: line)
                switch answer.kind {
                case .progress: tell(answer.text)
                case .result: return answer.text
                case .failure: throw OperatorFault(answer.text)
                }
            }
            throw OperatorFault("the server ended before it was done: look at its log, then try again")
        }
    }
}
