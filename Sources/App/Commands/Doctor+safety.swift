import Foundation
import Glibc

extension Doctor {
    /// Whoever else may read the folder or its files has the sealed content and the counts.
    func permissions(_ config: AppConfig) -> [Finding] {
        var findings: [Finding] = []
        func check(_ path: String, _ mode: String) {
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return }
            let isOpen = (attributes[.posixPermissions] as? Int ?? 0) & 0o077 != 0
            let isOther = (attributes[.ownerAccountID] as? Int).map { $0 != Int(geteuid()) } ?? false
            findings.append(
                Finding(
                    isGood: !isOpen && !isOther,
                    what: isOther
                        ? "\(path) belongs to somebody else" : "\(path): \(isOpen ? "open to others" : "closed")",
                    mend: "chmod \(mode) \(path), owner the server's user; run this as that user"
                )
            )
        }
        check(config.dataFolder, "0700")
        check("\(config.dataFolder)/\(BackupFiles.database)", "0600")
        check("\(config.dataFolder)/\(AdminSocket.name)", "0600")
        check(config.masterKeyFile, "0400")
        let folder = URL(filePath: config.dataFolder).standardizedFileURL.path(percentEncoded: false)
        let key = URL(filePath: config.masterKeyFile).standardizedFileURL.path(percentEncoded: false)
        if key.hasPrefix(folder.hasSuffix("/") ? folder : "\(folder)/") {
            findings.append(
                Finding(
                    isGood: !config.isProduction,
                    what: "the master key lies in DATA, beside what it protects",
                    mend: "move it elsewhere and set MASTER_KEY_FILE before MODE=production"
                )
            )
        }
        return findings
    }

    /// Second factors and deadlines hang on the clock. It cannot be earlier than the program, nor than what was written.
    func clock(_ config: AppConfig) -> [Finding] {
        let known = ["/proc/self/exe", "\(config.dataFolder)/\(BackupFiles.database)", "\(config.dataFolder)/lock"]
        let newest = known.compactMap { path in
            let file = URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
            return (try? FileManager.default.attributesOfItem(atPath: file)[.modificationDate]) as? Date
        }.max()
        let now = Date()
        return [
            Finding(
                // A minute for file systems on other machines.
                isGood: newest.map { $0 < now + 60 } ?? true,
                what: "clock: \(now.ISO8601Format())",
                mend:
                    "the clock is earlier than files written before (\(newest?.ISO8601Format() ?? "")): set it, let NTP keep it"
            )
        ]
    }

    /// Two days without one are too many for a real service.
    func backups(_ config: AppConfig) -> [Finding] {
        let path = "\(config.dataFolder)/\(BackupFiles.marker)"
        let text = try? String(contentsOfFile: path, encoding: .utf8)
        let made = text.flatMap { try? Date($0.trimmingCharacters(in: .whitespacesAndNewlines), strategy: .iso8601) }
        let hours = made.map { Int(Date().timeIntervalSince($0) / 3600) }
        var findings = [
            Finding(
                isGood: !config.isProduction || hours.map { $0 <= 48 } ?? false,
                what: hours.map { "backup: the last one is \($0) hours old" } ?? "backup: none yet",
                mend: "run `cyberconfiance backup --to FOLDER` every day, and move it off this machine"
            )
        ]
        if config.backupKey == nil {
            findings.append(
                Finding(
                    isGood: !config.isProduction,
                    what: "BACKUP_KEY is not set: backups would not be encrypted",
                    mend: "make a pair on another machine with `cyberconfiance keys backup-pair`"
                )
            )
        }
        return findings
    }
}
