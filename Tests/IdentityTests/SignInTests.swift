import Foundation
import Identity
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `Signing in` {
    private func signIn(
        _ rooms: Rooms,
        _ person: Person,
        email: String? = nil,
        password: String? = nil,
        code: String? = nil,
        network: String = "home"
    ) async throws -> SecretToken {
        try await rooms.identity.signIn(
            email: email ?? person.email,
            password: password ?? person.password,
            code: code ?? rooms.code(person.secret),
            network: network
        )
    }

    /// How many of several sign-ins at the same moment succeed.
    private func simultaneous(_ count: Int, _ body: @escaping @Sendable () async throws -> SecretToken) async throws
        -> Int
    {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...count {
                group.addTask {
                    do {
                        _ = try await body()
                        return true
                    } catch is Identity.Refused { return false }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `address, password and code open a session with the roles' permissions`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            let token = try await self.signIn(rooms, desk.keyHolder, email: "  KEYS@Desk.Example ")
            let session = try #require(try await rooms.identity.resume(token))
            #expect(session.principal.id == desk.keyHolder.id)
            #expect(session.roles == [.senior, .childProtection])
            #expect(session.principal.may(.grantKeys))
            #expect(!session.principal.may(.manageStaff))
            #expect(session.isFresh)
        }
    }

    @Test(arguments: TestEngine.available)
    func `wrong address, password, code and a disabled account are refused alike`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let person = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            rooms.clock.advance(30)
            await #expect(throws: Identity.Refused.self) {
                try await self.signIn(rooms, person, email: "nobody@desk.example")
            }
            await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person, email: "") }
            await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person, password: "wrong") }
            await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person, password: "") }
            for code in ["000000", "", "x", "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"] where code != rooms.code(person.secret) {
                await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person, code: code) }
            }
            try await rooms.identity.disable(person.id, by: try await rooms.signIn(desk.administrator))
            rooms.clock.advance(30)
            await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `somebody invited who has not accepted cannot sign in`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.firstStart()
            await #expect(throws: Identity.Refused.self) {
                try await rooms.identity.signIn(email: "keys@desk.example", password: "", code: "", network: "n")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a code is used once, and older ones are refused after it`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(60)
            let code = rooms.code(desk.keyHolder.secret)
            let older = rooms.code(desk.keyHolder.secret, stepsAhead: -1)
            _ = try await self.signIn(rooms, desk.keyHolder, code: code)
            for used in [code, older] {
                await #expect(throws: Identity.Refused.self) {
                    try await self.signIn(rooms, desk.keyHolder, code: used)
                }
            }
            rooms.clock.advance(30)
            _ = try await self.signIn(rooms, desk.keyHolder)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the code of the enrolment does not sign in`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            let person = try await rooms.accept(links.keyHolder)
            await #expect(throws: Identity.Refused.self) { try await self.signIn(rooms, person) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `of sign-ins at the same moment with one code one succeeds`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            let code = rooms.code(desk.keyHolder.secret)
            let succeeded = try await self.simultaneous(6) {
                try await self.signIn(rooms, desk.keyHolder, code: code)
            }
            #expect(succeeded == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a wrong password does not use up a code`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            await #expect(throws: Identity.Refused.self) {
                try await self.signIn(rooms, desk.keyHolder, password: "wrong")
            }
            _ = try await self.signIn(rooms, desk.keyHolder)
        }
    }

    @Test(arguments: TestEngine.available)
    func `each recovery code signs in once`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let codes = desk.keyHolder.enrolment.recoveryCodes
            #expect(codes.count == 10)
            _ = try await self.signIn(rooms, desk.keyHolder, code: codes[0].lowercased().replacing("-", with: " "))
            await #expect(throws: Identity.Refused.self) {
                try await self.signIn(rooms, desk.keyHolder, code: codes[0])
            }
            let succeeded = try await self.simultaneous(4) {
                try await self.signIn(rooms, desk.keyHolder, code: codes[1])
            }
            #expect(succeeded == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the recovery codes of one person are nothing to another`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            await #expect(throws: Identity.Refused.self) {
                try await self.signIn(rooms, desk.keyHolder, code: desk.administrator.enrolment.recoveryCodes[0])
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `who fails ten times is locked out of that account, from that network only`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            for _ in 1...10 {
                await #expect(throws: Identity.Refused.self) {
                    try await self.signIn(rooms, desk.keyHolder, password: "wrong", network: "attacker")
                }
            }
            do {
                _ = try await self.signIn(rooms, desk.keyHolder, network: "attacker")
                Issue.record("not locked out")
            } catch DomainError.rateLimited(let seconds) { #expect((1...900).contains(seconds)) }
            // The same network at another account, and another network at this one.
            _ = try await self.signIn(rooms, desk.administrator, network: "attacker")
            _ = try await self.signIn(rooms, desk.keyHolder, network: "home")
            rooms.clock.advance(15 * 60)
            _ = try await self.signIn(rooms, desk.keyHolder, network: "attacker")
        }
    }

    @Test(arguments: TestEngine.available)
    func `one network may try fifty times in all`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            for number in 1...50 {
                await #expect(throws: Identity.Refused.self) {
                    try await self.signIn(rooms, desk.keyHolder, email: "\(number)@desk.example", network: "attacker")
                }
            }
            await #expect(throws: DomainError.self) {
                try await self.signIn(rooms, desk.keyHolder, email: "51@desk.example", network: "attacker")
            }
            _ = try await self.signIn(rooms, desk.keyHolder, network: "home")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a success forgives earlier mistakes`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            for _ in 1...3 {
                rooms.clock.advance(30)
                for _ in 1...8 {
                    await #expect(throws: Identity.Refused.self) {
                        try await self.signIn(rooms, desk.keyHolder, password: "wrong")
                    }
                }
                _ = try await self.signIn(rooms, desk.keyHolder)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `naughty strings are refused and do no harm`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            for (number, text) in NaughtyStrings.all.enumerated() {
                for (email, password, code) in [(text, text, text), (desk.keyHolder.email, Rooms.password, text)] {
                    await #expect(throws: Identity.Refused.self, "\(text.debugDescription)") {
                        try await self.signIn(
                            rooms,
                            desk.keyHolder,
                            email: email,
                            password: password,
                            code: code,
                            network: "\(number)"
                        )
                    }
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a real installation has no way in without second factor`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.signInToDemonstration(email: desk.keyHolder.email, password: Rooms.password)
            }
        }
    }
}

