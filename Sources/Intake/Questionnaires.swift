import DataFiles
import Foundation
import Indicators
import Kernel

/// All kinds of report, in the order in which they are offered.
package struct Questionnaires: Sendable {
    package struct Version: Sendable {
        package let questionnaire: Questionnaire
        /// The file as it was: an old report keeps the form it was asked with.
        package let source: String
    }

    package let all: [Version]
    private let byID: [String: Version]

    package init(_ all: [Version]) {
        self.all = all
        self.byID = Dictionary(all.map { ($0.questionnaire.id, $0) }) { first, _ in first }
    }

    package subscript(kind: String) -> Version? { self.byID[kind] }
    package var ids: Set<String> { Set(self.byID.keys) }

    /// Urgent kinds first on no page: the order is the editors', here the one people look for most.
    private static let order = [
        "phishing", "scam", "account", "impersonation", "sextortion", "intimate-images", "harassment", "hate", "minor",
        "child-abuse", "malware", "privacy", "vulnerability", "question", "other",
    ]

    /// - Parameter folder: `Resources/`
    package static func load(resources folder: URL) throws(FileFaults) -> Questionnaires {
        var faults: [FileFault] = []
        var versions: [Version] = []
        for name in YAMLFile.names(in: folder, under: "questionnaires", ending: ".yaml") {
            do throws(FileFaults) {
                let file = try YAMLFile(folder: folder, name: name)
                let questionnaire = try file.decode(Questionnaire.self)
                faults += QuestionnaireCheck(questionnaire, file).faults
                versions.append(Version(questionnaire: questionnaire, source: file.source))
            } catch {
                faults += error.items
            }
        }
        if versions.isEmpty { faults.append(FileFault("questionnaires", "there is none")) }
        if !faults.isEmpty { throw FileFaults(faults) }
        let rank = Dictionary(uniqueKeysWithValues: Self.order.enumerated().map { ($1, $0) })
        return Questionnaires(
            versions.sorted {
                (rank[$0.questionnaire.id] ?? 99, $0.questionnaire.id) < (
                    rank[$1.questionnaire.id] ?? 99, $1.questionnaire.id
                )
            }
        )
    }
}

/// Whether a questionnaire can be asked, and keeps the rules that no editor may loosen.
struct QuestionnaireCheck {
    private(set) var faults: [FileFault] = []
    private let file: YAMLFile

    /// Kinds whose evidence is an intimate image or an image of a minor: nothing may be uploaded, ever.
    static let withoutFiles: Set<String> = ["sextortion", "intimate-images", "minor-protection", "child-abuse"]

    init(_ questionnaire: Questionnaire, _ file: YAMLFile) {
        self.file = file
        let name = file.name.split(separator: "/").last.map { String($0.dropLast(5)) }
        if questionnaire.id != name { self.add(["id"], "the id must be the file's name") }
        if questionnaire.files, Self.withoutFiles.contains(questionnaire.category) {
            self.add(["files"], "a report of this category may never have an upload field")
        }
        if questionnaire.route == .child {
            if questionnaire.items != [.url] { self.add(["items"], "the child route takes addresses only") }
            if questionnaire.fields.contains(where: { $0.kind != .long }) {
                self.add(["fields"], "the child route takes an address and text only")
            }
        }
        if questionnaire.identity.isEmpty { self.add(["identity"], "at least one is needed") }
        var seen: [String: Field] = [:]
        for (index, field) in questionnaire.fields.enumerated() {
            let path = ["fields", String(index)]
            if seen[field.id] != nil { self.add(path, "the id “\(field.id)” is used twice") }
            let needsOptions = field.kind == .single || field.kind == .multiple
            if needsOptions != (field.options.count >= 2) {
                self.add(path, "“\(field.id)” has the wrong number of options")
            }
            if let when = field.when {
                let options = Set(seen[when.question]?.options.map(\.id) ?? [])
                if !options.isSuperset(of: when.is) {
                    self.add(path, "depends on something that is not asked before it")
                }
            }
            for language in Language.allCases where field.label[language] == nil {
                self.add(path, "“\(field.id)” has no label in \(language)")
            }
            seen[field.id] = field
        }
        for language in Language.allCases
        where questionnaire.title[language] == nil || questionnaire.lead[language] == nil {
            self.add(["title"], "has no title or lead in \(language)")
        }
    }

    private mutating func add(_ path: [String], _ reason: String) {
        self.faults.append(FileFault(self.file.name, line: self.file.line(of: path), reason))
    }
}
