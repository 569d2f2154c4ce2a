import CPostgres
import FoundationEssentials
import Glibc
import Storage

/// A connection string, read by libpq, completed and checked by us. Never printed: it holds the password.
struct PostgresSettings: Sendable {
    private(set) var options: [String: String]

    /// - `environment`: libpq takes from it what the string does not say (`PGHOST`, `PGSSLMODE` …).
    init(_ string: String, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let (string, allowsInsecure) = Self.takeOut("allow_insecure", from: string)
        self.options = try Self.parse(string)
        if self.options["service"] ?? environment["PGSERVICE"] != nil {
            throw StorageError.unavailable("a PostgreSQL service file is not read: write host, port and database out")
        }
        try self.secure(allowsInsecure: allowsInsecure, environment)
        let defaults = [
            "connect_timeout": "5", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
            "fallback_application_name": "cyberconfiance", "client_encoding": "UTF8",
        ]
        self.options.merge(defaults) { given, _ in given }
    }

    /// Without `verify-full`, whoever sits between can be the server: read everything and keep the password.
    private mutating func secure(allowsInsecure: Bool, _ environment: [String: String]) throws {
        func option(_ name: String, _ variable: String) -> String { self.options[name] ?? environment[variable] ?? "" }
        let address = option("hostaddr", "PGHOSTADDR")
        let hosts = address.isEmpty ? option("host", "PGHOST") : address
        if hosts.split(separator: ",").allSatisfy(Self.isLocal) { return }
        let mode = option("sslmode", "PGSSLMODE")
        if mode.isEmpty {
            self.options["sslmode"] = "verify-full"
        } else if mode != "verify-full", !allowsInsecure {
            throw StorageError.unavailable(
                """
                sslmode=\(mode) does not prove that \(hosts) is the server: write sslmode=verify-full, with \
                sslrootcert=<file> for a certificate authority of your own; or, where nobody else can be on the \
                network, keep sslmode=\(mode) and add allow_insecure=1
                """
            )
        }
        // Before version 16 libpq has no word for "the authorities that this system trusts".
        let authorities = "/etc/ssl/certs/ca-certificates.crt"
        if self.options["sslmode"] == "verify-full", option("sslrootcert", "PGSSLROOTCERT").isEmpty,
            FileManager.default.fileExists(atPath: authorities)
        {
            self.options["sslrootcert"] = authorities
        }
    }

    /// A socket in a folder, or this machine.
    private static func isLocal(_ host: Substring) -> Bool {
        host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
            || (host.hasPrefix("127.") && host.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) })
    }

    /// Our own word, which libpq would refuse.
    private static func takeOut(_ word: String, from string: String) -> (rest: String, isSet: Bool) {
        let isURL = string.hasPrefix("postgres://") || string.hasPrefix("postgresql://")
        let head = isURL ? string.prefix { $0 != "?" } : ""
        let separator: Character = isURL ? "&" : " "
        let parts = string.dropFirst(head.isEmpty ? 0 : head.count + 1).split(separator: separator)
        let rest = parts.filter { !$0.hasPrefix("\(word)=") }
        if rest.count == parts.count { return (string, false) }
        let isSet = parts.contains { ["\(word)=1", "\(word)=true", "\(word)=yes"].contains($0) }
        let joined = rest.joined(separator: String(separator))
        return (isURL ? "\(head)\(joined.isEmpty ? "" : "?")\(joined)" : joined, isSet)
    }

    private static func parse(_ string: String) throws -> [String: String] {
        var message: UnsafeMutablePointer<CChar>?
        guard let parsed = PQconninfoParse(string, &message) else {
            PQfreemem(message)
            // libpq's own message quotes what it did not understand, which may be a part of the password.
            throw StorageError.unavailable(
                "not a PostgreSQL address: write postgres://user:password@host:port/database, special characters as %XX"
            )
        }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var option = parsed
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return options
    }

    /// A connection, open or failed.
    func connect() -> OpaquePointer? {
        let pairs = self.options.sorted { $0.key < $1.key }
        let keywords = pairs.map { strdup($0.key) } + [nil]
        let values = pairs.map { strdup($0.value) } + [nil]
        defer { for pointer in keywords + values { free(pointer) } }
        return PQconnectdbParams(keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    }
}
