/// A language of the interface, named by its BCP 47 tag. The path of every page begins with it.
package enum Language: String, CaseIterable, Codable, Sendable, CustomStringConvertible {
    case french = "fr"
    case arabic = "ar"
    case amazigh = "zgh"
    case english = "en"

    package var description: String { self.rawValue }

    /// The `dir` attribute of a page in this language.
    package var direction: String { self == .arabic ? "rtl" : "ltr" }

    /// Its name in its own script, as the language switch shows it.
    package var ownName: String {
        switch self {
        case .french: "Français"
        case .arabic: "العربية"
        case .amazigh: "ⵜⴰⵎⴰⵣⵉⵖⵜ"
        case .english: "English"
        }
    }

    /// In which order a text is looked for when it is missing in this language. Readers of Amazigh in Morocco were
    /// schooled in Arabic or French; the page says which language it fell back to.
    package var fallbacks: [Language] {
        switch self {
        case .french: [.french, .english, .arabic]
        case .arabic: [.arabic, .french, .english]
        case .amazigh: [.amazigh, .french, .arabic, .english]
        case .english: [.english, .french, .arabic]
        }
    }
}
