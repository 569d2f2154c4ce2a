import Foundation
import Identity
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `My sessions and my second factor` {
    @Test(arguments: TestEngine.available)
    func `a person sees their own sessions, this one marked, seen to the minute`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            _ = try await rooms.token(desk.administrator)
            let session = try await rooms.signIn(desk.keyHolder)
            let listed = try await rooms.identity.sessions(of: session)
            #expect(listed.map(\.isThis) == [true, false])
            #expect(listed[0].startedAt == rooms.clock.now)
            #expect(listed.allSatisfy { $0.seenAt.timeIntervalSince1970.truncatingRemainder(dividingBy: 60) == 0 })
            rooms.clock.advance(30 * 60)
            #expect(try await rooms.identity.sessions(of: session).isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `one can be ended or all others, but nobody else's`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.token(desk.administrator)
            let tokens = [
                try await rooms.token(desk.keyHolder), try await rooms.token(desk.keyHolder),
                try await rooms.token(desk.keyHolder),
            ]
            let mine = try #require(try await rooms.identity.resume(tokens[0]))
            let theirs = try #require(try await rooms.identity.resume(administrator))
            let foreign = try #require(try await rooms.identity.sessions(of: theirs).first)
            let this = try #require(try await rooms.identity.sessions(of: mine).first { $0.isThis })
            for id in [foreign.id, this.id, "", "x", String(repeating: "0", count: 16)] {
                await #expect(throws: DomainError.notFound) { try await rooms.identity.endSession(id, by: mine) }
            }
            let second = try #require(try await rooms.identity.resume(tokens[1]))
            let listed = try #require(try await rooms.identity.sessions(of: second).first { $0.isThis })
            try await rooms.identity.endSession(listed.id, by: mine)
            #expect(try await rooms.identity.resume(tokens[1]) == nil)
            #expect(try await rooms.identity.resume(tokens[2]) != nil)
            try await rooms.identity.endOtherSessions(by: mine)
            #expect(try await rooms.identity.resume(tokens[2]) == nil)
            #expect(try await rooms.identity.resume(tokens[0]) != nil)
            #expect(try await rooms.identity.resume(administrator) != nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the second factor shown again gives ten minutes and a new token`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let token = try await rooms.token(desk.keyHolder)
            rooms.clock.advance(15 * 60)
            let stale = try #require(try await rooms.identity.resume(token))
            #expect(!stale.isFresh)
            let renewed = try await rooms.identity.showFactor(rooms.code(desk.keyHolder.secret), for: stale)
            #expect(try await rooms.identity.resume(token) == nil)
            let fresh = try #require(try await rooms.identity.resume(renewed))
            #expect(fresh.isFresh && fresh.startedAt == stale.startedAt)
            #expect(try await rooms.identity.unitKeys(fresh).count == 2)
            // The session that was replaced does nothing more.
            await #expect(throws: (any Error).self) {
                try await rooms.identity.showFactor(rooms.code(desk.keyHolder.secret, stepsAhead: 1), for: stale)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `no code is taken twice, whatever it was for`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let session = try await rooms.signIn(desk.keyHolder)
            let ofSignIn = rooms.code(desk.keyHolder.secret)
            await #expect(throws: InputErrors("error.totp", for: "code")) {
                try await rooms.identity.showFactor(ofSignIn, for: session)
            }
            let code = rooms.code(desk.keyHolder.secret, stepsAhead: 1)
            let renewed = try await rooms.identity.showFactor(code, for: session)
            let again = try #require(try await rooms.identity.resume(renewed))
            await #expect(throws: InputErrors("error.totp", for: "code")) {
                try await rooms.identity.showFactor(code, for: again)
            }
            await #expect(throws: Identity.Refused.self) {
                try await rooms.identity.signIn(
                    email: desk.keyHolder.email,
                    password: Rooms.password,
                    code: code,
                    network: "home"
                )
            }
            let paper = desk.keyHolder.enrolment.recoveryCodes[0]
            let third = try #require(
                try await rooms.identity.resume(try await rooms.identity.showFactor(paper, for: again))
            )
            await #expect(throws: InputErrors("error.totp", for: "code")) {
                try await rooms.identity.showFactor(paper, for: third)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `an empty code passes in a demonstration only`(engine: TestEngine) async throws {
        try await engine.withDatabase(Rooms.schemas) { database in
            let real = try await Rooms(database)
            let session = try await real.openDesk().session
            await #expect(throws: InputErrors.self) { try await real.identity.showFactor("", for: session) }
            let demo = try await Rooms(database, clock: real.clock, master: real.master, isDemonstration: true)
            await #expect(throws: InputErrors.self) { try await demo.identity.showFactor("123456", for: session) }
            let token = try await demo.identity.showFactor(" ", for: session)
            #expect(try await demo.identity.resume(token)?.isFresh == true)
        }
    }

    @Test(arguments: TestEngine.available)
    func `ten wrong codes stop the guessing, and a quarter of an hour later it goes on`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let token = try await rooms.token(desk.keyHolder)
            let session = try #require(try await rooms.identity.resume(token))
            for _ in 1...10 {
                await #expect(throws: InputErrors.self) { try await rooms.identity.showFactor("x", for: session) }
            }
            await #expect(throws: DomainError.self) {
                try await rooms.identity.showFactor(rooms.code(desk.keyHolder.secret, stepsAhead: 1), for: session)
            }
            rooms.clock.advance(15 * 60)
            _ = try await rooms.identity.showFactor(rooms.code(desk.keyHolder.secret), for: session)
        }
    }

    @Test(arguments: TestEngine.available)
    func `another authenticator takes the place of the old one`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let secret = TOTP.newSecret()
            await #expect(throws: InputErrors("error.totp", for: "code")) {
                try await rooms.identity.replaceFactor(
                    secret: secret,
                    code: rooms.code(desk.keyHolder.secret),
                    by: desk.session
                )
            }
            try await rooms.identity.replaceFactor(secret: secret, code: rooms.code(secret), by: desk.session)
            rooms.clock.advance(30)
            for (secret, fits) in [(desk.keyHolder.secret, false), (secret, true)] {
                let token = try? await rooms.identity.signIn(
                    email: desk.keyHolder.email,
                    password: Rooms.password,
                    code: rooms.code(secret),
                    network: "home"
                )
                #expect((token != nil) == fits)
            }
        }
    }
}
