import DataFiles
import Foundation
import Kernel
import Mustache

/// All templates in one language, with every text already in its place.
struct TemplateLibrary {
    /// Compiles `templates/SURFACE/NAME.mustache` as `SURFACE.NAME`. Every missing text, partial and parent is a fault:
    /// the engine itself would render nothing there.
    static func load(_ translations: Translations, resources folder: URL) throws(FileFaults) -> MustacheLibrary {
        var faults: [FileFault] = []
        var templates: [String: MustacheTemplate] = [:]
        var uses: [(file: String, name: String)] = []
        for surface in ["shared", "portal", "desk"] {
            for name in YAMLFile.names(in: folder, under: "templates/\(surface)", ending: ".mustache") {
                do throws(FileFaults) {
                    let source = try YAMLFile(folder: folder, name: name).source
                    let (expanded, missing) = translations.expand(source)
                    faults += missing.map { FileFault(name, "the text “\($0)” is missing in \(translations.language)") }
                    let file = name.split(separator: "/").last.map { String($0.dropLast(".mustache".count)) } ?? ""
                    do { templates["\(surface).\(file)"] = try MustacheTemplate(string: expanded) } catch {
                        faults.append(FileFault(name, "\(error)"))
                    }
                    for match in source.matches(of: /\{\{\s*[<>]\s*([A-Za-z.-]+)\s*\}\}/) {
                        uses.append((name, String(match.output.1)))
                    }
                } catch {
                    faults += error.items
                }
            }
        }
        for use in uses where templates[use.name] == nil {
            faults.append(FileFault(use.file, "there is no template “\(use.name)”"))
        }
        if !faults.isEmpty { throw FileFaults(Array(Set(faults))) }
        return MustacheLibrary(templates: templates)
    }
}
