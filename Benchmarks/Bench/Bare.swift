import ArgumentParser
import Hummingbird
import Logging

/// The baseline: the same server library, one route, no middleware, two words.
struct Bare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Serve “Hello, world” until stopped.")

    @Option var port = 8090

    func run() async throws {
        let router = Router()
        router.get("/") { _, _ in "Hello, world" }
        var logger = Logger(label: "bare")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: .init(address: .hostname("127.0.0.1", port: self.port)),
            logger: logger
        )
        try await application.runService()
    }
}
