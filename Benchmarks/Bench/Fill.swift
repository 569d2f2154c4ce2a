import ArgumentParser
import Storage
import StoragePostgres

/// Many cases in a server's database, while the server is stopped.
struct Fill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Bring a server's database up to so many cases.")

    @Option(help: "The server's SQLite file, or its PostgreSQL address.") var database: String
    @Option(help: "How many cases there are in the end.") var cases: Int

    func run() async throws {
        let database =
            self.database.hasPrefix("/")
            ? try await Database.open(.sqlite(self.database)) : try await Database.postgres(self.database)
        try await Filling.cases(self.cases, database)
        try await database.checkpoint()
        try await database.close()
    }
}
