extension Indicator {
    /// So written that no program and no finger opens it: `hxxps[:]//name[.]example/path`.
    package var defanged: String {
        switch self.kind {
        case .url, .account, .email:
            self.written.replacing("://", with: "[:]//").replacing(".", with: "[.]")
                .replacing("@", with: self.kind == .email ? "[@]" : "@")
                .replacing("https[:]", with: "hxxps[:]").replacing("http[:]", with: "hxxp[:]")
        case .phone, .iban: self.written
        }
    }
}
