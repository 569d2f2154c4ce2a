import ArgumentParser
import Storage

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring the database's schema up to date.")

    func run() async throws {
        let config = try AppConfig.fromProcess()
        let lock = try DataFolderLock(config.dataFolder)
        defer { withExtendedLifetime(lock) {} }
        let database = try await Startup.open(config)
        let applied = try await database.migrate(Schemas.all)
        print(applied.isEmpty ? "Nothing to do." : applied.map { "applied \($0)" }.joined(separator: "\n"))
        try await database.close()
    }
}
