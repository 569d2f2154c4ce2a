import Casework
import Foundation
import Kernel
import Mail
import Vault
import WebSupport

/// Everything the process is told from outside, read once and checked before anything starts.
struct AppConfig: Sendable {
    struct Address: Sendable {
        let host: String
        let port: Int
    }

    let isProduction: Bool
    let dataFolder: String
    /// `nil`: SQLite in the data folder.
    let databaseURL: String?
    let masterKeyFile: String
    let resources: URL
    let publicAddress: Address
    let deskAddress: Address
    let healthAddress: Address
    let publicOrigin: String
    let deskOrigin: String
    let country: String
    let operatorName: String?
    let operatorContact: String?
    let operatorDeclaration: String?
    let operatorTransfer: String?
    let firstAdministrator: EmailAddress
    let firstKeyHolder: EmailAddress
    let logLevel: String
    let logsJSON: Bool
    /// What backups are sealed to; `nil` when none was made.
    let backupKey: PublicBox?
    /// Days after closing until a case is erased.
    let retentionDays: Int
    /// The last address of `X-Forwarded-For` is believed: only behind a proxy of one's own.
    let trustsProxy: Bool
    let reportsPerNetworkHour: Int
    let reportsPerMinute: Int
    let uploads: UploadLimits
    let uploadsAtOnce: Int
    /// Only for `bin/check-durability`, which must see reports lost when SQLite does not wait for the disk; refused
    /// outside of a demonstration.
    let testSynchronous: String?
    let smtp: SMTPSettings?

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter environment: names and values as the operator's guide lists them.
    init(_ environment: [String: String]) throws {
        func text(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        func address(_ name: String, _ fallback: String) throws -> Address {
            let text = text(name) ?? fallback
            guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
                (0...65535).contains(port)
            else { throw Fault(description: "\(name)=\(text) is not HOST:PORT, for instance 127.0.0.1:8080") }
            return Address(host: String(text[..<colon]), port: port)
        }
        func origin(_ name: String, _ fallback: String) throws -> String {
            let text = text(name) ?? fallback
            guard let url = URL(string: text), let scheme = url.scheme, ["http", "https"].contains(scheme),
                url.host != nil,
                url.path.isEmpty
            else { throw Fault(description: "\(name)=\(text) is not an origin, for instance https://signaler.example") }
            return text
        }
        func email(_ name: String, _ fallback: String) throws -> EmailAddress {
            guard let address = EmailAddress(text(name) ?? fallback) else {
                throw Fault(description: "\(name) is not an e-mail address")
            }
            return address
        }
        func number(_ name: String, _ fallback: Int, _ range: ClosedRange<Int>) throws -> Int {
            guard let text = text(name) else { return fallback }
            guard let number = Int(text), range.contains(number) else {
                throw Fault(
                    description: "\(name)=\(text) is not a number from \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return number
        }
        self.reportsPerNetworkHour = try number("REPORTS_PER_NETWORK_HOUR", 30, 1...1_000_000)
        self.reportsPerMinute = try number("REPORTS_PER_MINUTE", 1000, 1...1_000_000)
        self.isProduction = text("MODE") == "production"
        self.dataFolder = text("DATA") ?? "data"
        self.databaseURL = text("DATABASE_URL")
        self.masterKeyFile = text("MASTER_KEY_FILE") ?? "\(self.dataFolder)/master.key"
        self.resources = URL(fileURLWithPath: text("RESOURCES") ?? "Resources", isDirectory: true)
        self.publicAddress = try address("PUBLIC_ADDRESS", "127.0.0.1:8080")
        self.deskAddress = try address("DESK_ADDRESS", "127.0.0.1:8081")
        self.healthAddress = try address("HEALTH_ADDRESS", "127.0.0.1:8082")
        self.publicOrigin = try origin("PUBLIC_ORIGIN", "http://localhost:\(self.publicAddress.port)")
        self.deskOrigin = try origin("DESK_ORIGIN", "http://localhost:\(self.deskAddress.port)")
        self.country = text("COUNTRY") ?? "ma"
        guard self.country.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
            throw Fault(description: "COUNTRY=\(self.country) is not the name of a profile, for instance ma")
        }
        self.operatorName = text("OPERATOR_NAME")
        self.operatorContact = text("OPERATOR_CONTACT")
        self.operatorDeclaration = text("OPERATOR_DECLARATION")
        self.operatorTransfer = text("OPERATOR_TRANSFER")
        self.firstAdministrator = try email("FIRST_ADMINISTRATOR", "admin@localhost.example")
        self.firstKeyHolder = try email("FIRST_KEY_HOLDER", "keys@localhost.example")
        self.logLevel = text("LOG_LEVEL") ?? "info"
        self.logsJSON = text("LOG_FORMAT") == "json"
        self.trustsProxy = text("TRUST_PROXY") == "yes"
        self.backupKey = try text("BACKUP_KEY").map { text in
            do { return try PublicBox(text: text) } catch {
                throw Fault(description: "BACKUP_KEY is not the line that `cyberconfiance keys backup-pair` printed")
            }
        }
        let days = text("RETENTION_DAYS") ?? String(Retention.defaultDays)
        guard let days = Int(days), Retention.range.contains(days) else {
            throw Fault(
                description:
                    "RETENTION_DAYS=\(days) is not a number of days from \(Retention.range.lowerBound) to \(Retention.range.upperBound)"
            )
        }
        self.retentionDays = days
        self.uploads = UploadLimits(
            fileBytes: try number("UPLOAD_FILE_MIB", 25, 1...1024) << 20,
            files: try number("UPLOAD_FILES", 10, 1...100),
            bytesPerSecond: try number("UPLOAD_KIB_PER_SECOND", 4, 0...1024) << 10,
            // Files that no report names are collected after an hour.
            longest: .seconds(try number("UPLOAD_MINUTES", 30, 1...45) * 60)
        )
        self.uploadsAtOnce = try number("UPLOADS_AT_ONCE", 8, 1...1000)
        self.testSynchronous = text("TEST_SYNCHRONOUS")
        self.smtp = try SMTPSettings.read(environment)
        if self.isProduction {
            for (name, value) in [
                ("OPERATOR_NAME", self.operatorName), ("OPERATOR_CONTACT", self.operatorContact),
                ("OPERATOR_DECLARATION", self.operatorDeclaration),
            ] where value == nil {
                throw Fault(description: "MODE=production needs \(name): visitors must know who answers for the site")
            }
            for (name, origin) in [("PUBLIC_ORIGIN", self.publicOrigin), ("DESK_ORIGIN", self.deskOrigin)]
            where !origin.hasPrefix("https://") {
                throw Fault(description: "MODE=production needs \(name) to begin with https://")
            }
        }
    }

    var mailRoute: MailRoute {
        MailRoute(self.smtp, isProduction: self.isProduction, dataFolder: self.dataFolder)
    }

    static func fromProcess() throws -> AppConfig { try AppConfig(ProcessInfo.processInfo.environment) }
}
