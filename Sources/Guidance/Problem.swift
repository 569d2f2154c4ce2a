import DataFiles
import Kernel

/// A named problem: what is happening, what to do now, what to keep, whom to ask, where to report.
package struct Problem: Decodable, Sendable {
    package enum Danger: String, Decodable, Sendable { case none, money, life }

    package struct Step: Decodable, Sendable {
        package let act: LocalizedText
        package let how: LocalizedText
        package let within: Within?

        private enum CodingKeys: String, CodingKey, CaseIterable { case act, how, within }

        package init(from decoder: any Decoder) throws {
            try decoder.refuseKeys(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.act = try container.decode(LocalizedText.self, forKey: .act)
            self.how = try container.decode(LocalizedText.self, forKey: .how)
            self.within = try container.decodeIfPresent(Within.self, forKey: .within)
        }
    }

    /// How soon a step must be done. The raw value is also the key of its sentence.
    package enum Within: String, Decodable, Sendable, CaseIterable {
        case quarterHour = "15m"
        case hour = "1h"
        case day = "24h"
        case threeDays = "72h"
        case week = "7d"
    }

    package enum Reporting: Sendable, Equatable {
        /// One of our own questionnaires.
        case here(kind: String)
        /// An entry of the directory.
        case elsewhere(String)
        case nowhere
    }

    package let id: String
    package let title: LocalizedText
    package let category: String
    package let danger: Danger
    package let lifeDanger: Bool
    package let happening: LocalizedText
    package let steps: [Step]
    /// `nil` when the file says `none`.
    package let deadline: LocalizedText?
    package let evidence: [LocalizedText]
    package let never: [LocalizedText]
    package let contacts: [String]
    package let guide: String
    package let also: [String]
    package let reporting: Reporting

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, title, category, danger, happening, steps, deadline, evidence, never, contacts, guide, also, report
        case lifeDanger = "life_danger"
    }

    private enum ReportKeys: String, CodingKey, CaseIterable { case kind, elsewhere, none }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.title = try container.decode(LocalizedText.self, forKey: .title)
        self.category = try container.decode(String.self, forKey: .category)
        self.danger = try container.decode(Danger.self, forKey: .danger)
        self.lifeDanger = try container.decodeIfPresent(Bool.self, forKey: .lifeDanger) ?? false
        self.happening = try container.decode(LocalizedText.self, forKey: .happening)
        self.steps = try container.decode([Step].self, forKey: .steps)
        // Explicit: a missing deadline is a fault, `none` is a decision.
        if (try? container.decode(String.self, forKey: .deadline)) == "none" {
            self.deadline = nil
        } else {
            self.deadline = try container.decode(LocalizedText.self, forKey: .deadline)
        }
        self.evidence = try container.decode([LocalizedText].self, forKey: .evidence)
        self.never = try container.decodeIfPresent([LocalizedText].self, forKey: .never) ?? []
        self.contacts = try container.decode([String].self, forKey: .contacts)
        self.guide = try container.decode(String.self, forKey: .guide)
        self.also = try container.decodeIfPresent([String].self, forKey: .also) ?? []
        let report = try container.nestedContainer(keyedBy: ReportKeys.self, forKey: .report)
        if let kind = try report.decodeIfPresent(String.self, forKey: .kind) {
            self.reporting = .here(kind: kind)
        } else if let entry = try report.decodeIfPresent(String.self, forKey: .elsewhere) {
            self.reporting = .elsewhere(entry)
        } else {
            _ = try report.decode(Bool.self, forKey: .none)
            self.reporting = .nowhere
        }
    }
}