@Suite struct `Sessions` {
    @Test(arguments: TestEngine.available)
    func `a session ends after thirty minutes without a page`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let token = try await rooms.token(try await rooms.openDesk().keyHolder)
            for _ in 1...3 {
                rooms.clock.advance(29 * 60)
                #expect(try await rooms.identity.resume(token) != nil)
            }
            rooms.clock.advance(30 * 60)
            #expect(try await rooms.identity.resume(token) == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a session ends after twelve hours in any case`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let token = try await rooms.token(try await rooms.openDesk().keyHolder)
            for _ in 1..<36 {
                rooms.clock.advance(20 * 60)
                #expect(try await rooms.identity.resume(token) != nil)
            }
            rooms.clock.advance(20 * 60)
            #expect(try await rooms.identity.resume(token) == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the second factor is fresh for ten minutes`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let token = try await rooms.token(try await rooms.openDesk().keyHolder)
            rooms.clock.advance(10 * 60 - 1)
            #expect(try await rooms.identity.resume(token)?.isFresh == true)
            rooms.clock.advance(1)
            #expect(try await rooms.identity.resume(token)?.isFresh == false)
        }
    }

    @Test(arguments: TestEngine.available)
    func `signing out ends this session and no other`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let first = try await rooms.token(desk.keyHolder)
            let second = try await rooms.token(desk.keyHolder)
            try await rooms.identity.signOut(try #require(try await rooms.identity.resume(first)))
            #expect(try await rooms.identity.resume(first) == nil)
            #expect(try await rooms.identity.resume(second) != nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a disabled account's sessions end at once`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            let token = try await rooms.token(analyst)
            try await rooms.identity.disable(analyst.id, by: try await rooms.signIn(desk.administrator))
            #expect(try await rooms.identity.resume(token) == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a stolen session row opens nothing without the cookie`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let token = try await rooms.token(desk.keyHolder)
            let other = try await rooms.token(desk.administrator)
            let dump = try await Dump(rooms.database)
            #expect(!dump.holds(token.text))
            #expect(
                !dump.holds(
                    try #require(
                        Data(base64Encoded: token.text.replacing("-", with: "+").replacing("_", with: "/") + "=")
                    )
                )
            )
            // The hash in the row is not the token.
            for cell in dump.cells where cell.column == "token_hash" {
                if let forged = SecretToken(String(cell.text.prefix(43))) {
                    #expect(try await rooms.identity.resume(forged) == nil)
                }
            }
            // Somebody who may write gives their own session another's key, and then another's name.
            try await rooms.database.write { tx in
                let key = try tx.value(
                    Data.self,
                    "SELECT sealed_key FROM staff_session WHERE token_hash = \(token.hash)"
                )
                try tx.execute("UPDATE staff_session SET sealed_key = \(key) WHERE token_hash = \(other.hash)")
            }
            await #expect(throws: VaultError.self) { try await rooms.identity.resume(other) }
            try await rooms.database.write { tx in
                try tx.execute(
                    "UPDATE staff_session SET staff_id = \(desk.administrator.id) WHERE token_hash = \(token.hash)"
                )
            }
            await #expect(throws: VaultError.self) { try await rooms.identity.resume(token) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a session opens nothing on a server with another master key`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let other = try await Rooms(rooms.database, clock: rooms.clock)
            rooms.clock.advance(30)
            await #expect(throws: Identity.Refused.self) {
                try await other.identity.signIn(
                    email: desk.keyHolder.email,
                    password: Rooms.password,
                    code: other.code(desk.keyHolder.secret),
                    network: "n"
                )
            }
        }
    }
}

