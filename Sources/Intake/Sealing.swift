import Foundation
import Indicators
import Kernel
import Storage
import Vault

/// How parts of a report are sealed to the report's box: a fresh key for each, wrapped to the box, bound to report and
/// row, so that cells that were swapped do not open.
struct Sealing: Sendable {
    struct Cell: Sendable {
        let wrap: Data
        let sealed: Data
    }

    private struct Stored<Value: Codable>: Codable {
        let at: Date
        let value: Value
    }

    static func seal<Value: Codable>(
        _ value: Value,
        at: Date,
        kind: String,
        report: Report.ID,
        row: String,
        box: PublicBox
    ) throws -> Cell {
        let key = ContentKey.random()
        return Cell(
            wrap: try box.wrap(key, SealContext("\(kind)-key", report.description, row)),
            sealed: try key.sealJSON(Stored(at: at, value: value), SealContext(kind, report.description, row))
        )
    }

    static func open<Value: Codable>(
        _: Value.Type,
        _ cell: Cell,
        kind: String,
        report: Report.ID,
        row: String,
        key: ReportKey
    ) throws -> (at: Date, value: Value) {
        let contentKey = try key.box.unwrapKey(cell.wrap, SealContext("\(kind)-key", report.description, row))
        let stored = try contentKey.openJSON(
            Stored<Value>.self,
            cell.sealed,
            SealContext(kind, report.description, row)
        )
        return (stored.at, stored.value)
    }

    static func unitContext(_ report: Report.ID, _ unit: DeskUnit, version: Int) -> SealContext {
        SealContext("report-to-unit", report.description, unit.rawValue, String(version))
    }

    static func reporterContext(_ report: Report.ID) -> SealContext {
        SealContext("report-to-reporter", report.description)
    }

    static func reporterKeyContext(_ report: Report.ID) -> SealContext {
        SealContext("reporter-key", report.description)
    }
}
