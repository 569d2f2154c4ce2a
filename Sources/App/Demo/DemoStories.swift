import Casework
import DataFiles
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import Vault

/// The invented reports of a demonstration, from `demo/stories.yaml`: told through the same doors as real ones.
struct DemoStories {
    private struct Story: Decodable {
        let kind: String
        let language: Language
        let identity: String
        let name: String?
        let contact: String?
        let fields: [String: [String]]
        let items: [String: [String]]?
        let reply: String?
        let asks: Bool?
    }

    static func tell(_ house: House, _ staff: DemoStaff, resources: URL) async throws {
        let stories = try YAMLFile(folder: resources, name: "demo/stories.yaml").decode([Story].self)
        guard let account = staff.accounts.first(where: { $0.role == .analyst }) else { return }
        let session = try await DemoStaff.session(account, house.identity)
        let access = DeskAccess(principal: session.principal, unitKeys: try await house.identity.unitKeys(session))
        for story in stories {
            guard let questionnaire = house.library.questionnaires[story.kind]?.questionnaire else { continue }
            let items = (story.items ?? [:]).compactMap { key, values in
                Indicator.Kind(rawValue: key).map { ($0, values) }
            }
            let raw = RawSubmission(
                fields: story.fields,
                items: Dictionary(uniqueKeysWithValues: items),
                identity: story.identity,
                name: story.name,
                contact: story.contact
            )
            let submission = try Submission(
                questionnaire,
                raw,
                normaliser: house.intake.normaliser,
                today: house.environment.clock.today()
            )
            let acceptance = try await house.intake.submit(
                submission,
                formToken: SecretToken.random().text,
                language: story.language
            )
            guard let reply = story.reply else { continue }
            let id = acceptance.report.id
            let urgency: Urgency = questionnaire.imminentDanger ? .imminentDanger : .normal
            try await house.casework.triage(
                id,
                version: 1,
                category: questionnaire.category,
                urgency: urgency,
                for: access
            )
            try await house.casework.move(
                id,
                version: try await house.casework.open(id, for: access).file.version,
                .start,
                for: access
            )
            try await house.casework.reply(
                reply,
                on: id,
                version: try await house.casework.open(id, for: access).file.version,
                asking: story.asks ?? false,
                for: access
            )
        }
    }
}
