import DataFiles
import Foundation
import Kernel

/// What is particular to a country: languages, numbers to call, bodies, time. Morocco first, any country by profile.
package struct CountryProfile: Decodable, Sendable {
    package struct TimeRule: Decodable, Sendable {
        package let offsetMinutes: Int
        package let since: Day
        package let source: String
        package let checkedOn: Day

        enum CodingKeys: String, CodingKey {
            case offsetMinutes = "offset_minutes"
            case since, source
            case checkedOn = "checked_on"
        }
    }

    package struct QuickExit: Decodable, Sendable {
        package let url: String
        package let label: LocalizedText
    }

    package struct Phone: Decodable, Sendable {
        /// Without `+`.
        package let countryCode: String
        /// What is dialled before a national number inside the country.
        package let trunk: String
        /// Digits of a national number without the trunk prefix.
        package let nationalLength: Int

        enum CodingKeys: String, CodingKey {
            case countryCode = "country_code"
            case trunk
            case nationalLength = "national_length"
        }
    }

    /// The desk's own aim, in minutes from a report's arrival to its first reading. Printed only beside the delay that
    /// was measured, never as a promise.
    package struct TriageTarget: Decodable, Sendable {
        package let urgent: Int
    }

    package let id: String
    package let name: LocalizedText
    package let languages: [Language]
    package let defaultLanguage: Language
    /// Languages whose texts no speaker has vouched for yet; every page in them says so.
    package let draftLanguages: [Language]
    /// Ids of directory entries, shown above every page.
    package let emergency: [String]
    package let timeZone: String
    package let timeRule: TimeRule
    package let quickExit: QuickExit
    package let phone: Phone
    /// Days within which a report is acknowledged; printed only as the profile's promise.
    package let acknowledgeDays: Int
    package let feedbackMonths: Int
    package let triageTargetMinutes: TriageTarget

    enum CodingKeys: String, CodingKey {
        case id, name, languages, emergency, phone
        case defaultLanguage = "default_language"
        case draftLanguages = "draft_languages"
        case timeZone = "time_zone"
        case timeRule = "time_rule"
        case quickExit = "quick_exit"
        case acknowledgeDays = "acknowledge_days"
        case feedbackMonths = "feedback_months"
        case triageTargetMinutes = "triage_target_minutes"
    }
}
