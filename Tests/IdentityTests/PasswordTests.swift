import Foundation
import Identity
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `Changing the password` {
    private let next = "girofle-marteau-ciel-banquise"

    private func errors(_ body: () async throws -> some Any) async throws -> [String] {
        do {
            _ = try await body()
            return []
        } catch let errors as InputErrors {
            return errors.items.map { "\($0.field) \($0.messageKey)" }
        }
    }

    private func enter(_ rooms: Rooms, _ person: Person, _ password: String) async throws -> SecretToken {
        rooms.clock.advance(30)
        return try await rooms.identity.signIn(
            email: person.email,
            password: password,
            code: rooms.code(person.secret),
            network: "home"
        )
    }

    @Test(arguments: TestEngine.available)
    func `what was sealed before can be read afterwards, with the new password only`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let report = try await rooms.report("Before the change.")
            let token = try await rooms.identity.changePassword(
                current: Rooms.password,
                new: self.next,
                by: desk.session
            )
            let session = try #require(try await rooms.identity.resume(token))
            let id = report.report.id
            #expect(try await rooms.reads("Before the change.", in: id, as: session))
            await #expect(throws: Identity.Refused.self) { try await self.enter(rooms, desk.keyHolder, Rooms.password) }
            let again = try #require(
                try await rooms.identity.resume(try await self.enter(rooms, desk.keyHolder, self.next))
            )
            #expect(try await rooms.reads("Before the change.", in: id, as: again))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a wrong current password and an unfit new one change nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            func change(_ current: String?, _ new: String?) async throws -> [String] {
                try await self.errors {
                    try await rooms.identity.changePassword(current: current, new: new, by: desk.session)
                }
            }
            #expect(try await change("wrong-wrong-wrong", self.next) == ["current error.password-current"])
            #expect(try await change(nil, nil) == ["current error.required", "new error.password-short"])
            #expect(try await change(Rooms.password, Rooms.password) == ["new error.password-same"])
            #expect(try await change(Rooms.password, "keys@desk.example") == ["new error.password-own-words"])
            _ = try await self.enter(rooms, desk.keyHolder, Rooms.password)
        }
    }

    @Test(arguments: TestEngine.available)
    func `all sessions end but this one, which goes on under a new token`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let mine = try await rooms.token(desk.keyHolder)
            let other = try await rooms.token(desk.keyHolder)
            let colleague = try await rooms.token(desk.administrator)
            let session = try #require(try await rooms.identity.resume(mine))
            let token = try await rooms.identity.changePassword(current: Rooms.password, new: self.next, by: session)
            for dead in [mine, other] { #expect(try await rooms.identity.resume(dead) == nil) }
            #expect(try await rooms.identity.resume(colleague) != nil)
            let renewed = try #require(try await rooms.identity.resume(token))
            #expect(renewed.startedAt == session.startedAt)
            #expect(try await rooms.identity.sessions(of: renewed).count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the second factor must have been shown within ten minutes`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let token = try await rooms.token(desk.keyHolder)
            rooms.clock.advance(10 * 60)
            let session = try #require(try await rooms.identity.resume(token))
            await #expect(throws: DomainError.conflict("identity.not-fresh")) {
                try await rooms.identity.changePassword(current: Rooms.password, new: self.next, by: session)
            }
            _ = try await self.enter(rooms, desk.keyHolder, Rooms.password)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a stolen session is no licence to guess the password`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            for _ in 1...10 {
                await #expect(throws: InputErrors.self) {
                    try await rooms.identity.changePassword(
                        current: "guess-guess-guess",
                        new: self.next,
                        by: desk.session
                    )
                }
            }
            await #expect(throws: DomainError.self) {
                try await rooms.identity.changePassword(current: Rooms.password, new: self.next, by: desk.session)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two changes at once one is undone, and the other's password opens the key`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let other = try await rooms.signIn(desk.keyHolder)
            let changes = [(desk.session, self.next), (other, "cactus-lanterne-brume-ocarina")]
            let done = await withTaskGroup(of: String?.self) { group in
                for (session, password) in changes {
                    group.addTask {
                        let token = try? await rooms.identity.changePassword(
                            current: Rooms.password,
                            new: password,
                            by: session
                        )
                        return token.map { _ in password }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let password = try #require(done.compactMap(\.self).first)
            #expect(done.compactMap(\.self).count == 1)
            let session = try #require(
                try await rooms.identity.resume(try await self.enter(rooms, desk.keyHolder, password))
            )
            #expect(try await rooms.identity.unitKeys(session).count == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the version of the derivation is kept beside a salt that is new each time`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let id = desk.keyHolder.id
            func salt() async throws -> Data? {
                try await rooms.database.read { try $0.value(Data.self, "SELECT salt FROM staff WHERE id = \(id)") }
            }
            let before = try await salt()
            _ = try await rooms.identity.changePassword(current: Rooms.password, new: self.next, by: desk.session)
            #expect(try await salt() != before)
            let version = try await rooms.database.read {
                try $0.value(Int.self, "SELECT kdf FROM staff WHERE id = \(id)")
            }
            #expect(version == Int(KeyDerivation.version))
            // A version this program does not know is an error, never a wrong password.
            try await rooms.database.write { try $0.execute("UPDATE staff SET kdf = 77 WHERE id = \(id)") }
            await #expect(throws: VaultError.unsupportedSuite(77)) {
                try await self.enter(rooms, desk.keyHolder, self.next)
            }
        }
    }
}
