import Kernel

/// Where a case stands. The merged machine of the field: received, triaged, worked on, waiting for the reporter,
/// closed for a coded reason, reopened, purged.
package enum CaseState: String, Codable, CaseIterable, Sendable {
    case received
    case triaged
    case inProgress = "in-progress"
    case awaitingReporter = "awaiting-reporter"
    case closed
    case purged

    /// What can be done to a case.
    package enum Event: Hashable, Codable, Sendable {
        case triage
        case start
        case askReporter
        case reporterAnswered
        case close(ClosingReason)
        case reopen
        case purge
    }

    /// The only table of legal transitions; pages offer what it allows and the front door refuses the rest.
    package func next(_ event: Event) throws(DomainError) -> CaseState {
        switch (self, event) {
        case (.received, .triage): .triaged
        case (.triaged, .start): .inProgress
        case (.inProgress, .askReporter): .awaitingReporter
        case (.awaitingReporter, .reporterAnswered): .inProgress
        // A report can turn out to be nothing, a duplicate or withdrawn before anybody has worked on it.
        case (.received, .close), (.triaged, .close), (.inProgress, .close), (.awaitingReporter, .close): .closed
        case (.closed, .reopen): .inProgress
        case (.closed, .purge): .purged
        default: throw .conflict("casework.illegal-transition")
        }
    }

    /// Events a person may choose here, in the order in which the page offers them.
    package var offered: [Event] {
        let candidates: [Event] =
            [.triage, .start, .askReporter] + ClosingReason.allCases.map { .close($0) } + [.reopen]
        return candidates.filter { event in
            do throws(DomainError) {
                _ = try self.next(event)
                return true
            } catch { return false }
        }
    }

    package var isOpen: Bool { self != .closed && self != .purged }
}

/// Why a case was closed.
package enum ClosingReason: String, Codable, CaseIterable, Sendable {
    case handled
    case referred
    case notIllegal = "not-illegal"
    case insufficientData = "insufficient-data"
    case duplicate
    case withdrawn
    case outOfScope = "out-of-scope"
    case abusive
}

/// Where one indicator of a case stands: classified or not, and what follows from it.
package enum ItemState: String, Codable, CaseIterable, Sendable {
    case unassessed
    case assessed
    case notActionable = "not-actionable"
    /// The police asked to wait.
    case policeHold = "police-hold"
    /// May be notified to industry.
    case ready

    package func next(_ wanted: ItemState) throws(DomainError) -> ItemState {
        switch (self, wanted) {
        case (.unassessed, .assessed), (.assessed, .assessed), (.assessed, .notActionable), (.assessed, .policeHold),
            (.assessed, .ready), (.policeHold, .ready), (.notActionable, .assessed):
            wanted
        default: throw .conflict("casework.illegal-transition")
        }
    }

    package var offered: [ItemState] {
        Self.allCases.filter { wanted in
            do throws(DomainError) {
                _ = try self.next(wanted)
                return wanted != self
            } catch { return false }
        }
    }
}
