import DataFiles
import Foundation
import Indicators
import Intake
import Kernel
import RoomsTesting
import Testing

@Suite struct `Kinds of report` {
    private func faults(_ files: [String: String]) async -> [FileFault] {
        do {
            _ = try await Repository.withFolder(files) { try Questionnaires.load(resources: $0) }
            return []
        } catch { return (error as? FileFaults)?.items ?? [FileFault("?", "\(error)")] }
    }

    @Test func `those in Resources load, and none that is about intimate images or a child has a file field`() throws {
        let all = try Questionnaires.load(resources: Repository.resources).all
        #expect(all.count >= 15)
        #expect(all.contains { $0.questionnaire.route == .child })
        #expect(all.contains { $0.questionnaire.route == .question })
        for version in all {
            let kind = version.questionnaire
            if ["sextortion", "intimate-images", "minor-protection", "child-abuse"].contains(kind.category)
                || kind.route == .child
            {
                #expect(!kind.files, "\(kind.id)")
            }
            #expect(kind.unit == (kind.route == .child ? .child : .desk))
            if kind.route == .child { #expect(kind.items == [.url] && kind.identity == [.anonymous]) }
        }
    }

    @Test func `a minor needs no identity for their own report`() throws {
        for version in try Questionnaires.load(resources: Repository.resources).all {
            #expect(version.questionnaire.identity.first == .anonymous, "\(version.questionnaire.id)")
        }
    }

    @Test(arguments: [
        ("story", "category: scam", "category: sextortion\n#", ""),
        ("danger", "files: false", "files: true", "never have an upload field"),
        ("child-abuse", "files: false", "files: true", "never have an upload field"),
        ("child-abuse", "items: [url]", "items: [url, phone]", "addresses only"),
        ("child-abuse", "kind: long", "kind: text", "text only"),
        ("story", "identity: [anonymous, confidential, named]", "identity: []", "at least one"),
        ("story", "- id: number", "- id: channel", "used twice"),
        ("story", "{question: channel, is: [sms]}", "{question: chanel, is: [sms]}", "not asked before"),
        ("story", "{question: channel, is: [sms]}", "{question: channel, is: [fax]}", "not asked before"),
        ("story", "{question: channel, is: [sms]}", "{question: losses, is: [money]}", "not asked before"),
        ("story", "id: story\ncategory", "id: tale\ncategory", "file's name"),
        ("story", "requird: true", "requird: true", ""),
        ("story", "required: true", "requird: true", "requird"),
        ("story", "kind: date", "kind: dat", "dat"),
    ])
    func `a fault names file and reason`(kind: String, find: String, put: String, says: String) async throws {
        let file = "questionnaires/\(kind).yaml"
        var files = Forms.files
        files[file]?.replace(find, with: put)
        let faults = await self.faults(files)
        if says.isEmpty {
            #expect(faults == [])
        } else {
            let fault = faults.first { $0.file == file && $0.reason.contains(says) }
            #expect((fault?.line ?? 0) > 0, "\(faults)")
        }
    }
}
