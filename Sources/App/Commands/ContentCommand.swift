import ArgumentParser
import Content
import Country
import DataFiles
import Foundation
import Guidance
import Intake

struct ContentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "content",
        abstract: "Look after the texts in Resources/.",
        subcommands: [Check.self]
    )

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read every file and name file, line and reason of each fault."
        )

        func run() async throws {
            let config = try AppConfig.fromProcess()
            do {
                let library = try await Library(country: config.country, resources: config.resources)
                print(
                    "\(library.guidance.problems.count) problems, \(library.guidance.tree.questions.count) questions, "
                        + "\(library.questionnaires.all.count) kinds of report, \(library.content.guideSlugs.count) guides, "
                        + "\(library.country.directory.count) contacts: no fault."
                )
            } catch let faults as FileFaults {
                FileHandle.standardError.write(Data("\(faults)\n".utf8))
                throw ExitCode(1)
            }
        }
    }
}
