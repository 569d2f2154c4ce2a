extension Indicator {
    /// So written that no program and no finger opens it: `hxxps[:]//name[.]example/path`.
    package var defanged: String {
        switch self.kind {
        case .url, .account, .email:
            self.written.replacing("://", with: "[:]//").replacing(".", with: "[.]")
                .replacing("@", with: self.kind == .email ? "[@]" : "@")
                .replacing(/http(s?)\[:\]/.ignoresCase()) { "hxxp\($0.output.1.lowercased())[:]" }
        case .phone, .iban: self.written
        }
    }

    /// So little of it that it can be told apart from others and not read: scheme and length.
    package var masked: String {
        let scheme =
            self.written.split(separator: ":").first.map { $0.lowercased().hasPrefix("https") ? "hxxps" : "hxxp" }
            ?? "hxxp"
        return "\(scheme)[:]//\(String(repeating: "•", count: 12)) (\(self.written.count))"
    }
}