@Suite struct `What identity keeps` {
    @Test(arguments: TestEngine.available)
    func `no secret of anybody can be read in the database`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let token = try await rooms.token(desk.keyHolder)
            let link = try await rooms.identity.invite(
                email: "x@y.example",
                name: "Some",
                roles: ["analyst"],
                by: desk.session
            )
            let dump = try await Dump(rooms.database)
            // The dump sees something at all.
            #expect(dump.holds("keys@desk.example"))
            #expect(!dump.holds(Rooms.password))
            #expect(!dump.holds(desk.keyHolder.secret))
            #expect(!dump.holds(TOTP.base32(desk.keyHolder.secret)))
            #expect(!dump.holds(desk.keyHolder.enrolment.recoveryKey))
            for code in desk.keyHolder.enrolment.recoveryCodes { #expect(!dump.holds(code)) }
            for secret in [token, link] { #expect(!dump.holds(secret.text)) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `every act has its entry in the log, which names nobody and verifies`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let link = try await rooms.identity.invite(
                email: "x@y.example",
                name: "Some",
                roles: ["analyst"],
                by: administrator
            )
            let analyst = try await rooms.accept(link)
            try await rooms.identity.grantKeys(to: analyst.id, by: desk.session)
            try await rooms.identity.disable(analyst.id, by: administrator)
            try await rooms.identity.signOut(administrator)
            let entries = try await rooms.database.read { try AuditLog.entries($0) }.reversed()
            #expect(
                entries.map(\.action) == [
                    "identity.first-start", "identity.accepted", "identity.accepted", "identity.signed-in",
                    "identity.signed-in", "identity.invited", "identity.accepted", "identity.keys-granted",
                    "identity.disabled", "identity.signed-out",
                ]
            )
            #expect(try await rooms.audit.verify(rooms.database) == .intact(count: 10))
            let text = entries.map { "\($0.fields)" }.joined()
            for word in ["example", "Some", Rooms.password, link.text] { #expect(!text.contains(word)) }
        }
    }
}

extension AuditLog.Entry {
    fileprivate var fields: [String] { [self.actor, self.action, self.subject, self.detail, self.day] }
}
