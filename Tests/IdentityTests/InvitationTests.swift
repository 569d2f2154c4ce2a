import Foundation
import Identity
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `Invitations` {
    @Test(arguments: TestEngine.available)
    func `an invitation is used once`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            _ = try await rooms.accept(links.keyHolder)
            #expect(try await rooms.identity.invited(links.keyHolder) == nil)
            await #expect(throws: DomainError.notFound) { try await rooms.accept(links.keyHolder) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two who accept the same link at once only one succeeds, and only their password works`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            let passwords = (1...4).map { "\(Rooms.password)-\($0)" }
            let people = await withTaskGroup(of: Person?.self) { group in
                for password in passwords {
                    group.addTask { try? await rooms.accept(links.keyHolder, password: password) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let accepted = people.compactMap(\.self)
            #expect(accepted.count == 1)
            let person = try #require(accepted.first)
            _ = try await rooms.signIn(person)
            for password in passwords where password != person.password {
                rooms.clock.advance(30)
                await #expect(throws: Identity.Refused.self) {
                    try await rooms.identity.signIn(
                        email: person.email,
                        password: password,
                        code: rooms.code(person.secret),
                        network: "n"
                    )
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `an invitation ends after 72 hours`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            rooms.clock.advance(72 * 3600 - 1)
            #expect(try await rooms.identity.invited(links.keyHolder) != nil)
            rooms.clock.advance(1)
            #expect(try await rooms.identity.invited(links.keyHolder) == nil)
            await #expect(throws: DomainError.notFound) { try await rooms.accept(links.keyHolder) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a link nobody made invites nobody`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.firstStart()
            #expect(try await rooms.identity.invited(.random()) == nil)
            await #expect(throws: DomainError.notFound) { try await rooms.accept(.random()) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a refused acceptance uses nothing up and names every mistake`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            do {
                _ = try await rooms.identity.accept(
                    links.keyHolder,
                    name: "",
                    password: "short",
                    secret: TOTP.newSecret(),
                    code: "x"
                )
                Issue.record("accepted")
            } catch let errors as InputErrors {
                #expect(errors.items.map(\.field) == ["name", "password", "code"])
            }
            #expect(try await rooms.identity.invited(links.keyHolder) != nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `only who manages staff or grants keys invites`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            for role in [Role.intake, .analyst, .childProtection, .legal, .statistician, .auditor] {
                let session = try await rooms.signIn(
                    try await rooms.staff([role], "\(role.rawValue)@desk.example", of: desk)
                )
                await #expect(throws: DomainError.forbidden, "\(role)") {
                    try await rooms.identity.invite(
                        email: "x@desk.example",
                        name: "Some",
                        roles: ["analyst"],
                        by: session
                    )
                }
                await #expect(throws: DomainError.forbidden) { try await rooms.identity.staff(for: session) }
                await #expect(throws: DomainError.forbidden) {
                    try await rooms.identity.disable(desk.keyHolder.id, by: session)
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what an invitation cannot be is refused by field`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            func refusal(_ email: String?, _ name: String?, _ roles: [String]) async -> [String] {
                do {
                    _ = try await rooms.identity.invite(email: email, name: name, roles: roles, by: desk.session)
                    return []
                } catch let errors as InputErrors { return errors.items.map { "\($0.field) \($0.messageKey)" } } catch {
                    return ["\(error)"]
                }
            }
            #expect(await refusal(nil, "Some", ["analyst"]) == ["email error.required"])
            #expect(await refusal("x", "Some", ["analyst"]) == ["email error.email"])
            #expect(await refusal("x@y.example", "", ["analyst"]) == ["name error.required"])
            #expect(await refusal("x@y.example", "Some", []) == ["roles error.choose"])
            #expect(await refusal("x@y.example", "Some", ["analyst", "king"]) == ["roles error.choose"])
            #expect(await refusal("KEYS@desk.example", "Some", ["analyst"]) == ["email error.email-taken"])
            for role in ["analyst", "senior", "intake", "legal", "child-protection"] {
                #expect(await refusal("x@y.example", "Some", ["administrator", role]) == ["roles error.roles-apart"])
            }
            #expect(await refusal("x@y.example", "Some", ["administrator", "auditor"]) == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `the invitation of a disabled account opens nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let link = try await rooms.identity.invite(
                email: "x@y.example",
                name: "Some",
                roles: ["analyst"],
                by: desk.session
            )
            let id = try #require(try await rooms.identity.invited(link)?.id)
            try await rooms.identity.disable(id, by: try await rooms.signIn(desk.administrator))
            await #expect(throws: DomainError.notFound) { try await rooms.accept(link) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `nobody disables themselves, and nobody is disabled twice`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                try await rooms.identity.disable(desk.administrator.id, by: administrator)
            }
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.disable(desk.administrator.id, by: desk.session)
            }
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            try await rooms.identity.disable(analyst.id, by: administrator)
            await #expect(throws: DomainError.notFound) {
                try await rooms.identity.disable(analyst.id, by: administrator)
            }
        }
    }
}

@Suite struct `Passwords` {
    private func refusal(_ password: String, _ ownWords: [String] = []) -> String? {
        var input = InputReader()
        PasswordPolicy(ownWords: ownWords).check(password, &input)
        return input.errors["password"]?.messageKey
    }

    @Test(arguments: [
        "tamarin-voilier-orage", "tamarinvoilierorage", "Vx9!kq2@Lm4#tzw", "ⵜⴰⴼⵓⴽⵜ ⴷ ⵡⴰⵢⵢⵓⵔ ⴷ ⵉⵜⵔⴰⵏ",
        "قمر وشمس وبحر ونجوم", "je mange des oranges bleues", String(repeating: "abcdefgh", count: 16),
    ])
    func `long enough and not to be guessed is all that is asked`(password: String) {
        #expect(self.refusal(password) == nil)
    }

    @Test func `fifteen signs are the least, 128 the most`() {
        #expect(self.refusal("tamarin-voilie") == "error.password-short")
        #expect(self.refusal("tamarin-voilier") == nil)
        #expect(self.refusal(String(repeating: "abcdefgh", count: 16) + "i") == "error.too-long")
        #expect(self.refusal("") == "error.password-short")
        #expect(self.refusal("👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦") == "error.password-short")
    }

    @Test(arguments: [
        "cyberconfiance2026", "Cyber-Confiance-Maroc-1", "CONFIANCE confiance CONFIANCE", "password-password-password",
        "maroc maroc maroc 2030", "المغرب المغرب المغرب",
    ])
    func `words of the platform alone are no password`(password: String) {
        #expect(self.refusal(password) == "error.password-own-words")
    }

    @Test func `one's own name and address alone are no password`() {
        #expect(
            self.refusal("salma.bennani@desk.example", ["salma.bennani@desk.example", "Salma Bennani"])
                == "error.password-own-words"
        )
        #expect(
            self.refusal("Sàlma-Bénnani-1990", ["salma.bennani@desk.example", "Salma Bennani"])
                == "error.password-own-words"
        )
        #expect(self.refusal("Sàlma-Bénnani-1990") == nil)
    }

    @Test func `naughty strings do no harm`() {
        for text in NaughtyStrings.all { _ = self.refusal(text, [text]) }
    }
}
