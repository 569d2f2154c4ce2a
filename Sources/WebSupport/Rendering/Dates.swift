import Country
import Foundation
import Kernel

/// Days and times as people in the country write them, in the page's language.
package struct Dates: Sendable {
    private let time: CountryTime
    private let texts: Translations

    package init(_ time: CountryTime, _ texts: Translations) {
        self.time = time
        self.texts = texts
    }

    /// `25 novembre 2026`, `25 نونبر 2026`
    package func day(_ day: Day) -> String {
        let (year, month, number) = day.parts
        return "\(number) \(self.texts.text("date.month.\(month)")) \(year)"
    }

    /// Day and time of day on the wall.
    package func moment(_ date: Date) -> String {
        let wall = self.time.wall(date)
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
        return self.texts.text(
            "date.moment",
            ["day": self.day(wall.day), "hour": padded(wall.hour), "minute": padded(wall.minute)]
        )
    }

    package static let keys = (1...12).map { "date.month.\($0)" } + ["date.moment"]
}
