import Hummingbird
import Vault

/// A cookie that holds a secret token. `__Host-` binds it to this host, to HTTPS and to the whole site; browsers treat
/// http://localhost as secure.
package struct TokenCookie: Sendable {
    package let name: String

    package init(_ name: String) { self.name = "__Host-\(name)" }

    package func token(in request: Request) -> SecretToken? {
        request.cookies[self.name].flatMap { SecretToken($0.value) }
    }

    package func set(_ token: SecretToken, on response: inout Response) {
        response.setCookie(
            Cookie(name: self.name, value: token.text, path: "/", secure: true, httpOnly: true, sameSite: .strict)
        )
    }

    package func clear(on response: inout Response) {
        response.setCookie(
            Cookie(name: self.name, value: "", maxAge: 0, path: "/", secure: true, httpOnly: true, sameSite: .strict)
        )
    }
}
