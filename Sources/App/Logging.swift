import Foundation
import Logging

/// One line an event, as text or as JSON. What may be in it is decided where it is logged: no address, no code, no text
/// of a report, no token, no address somebody reported.
enum Logging {
    static func make(_ config: AppConfig) -> Logger {
        let isJSON = config.logsJSON
        var logger = Logger(label: "cyberconfiance") { label in
            isJSON ? JSONLogHandler() as any LogHandler : StreamLogHandler.standardError(label: label)
        }
        logger.logLevel = Logger.Level(rawValue: config.logLevel) ?? .info
        return logger
    }
}

struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = ["level": event.level.rawValue, "message": "\(event.message)", "time": Date().ISO8601Format()]
        for (key, value) in self.metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            fields[key] = "\(value)"
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard var line = try? encoder.encode(fields) else { return }
        line.append(UInt8(ascii: "\n"))
        try? FileHandle.standardError.write(contentsOf: line)
    }
}
