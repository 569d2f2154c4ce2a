import ArgumentParser
import Country
import Foundation
import Identity
import Mail
import Storage
import Vault

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check what the server needs and say how to mend what is missing.",
        discussion: "Exits 1 when something must be mended."
    )

    struct Finding {
        let isGood: Bool
        let what: String
        let mend: String
    }

    func run() async throws {
        let config = try AppConfig.fromProcess()
        var findings: [Finding] = []
        findings += self.folder(config)
        findings += self.permissions(config) + self.clock(config) + self.backups(config)
        findings += await self.database(config)
        findings += await self.mail(config)
        do {
            let library = try await Library(country: config.country, resources: config.resources)
            findings.append(Finding(isGood: true, what: "texts: no fault", mend: ""))
            let time = CountryTime(library.country.profile)
            findings.append(
                Finding(
                    isGood: time.systemKnowsRule,
                    what: "time zone \(library.country.profile.timeZone): \(Self.tzdataVersion())",
                    mend: "install a newer tzdata; until then the profile's own rule is used"
                )
            )
        } catch {
            findings.append(Finding(isGood: false, what: "texts: \(error)", mend: "run `cyberconfiance content check`"))
        }
        findings.append(
            Finding(
                isGood: PasswordPolicy(ownWords: []).hasDictionary,
                what: "dictionary of passwords",
                mend: "install cracklib-runtime"
            )
        )
        for (name, value) in [
            ("OPERATOR_NAME", config.operatorName), ("OPERATOR_CONTACT", config.operatorContact),
            ("OPERATOR_DECLARATION", config.operatorDeclaration),
        ] where value == nil {
            findings.append(
                Finding(
                    isGood: !config.isProduction,
                    what: "\(name) is not declared; pages say so",
                    mend: "declare it before MODE=production"
                )
            )
        }
        for finding in findings {
            print(finding.isGood ? "ok    \(finding.what)" : "MEND  \(finding.what)\n      → \(finding.mend)")
        }
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(1) }
    }

    private func folder(_ config: AppConfig) -> [Finding] {
        var findings: [Finding] = []
        do {
            _ = try MasterKey.load(path: config.masterKeyFile)
            findings.append(Finding(isGood: true, what: "master key \(config.masterKeyFile)", mend: ""))
        } catch {
            findings.append(
                Finding(
                    isGood: false,
                    what: "master key: \(error)",
                    mend: "the first `cyberconfiance serve` makes one; an existing installation needs its own back"
                )
            )
        }
        let free =
            (try? FileManager.default.attributesOfFileSystem(forPath: config.dataFolder)[.systemFreeSize] as? Int)
            ?? nil
        if let free {
            findings.append(
                Finding(
                    isGood: free > 500_000_000,
                    what: "disk: \(free / 1_000_000) MB free",
                    mend: "make room: below 500 MB intake is at risk"
                )
            )
        }
        return findings
    }

    /// Asks the running server, if there is one: a second process must not open its database.
    private func database(_ config: AppConfig) async -> [Finding] {
        do {
            let health = try await AdminRoute.run(.health, config) { _ in }
            return [Finding(isGood: true, what: "database: \(health)", mend: "")]
        } catch {
            return [
                Finding(
                    isGood: false,
                    what: "database: \(error)",
                    mend: "run `cyberconfiance migrate`, or look at DATABASE_URL and DATA"
                )
            ]
        }
    }

    private func mail(_ config: AppConfig) async -> [Finding] {
        var findings: [Finding] = []
        if case .none = config.mailRoute {
            findings.append(
                Finding(
                    isGood: false,
                    what: "mail: not configured; nobody is told of urgent cases or of news",
                    mend: "set SMTP_URL and SMTP_FROM, then try `cyberconfiance mail test --to ADDRESS`"
                )
            )
        } else {
            findings.append(Finding(isGood: true, what: "mail: \(config.mailRoute)", mend: ""))
        }
        if let database = try? await Startup.open(config) {
            let failed = try? await database.read { tx in
                try JobQueue.failed(tx, limit: 1000).filter { $0.name == Outbox.jobName }.count
            }
            try? await database.close()
            if let failed, failed > 0 {
                findings.append(
                    Finding(
                        isGood: false,
                        what: "mail: \(failed) could not be delivered",
                        mend: "look at the log for the reason, mend it, and tell those people another way"
                    )
                )
            }
        }
        return findings
    }

    private static func tzdataVersion() -> String {
        let text = (try? String(contentsOfFile: "/usr/share/zoneinfo/tzdata.zi", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").first.map { "tzdata \($0.replacing("# version ", with: ""))" }
            ?? "tzdata of unknown age"
    }
}
