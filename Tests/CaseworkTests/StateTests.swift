import Casework
import Kernel
import RoomsTesting
import Testing

extension CaseState {
    static let events: [Event] =
        [.triage, .start, .askReporter, .reporterAnswered, .reopen, .purge] + ClosingReason.allCases.map { .close($0) }

    func after(_ event: Event) -> CaseState? { try? self.next(event) }
}

@Suite struct `The state machine` {
    /// Written out a second time, from the dossier: a transition is legal here or it is not legal.
    private static let legal: [(CaseState, CaseState)] = [
        (.received, .triaged), (.triaged, .inProgress), (.inProgress, .awaitingReporter),
        (.awaitingReporter, .inProgress),
        (.received, .closed), (.triaged, .closed), (.inProgress, .closed), (.awaitingReporter, .closed),
        (.closed, .inProgress), (.closed, .purged),
    ]

    @Test func `every event in every state leads where the dossier says, or is refused`() {
        for state in CaseState.allCases {
            for event in CaseState.events {
                do throws(DomainError) {
                    let next = try state.next(event)
                    #expect(Self.legal.contains { $0 == (state, next) }, "\(state) \(event)")
                } catch {
                    #expect(error == .conflict("casework.illegal-transition"))
                }
            }
        }
        for (from, to) in Self.legal { #expect(CaseState.events.contains { from.after($0) == to }, "\(from) → \(to)") }
    }

    @Test func `nothing leads out of purged`() {
        for event in CaseState.events { #expect(CaseState.purged.after(event) == nil) }
        #expect(CaseState.purged.offered.isEmpty)
    }

    @Test func `what is offered is legal, and all that a person may choose is offered`() {
        for state in CaseState.allCases {
            let legal = CaseState.events.filter { state.after($0) != nil && $0 != .purge && $0 != .reporterAnswered }
            #expect(Set(state.offered) == Set(legal))
            #expect(state.offered.count == legal.count)
        }
    }

    @Test func `an indicator's state leads where the dossier says, or is refused`() {
        let legal: [(ItemState, ItemState)] = [
            (.unassessed, .assessed), (.assessed, .assessed), (.assessed, .notActionable), (.assessed, .policeHold),
            (.assessed, .ready), (.policeHold, .ready), (.notActionable, .assessed),
        ]
        for from in ItemState.allCases {
            for to in ItemState.allCases {
                let next = try? from.next(to)
                #expect(next == (legal.contains { $0 == (from, to) } ? to : nil), "\(from) → \(to)")
            }
            #expect(Set(from.offered) == Set(legal.filter { $0.0 == from && $0.1 != from }.map(\.1)))
        }
    }
}

@Suite struct `Days by which` {
    /// The same day three months later, or the last of that month.
    private func threeMonths(after day: Day) -> Day {
        let (year, month, dayOfMonth) = day.parts
        let (lateYear, lateMonth) = month > 9 ? (year + 1, month - 9) : (year, month + 3)
        for last in stride(from: dayOfMonth, through: 28, by: -1) {
            let text = "\(lateYear)-\(lateMonth < 10 ? "0" : "")\(lateMonth)-\(last < 10 ? "0" : "")\(last)"
            if let found = Day(rawValue: text) { return found }
        }
        let text = "\(lateYear)-\(lateMonth < 10 ? "0" : "")\(lateMonth)-\(dayOfMonth < 10 ? "0" : "")\(dayOfMonth)"
        return Day(rawValue: text)!
    }

    @Test func `acknowledgement within seven days, feedback within three months of it, on every day of eight years`() {
        let first = Day(rawValue: "2024-01-01")!
        for offset in 0..<8 * 366 {
            let received = first + offset
            for acknowledged in [nil, received, received + 3, received + 7] {
                let deadlines = Deadlines(
                    receivedDay: received,
                    acknowledgedDay: acknowledged,
                    acknowledgeDays: 7,
                    feedbackMonths: 3
                )
                #expect(deadlines.acknowledgement <= received + 7)
                let from = acknowledged ?? deadlines.acknowledgement
                #expect(deadlines.feedback <= self.threeMonths(after: from), "\(from)")
                #expect(deadlines.feedback > from + 85)
            }
        }
    }

    @Test func `no profile can promise more time than that`() {
        let day = Day(rawValue: "2026-02-01")!
        let most = Deadlines(receivedDay: day, acknowledgedDay: nil, acknowledgeDays: 7, feedbackMonths: 3)
        for (days, months) in [(8, 3), (7, 4), (365, 12), (Int.max, Int.max)] {
            #expect(
                Deadlines(receivedDay: day, acknowledgedDay: nil, acknowledgeDays: days, feedbackMonths: months) == most
            )
        }
        let least = Deadlines(receivedDay: day, acknowledgedDay: nil, acknowledgeDays: -1, feedbackMonths: -1)
        #expect(least.acknowledgement == day && least.feedback == day)
    }
}
