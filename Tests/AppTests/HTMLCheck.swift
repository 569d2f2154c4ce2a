/// A strict reader of the HTML we write: everything closed and nested, attributes quoted, identifiers unique and
/// pointing to something, one heading of the first level, a name for every field, nothing inline.
struct HTMLCheck {
    private(set) var faults: [String] = []
    private var open: [String] = []
    private var ids: Set<String> = []
    private var references: [(String, String)] = []
    private var labels: Set<String> = []
    private var fields: [(id: String?, name: String)] = []
    private var headings = 0
    private var titles = 0

    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
    private static let blocks: Set<String> = [
        "div", "p", "ul", "ol", "dl", "form", "fieldset", "table", "section", "article", "aside", "header", "footer",
        "nav", "main", "h1", "h2", "h3", "h4", "figure", "blockquote", "pre", "hr", "details",
    ]

    static func unescaped(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&#x27;", with: "'").replacing("&amp;", with: "&")
    }

    init(_ html: String) {
        if !html.lowercased().hasPrefix("<!doctype html>") { self.faults.append("no doctype") }
        if html.contains("{{") || html.contains("}}") { self.faults.append("a template's brackets are left") }
        var rest = html.dropFirst("<!doctype html>".count)
        while let start = rest.firstIndex(of: "<") {
            self.text(rest[..<start])
            rest = rest[start...]
            if rest.hasPrefix("<!--") {
                guard let end = rest.firstRange(of: "-->") else { break }
                rest = rest[end.upperBound...]
                continue
            }
            guard let end = Self.end(of: rest) else {
                self.faults.append("an unfinished tag: \(rest.prefix(60))")
                break
            }
            self.tag(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        }
        self.text(rest)
        if !self.open.isEmpty { self.faults.append("not closed: \(self.open.joined(separator: " "))") }
        if self.headings != 1 { self.faults.append("\(self.headings) headings of the first level") }
        if self.titles != 1 { self.faults.append("\(self.titles) titles") }
        for (attribute, id) in self.references where !self.ids.contains(id) {
            self.faults.append("\(attribute) names “\(id)”, which is not there")
        }
        for field in self.fields where field.id.map(self.labels.contains) != true {
            self.faults.append("the field “\(field.name)” has no label")
        }
    }

    /// The `>` that ends the tag: not one inside of quotes.
    private static func end(of text: Substring) -> Substring.Index? {
        var isQuoted = false
        for index in text.indices {
            if text[index] == "\"" { isQuoted.toggle() }
            if text[index] == ">", !isQuoted { return index }
        }
        return nil
    }

    private mutating func text(_ text: Substring) {
        if text.contains(">") { self.faults.append("a bare > in “\(text.prefix(60))”") }
        self.entities(text)
    }

    private mutating func entities(_ text: Substring) {
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            let entity = rest[start...].prefixMatch(of: /&(?:[a-zA-Z][a-zA-Z0-9]*|#[0-9]+|#x[0-9a-fA-F]+);/)
            if entity == nil { self.faults.append("a bare & in “\(text.prefix(80))”") }
            rest = rest[rest.index(after: start)...]
        }
    }

    private mutating func tag(_ inside: Substring) {
        if inside.hasPrefix("/") {
            let name = inside.dropFirst().lowercased()
            guard self.open.last == name else {
                self.faults.append("</\(name)> closes <\(self.open.last ?? "nothing")>")
                if let index = self.open.lastIndex(of: name) { self.open.removeSubrange(index...) }
                return
            }
            self.open.removeLast()
            return
        }
        let isSelfClosing = inside.hasSuffix("/")
        let body = isSelfClosing ? inside.dropLast() : inside
        let name = String(body.prefix { !$0.isWhitespace }).lowercased()
        let attributes = self.attributes(body.dropFirst(name.count), of: name)
        self.look(at: name, attributes)
        if Self.void.contains(name) { return }
        if isSelfClosing {
            if !self.open.contains("svg"), name != "svg" {
                self.faults.append("<\(name)/> closes itself outside of a picture")
            }
            return
        }
        self.open.append(name)
    }

    private mutating func attributes(_ text: Substring, of tag: String) -> [String: String] {
        var found: [String: String] = [:]
        var rest = text
        while let start = rest.firstIndex(where: { !$0.isWhitespace }) {
            rest = rest[start...]
            let name = String(rest.prefix { !$0.isWhitespace && $0 != "=" })
            if name.isEmpty || name.contains(where: { "\"'<>".contains($0) }) {
                self.faults.append("<\(tag)> has a strange attribute: \(rest.prefix(60))")
                return found
            }
            rest = rest.dropFirst(name.count)
            var value = ""
            if rest.hasPrefix("=") {
                guard rest.hasPrefix("=\""), let end = rest.dropFirst(2).firstIndex(of: "\"") else {
                    self.faults.append("<\(tag) \(name)> is not quoted")
                    return found
                }
                let raw = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
                self.entities(raw)
                if raw.contains("<") { self.faults.append("a bare < in \(name)") }
                value = Self.unescaped(String(raw))
                rest = rest[rest.index(after: end)...]
                if let next = rest.first, !next.isWhitespace {
                    self.faults.append("no blank after \(name) in <\(tag)>")
                }
            }
            if found.updateValue(value, forKey: name) != nil { self.faults.append("<\(tag)> has \(name) twice") }
        }
        return found
    }

    private mutating func look(at name: String, _ attributes: [String: String]) {
        for attribute in attributes.keys where attribute.hasPrefix("on") || attribute == "style" {
            self.faults.append("<\(name)> has an inline \(attribute)")
        }
        if let id = attributes["id"] {
            if id.isEmpty || id.contains(where: \.isWhitespace) { self.faults.append("a strange id “\(id)”") }
            if !self.ids.insert(id).inserted { self.faults.append("the id “\(id)” is used twice") }
        }
        for attribute in ["for", "aria-describedby", "aria-labelledby", "aria-controls"] {
            for id in (attributes[attribute] ?? "").split(separator: " ") {
                self.references.append((attribute, String(id)))
            }
        }
        if let href = attributes["href"], href.hasPrefix("#"), href.count > 1 {
            self.references.append(("href", String(href.dropFirst())))
        }
        for attribute in ["href", "src", "action", "formaction"] {
            if let value = attributes[attribute]?.lowercased() {
                if value.hasPrefix("javascript:") || value.hasPrefix("data:") {
                    self.faults.append("\(attribute) is \(value)")
                }
                if attribute != "href", value.contains("//") { self.faults.append("\(attribute) leads away: \(value)") }
                if name == "link", value.contains("//"), attributes["rel"] == "stylesheet" {
                    self.faults.append("a style from elsewhere")
                }
            }
        }
        switch name {
        case "html":
            if attributes["lang"]?.isEmpty != false || attributes["dir"]?.isEmpty != false {
                self.faults.append("no language or direction")
            }
        case "h1": self.headings += 1
        case "title" where !self.open.contains("svg"): self.titles += 1
        case "style": self.faults.append("an inline style")
        case "script" where attributes["src"] == nil: self.faults.append("an inline script")
        case "img" where attributes["alt"] == nil: self.faults.append("a picture without words")
        case "label": if let id = attributes["for"] { self.labels.insert(id) }
        case "input", "select", "textarea":
            let type = attributes["type"] ?? "text"
            let isNamed =
                self.open.contains("label") || attributes["aria-label"] != nil || attributes["aria-labelledby"] != nil
            if type != "hidden", type != "submit", !isNamed {
                self.fields.append((attributes["id"], attributes["name"] ?? name))
            }
        default: break
        }
        let parent = self.open.last ?? ""
        if Self.blocks.contains(name), self.open.contains("p") { self.faults.append("<\(name)> inside of <p>") }
        if name == "form", self.open.contains("form") { self.faults.append("a form inside of a form") }
        if ["a", "button"].contains(name), self.open.contains("a") || self.open.contains("button") {
            self.faults.append("<\(name)> inside of a link or button")
        }
        if name == "li", !["ul", "ol"].contains(parent) { self.faults.append("<li> inside of <\(parent)>") }
        if ["td", "th"].contains(name), parent != "tr" { self.faults.append("<\(name)> inside of <\(parent)>") }
        if name == "option", !["select", "optgroup", "datalist"].contains(parent) {
            self.faults.append("<option> inside of <\(parent)>")
        }
        if ["dt", "dd"].contains(name), !["dl", "div"].contains(parent) {
            self.faults.append("<\(name)> inside of <\(parent)>")
        }
    }
}
