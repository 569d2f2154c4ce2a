import DataFiles
import Foundation
import Kernel

/// Whom a person can turn to. A number or an address is printed only with the page it was read on.
package struct DirectoryEntry: Decodable, Sendable {
    package let id: String
    package let name: LocalizedText
    /// One or two words, for the bar of urgent numbers.
    package let short: LocalizedText?
    package let what: LocalizedText
    package let phone: String?
    package let url: String?
    package let email: String?
    package let address: LocalizedText?
    package let hours: LocalizedText?
    package let audiences: [String]?
    package let kinds: [String]?
    package let source: String?
    package let checkedOn: Day?

    enum CodingKeys: String, CodingKey {
        case id, name, short, what, phone, url, email, address, hours, audiences, kinds, source
        case checkedOn = "checked_on"
    }

    /// Whether it names a body whose existence and number somebody checked.
    package var isSourced: Bool { self.source != nil && self.checkedOn != nil }
}

/// The country profile and its directory, read once at start-up.
package struct Country: Sendable {
    package let profile: CountryProfile
    /// In the order of the file.
    package let directory: [DirectoryEntry]
    private let byID: [String: DirectoryEntry]

    package init(profile: CountryProfile, directory: [DirectoryEntry]) {
        self.profile = profile
        self.directory = directory
        self.byID = Dictionary(directory.map { ($0.id, $0) }) { first, _ in first }
    }

    /// - Parameter folder: `Resources/`
    package static func load(_ id: String, resources folder: URL) throws(FileFaults) -> Country {
        let profileFile = try YAMLFile(folder: folder, name: "profiles/\(id)/profile.yaml")
        let directoryFile = try YAMLFile(folder: folder, name: "profiles/\(id)/directory.yaml")
        let country = Country(
            profile: try profileFile.decode(CountryProfile.self),
            directory: try directoryFile.decode([DirectoryEntry].self)
        )
        let faults = country.faults(profileFile, directoryFile)
        if !faults.isEmpty { throw FileFaults(faults) }
        return country
    }

    package subscript(id: String) -> DirectoryEntry? { self.byID[id] }

    package var emergency: [DirectoryEntry] { self.profile.emergency.compactMap { self[$0] } }

    private func faults(_ profileFile: YAMLFile, _ directoryFile: YAMLFile) -> [FileFault] {
        var faults: [FileFault] = []
        for id in self.profile.emergency where self[id]?.phone == nil {
            faults.append(
                FileFault(profileFile.name, line: profileFile.line(of: ["emergency"]), "“\(id)” has no number")
            )
        }
        for (index, entry) in self.directory.enumerated() {
            let line = directoryFile.line(of: [String(index)])
            let prints = entry.phone != nil || entry.email != nil || entry.url != nil || entry.address != nil
            if prints, !entry.isSourced {
                faults.append(
                    FileFault(
                        directoryFile.name,
                        line: line,
                        "“\(entry.id)” prints a number or address without source and checked_on"
                    )
                )
            }
            if self.directory.firstIndex(where: { $0.id == entry.id }) != index {
                faults.append(FileFault(directoryFile.name, line: line, "the id “\(entry.id)” is used twice"))
            }
            for language in [Language.french, .arabic, .english]
            where entry.name[language] == nil || entry.what[language] == nil {
                faults.append(FileFault(directoryFile.name, line: line, "“\(entry.id)” has no text in \(language)"))
            }
        }
        return faults
    }
}
