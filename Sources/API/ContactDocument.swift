import Country
import Kernel

/// Whom a person can turn to, with where and when the entry was checked.
struct ContactDocument: Encodable {
    let id: String
    let name: String
    let language: String
    let what: String
    let phone: String?
    let url: String?
    let email: String?
    let address: String?
    let hours: String?
    let source: String?
    let checkedOn: Day?

    init(_ entry: DirectoryEntry, _ language: Language) {
        let name = entry.name.best(for: language)
        self.id = entry.id
        self.name = name.text
        self.language = name.language.rawValue
        self.what = entry.what.text(language)
        self.phone = entry.phone
        self.url = entry.url
        self.email = entry.email
        self.address = entry.address?.text(language)
        self.hours = entry.hours?.text(language)
        self.source = entry.source
        self.checkedOn = entry.checkedOn
    }
}
