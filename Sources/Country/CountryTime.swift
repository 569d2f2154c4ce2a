import Foundation
import Kernel

/// Wall time in the country. The C library's tzdata is asked (the toolchain's own tables are out of date); where the
/// installed tzdata is older than the profile's rule, the profile's rule wins from its date on.
package struct CountryTime: Sendable {
    private let rule: CountryProfile.TimeRule
    /// Whether the system's tzdata agrees with the profile's rule at a moment when the rule holds.
    package let systemKnowsRule: Bool

    /// Sets the process's time zone: one process serves one country.
    package init(_ profile: CountryProfile) {
        self.rule = profile.timeRule
        setenv("TZ", profile.timeZone, 1)
        tzset()
        let probe = profile.timeRule.since + 30
        self.systemKnowsRule = Self.systemOffset(at: probe.start) == profile.timeRule.offsetMinutes * 60
    }

    /// Seconds east of UTC.
    package func offset(at date: Date) -> Int {
        !self.systemKnowsRule && date >= self.rule.since.start
            ? self.rule.offsetMinutes * 60 : Self.systemOffset(at: date)
    }

    /// The calendar day and the time of day on the wall.
    package func wall(_ date: Date) -> (day: Day, hour: Int, minute: Int) {
        let seconds = Int((date.timeIntervalSince1970 + Double(self.offset(at: date))).rounded(.down))
        let day = Day(Date(timeIntervalSince1970: Double(seconds)))
        let rest = seconds - day.number * 86400
        return (day, rest / 3600, rest % 3600 / 60)
    }

    private static func systemOffset(at date: Date) -> Int {
        var seconds = time_t(date.timeIntervalSince1970)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts.tm_gmtoff
    }
}
