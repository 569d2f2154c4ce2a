import Country
import Kernel
import WebSupport

/// An entry of the directory as a page shows it.
struct ContactView: Sendable {
    let icon: String
    let name: String
    let what: String
    let lang: String?
    let phone: String?
    /// Without the blanks that people need and telephones don’t.
    let dialled: String?
    let url: String?
    let hours: String?
    let address: String?
    let checked: String?

    init(_ entry: DirectoryEntry, _ language: Language, _ dates: Dates, _ texts: Translations) {
        let name = entry.name.best(for: language)
        self.icon = entry.phone != nil ? "phone" : entry.url != nil ? "globe" : "build"
        self.name = name.text
        self.what = entry.what.text(language)
        self.lang = name.language == language ? nil : name.language.rawValue
        self.phone = entry.phone
        self.dialled = entry.phone?.filter { !$0.isWhitespace }
        self.url = entry.url
        self.hours = entry.hours?.text(language)
        self.address = entry.address?.text(language)
        self.checked = entry.checkedOn.map { texts.text("contacts.checked", ["date": dates.day($0)]) }
    }
}
