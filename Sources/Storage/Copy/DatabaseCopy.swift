/// An installation moves from SQLite to PostgreSQL, or back. One snapshot is read and one transaction written: the target
/// has all of it or nothing.
extension Database {
    /// Nobody may use either database meanwhile. Blobs are files and stay where they are.
    /// - `schemas`: all of the program's. Every table must be named in one.
    /// - Returns: the number of rows of each table.
    @discardableResult
    package static func copy(
        from source: Database,
        to target: Database,
        schemas: [Schema]
    ) async throws -> [String: Int] {
        try await source.verify(schemas)
        let unnamed = try await source.unnamedTables(schemas)
        if !unnamed.isEmpty { throw StorageError.schema("no schema names \(unnamed.joined(separator: ", "))") }
        let isFresh = try await !target.migrate(schemas).isEmpty
        try await target.verify(schemas)
        let copy = try await TableCopy(source, target, schemas)
        if !isFresh {
            let filled = try await target.read { try copy.filled($0) }
            if !filled.isEmpty {
                throw StorageError.misuse("the target is not empty: \(filled.joined(separator: ", "))")
            }
        }
        return try await copy.run()
    }

    /// Tables that `copy` would leave behind. A test of the whole program asks for none.
    package func unnamedTables(_ schemas: [Schema]) async throws -> [String] {
        let named = schemas.flatMap { $0.tables + $0.indexes.map(\.table) } + ["migration"]
        return try await self.read { try Catalog.tables($0).subtracting(named).sorted() }
    }
}

private struct TableCopy: Sendable {
    private enum Piece: Sendable {
        case rows(table: Int, [[SQL.Value]])
        case words(index: Int, id: String, String)
        case lastNumber(table: Int, Int)
    }

    private struct Words: Decodable { let id, words: String }

    private let source: Database
    private let target: Database
    private let tables: [Catalog.Table]
    private let indexes: [TextIndex]

    /// PostgreSQL knows more types than SQLite, so where there is one it says what a column is.
    init(_ source: Database, _ target: Database, _ schemas: [Schema]) async throws {
        (self.source, self.target) = (source, target)
        self.indexes = schemas.flatMap(\.indexes)
        let names = schemas.flatMap(\.tables)
        let here = try await source.read { tx in try names.map { try Catalog.table($0, tx) } }
        let there = try await target.read { tx in try names.map { try Catalog.table($0, tx) } }
        for (here, there) in zip(here, there) where Set(here.columns.map(\.name)) != Set(there.columns.map(\.name)) {
            throw StorageError.schema("\(here.name) has other columns in the target")
        }
        self.tables = source.dialect == .postgres ? here : there
    }

    func filled(_ tx: ReadTransaction) throws -> [String] {
        try (self.tables.map(\.name) + self.indexes.map(\.table)).filter {
            try tx.value(Int.self, "SELECT 1 FROM \(raw: $0) LIMIT 1") != nil
        }
    }

    func run() async throws -> [String: Int] {
        let pipe = Pipe<Piece>(capacity: 4)
        return try await withThrowingTaskGroup(of: [String: Int].self) { group in
            group.addTask {
                do {
                    try await self.source.read { tx in try self.send(tx, pipe) }
                    pipe.end(.success(()))
                } catch {
                    pipe.end(.failure(error))
                }
                return [:]
            }
            group.addTask {
                defer { pipe.abandon() }
                // Not `.serial`: what is read from the pipe cannot be read again.
                return try await self.target.write(.eachStatement) { tx in try self.receive(tx, pipe) }
            }
            return try await group.reduce(into: [:]) { $0.merge($1) { first, _ in first } }
        }
    }

    private func send(_ tx: ReadTransaction, _ pipe: Pipe<Piece>) throws {
        for (index, table) in self.tables.enumerated() {
            let columns = table.columns.map(\.name).joined(separator: ", ")
            var rows: [[SQL.Value]] = []
            try tx.decode("SELECT \(raw: columns) FROM \(raw: table.name)", streaming: true) { decoder in
                rows.append(try table.columns.enumerated().map { try decoder.stored($1.kind, at: $0) })
                if rows.count == TableCopy.batch(table) {
                    try pipe.put(.rows(table: index, rows))
                    rows = []
                }
            }
            if !rows.isEmpty { try pipe.put(.rows(table: index, rows)) }
            if let last = try Catalog.lastNumber(table, tx) { try pipe.put(.lastNumber(table: index, last)) }
        }
        for (number, index) in self.indexes.enumerated() {
            try tx.each(Words.self, index.all) { try pipe.put(.words(index: number, id: $0.id, $0.words)) }
        }
    }

    /// Few statements, and far below the number of values either engine takes in one.
    private static func batch(_ table: Catalog.Table) -> Int { max(1, min(200, 5000 / max(1, table.columns.count))) }

    private func receive(_ tx: WriteTransaction, _ pipe: Pipe<Piece>) throws -> [String: Int] {
        let constraints = try ForeignKeys.suspend(tx)
        // What migrations put in comes from the source as well.
        for table in try self.filled(tx) { try tx.execute("DELETE FROM \(raw: table)") }
        var counts = Dictionary(uniqueKeysWithValues: self.tables.map { ($0.name, 0) })
        while let piece = try pipe.next() {
            switch piece {
            case .rows(let table, let rows):
                try self.insert(rows, self.tables[table], tx)
                counts[self.tables[table].name]! += rows.count
            case .words(let index, let id, let words): try self.indexes[index].put(tx, id: id, words)
            case .lastNumber(let table, let number): try Catalog.setLastNumber(number, self.tables[table], tx)
            }
        }
        for (table, count) in counts.sorted(by: { $0.key < $1.key }) {
            let found = try tx.value(Int.self, "SELECT count(*) FROM \(raw: table)") ?? 0
            if found != count { throw StorageError.schema("\(table): \(count) rows were copied, \(found) arrived") }
        }
        try ForeignKeys.resume(constraints, tx)
        return counts
    }

    private func insert(_ rows: [[SQL.Value]], _ table: Catalog.Table, _ tx: WriteTransaction) throws {
        let columns = table.columns.map(\.name).joined(separator: ", ")
        let values = SQL.joined(rows.map { "(\(SQL.joined($0.map(SQL.init(value:)), ", ")))" }, ", ")
        try tx.execute(
            """
            INSERT INTO \(raw: table.name) (\(raw: columns)) \(postgres: "OVERRIDING SYSTEM VALUE") VALUES \(values)
            """
        )
    }
}
