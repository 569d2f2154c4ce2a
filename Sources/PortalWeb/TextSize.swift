import Hummingbird

/// How large the text of a guide is, remembered by a cookie that says nothing else. Works without JavaScript.
enum TextSize: Int, CaseIterable, Sendable {
    case normal = 1
    case large
    case largest

    private static let cookie = "__Host-taille"

    init?(_ text: String) {
        guard let number = Int(text) else { return nil }
        self.init(rawValue: number)
    }

    init(_ request: Request) {
        self = request.cookies[Self.cookie].flatMap { TextSize($0.value) } ?? .normal
    }

    func remember(on response: inout Response) {
        // A year; the normal size needs no cookie.
        response.setCookie(
            Cookie(
                name: Self.cookie,
                value: String(self.rawValue),
                maxAge: self == .normal ? 0 : 31_536_000,
                path: "/",
                secure: true,
                httpOnly: true,
                sameSite: .strict
            )
        )
    }
}
