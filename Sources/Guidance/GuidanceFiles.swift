import DataFiles
import Foundation
import Kernel

extension Guidance {
    /// What the files of guidance point to in other rooms, for checking that it exists.
    package struct Neighbours: Sendable {
        package let contacts: Set<String>
        package let sourcedContacts: Set<String>
        package let guides: Set<String>
        package let reportKinds: Set<String>

        package init(contacts: Set<String>, sourcedContacts: Set<String>, guides: Set<String>, reportKinds: Set<String>)
        {
            self.contacts = contacts
            self.sourcedContacts = sourcedContacts
            self.guides = guides
            self.reportKinds = reportKinds
        }
    }

    /// - Parameter folder: `Resources/`
    package static func load(resources folder: URL, neighbours: Neighbours) throws(FileFaults) -> Guidance {
        let treeFile = try YAMLFile(folder: folder, name: "guidance/tree.yaml")
        let tree = try treeFile.decode(Tree.self)
        var faults: [FileFault] = []
        var problems: [Problem] = []
        for name in YAMLFile.names(in: folder, under: "guidance/problems", ending: ".yaml") {
            do throws(FileFaults) {
                let file = try YAMLFile(folder: folder, name: name)
                let problem = try file.decode(Problem.self)
                problems.append(problem)
                faults += ProblemCheck(problem, file, neighbours).faults
            } catch {
                faults += error.items
            }
        }
        let guidance = Guidance(tree: tree, problems: problems)
        faults += TreeCheck(guidance, treeFile).faults
        faults += ProblemCheck.sharedSteps(problems)
        if !faults.isEmpty { throw FileFaults(faults) }
        return guidance
    }
}
