import Kernel
import Storage

/// Which version of each key that can be rotated is in use. The keys themselves come from the master key and this number.
package enum KeyVersions {
    package enum Name: String, CaseIterable, Sendable {
        /// Matches indicators of sealed reports.
        case blindIndex = "blind-index"
        /// Signs forms, carries the answers of guided help, seals second factors that are being set up.
        case forms
    }

    package static let schema = Schema(
        "key-versions",
        tables: ["key_version"],
        Migration(
            "1 create key_version",
            """
            CREATE TABLE key_version (
                name \(.text) PRIMARY KEY,
                version \(.int) NOT NULL CONSTRAINT key_version_range CHECK (version BETWEEN 2 AND 1000),
                day \(.text) NOT NULL
            ) \(.strict)
            """
        )
    )

    /// 1 before the first rotation.
    package static func current(_ tx: ReadTransaction, _ name: Name) throws -> Int {
        try tx.value(Int.self, "SELECT version FROM key_version WHERE name = \(name.rawValue)") ?? 1
    }

    /// - Returns: the new version of each.
    static func rotate(_ tx: WriteTransaction, _ audit: AuditLog, today: Day) throws -> [Name: Int] {
        var versions: [Name: Int] = [:]
        for name in Name.allCases {
            versions[name] = try tx.value(
                Int.self,
                """
                INSERT INTO key_version \(values: ["name": name.rawValue, "version": 2, "day": today])
                ON CONFLICT (name) DO UPDATE SET version = key_version.version + 1, day = excluded.day RETURNING version
                """
            )
        }
        try audit.record(
            tx,
            actor: "operator",
            action: "operator.keys.rotated",
            subject: "keys",
            detail: Dictionary(uniqueKeysWithValues: versions.map { ($0.key.rawValue, String($0.value)) }),
            day: today
        )
        return versions
    }

    /// What a key is derived by. The first version has the label it always had.
    package static func label(_ label: String, _ version: Int) -> String {
        version == 1 ? label : "\(label)/\(version)"
    }
}
