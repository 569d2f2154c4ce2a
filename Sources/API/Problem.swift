import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import WebSupport

/// What went wrong, as RFC 9457 has it. The raw value ends its type, `/problems/…`, and the keys of its sentences.
enum Problem: String, CaseIterable, Sendable {
    case malformed
    case encoding
    case duplicate
    case tooDeep = "too-deep"
    case unknownField = "unknown-field"
    case badParameter = "bad-parameter"
    case unauthorized
    case forbidden
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case slow
    case conflict
    case locked
    case closedCase = "case-closed"
    case inProgress = "in-progress"
    case stale = "stale-version"
    case tooLarge = "too-large"
    case mediaType = "media-type"
    case invalid
    case versionRequired = "version-required"
    case rateLimited = "rate-limited"
    case refused
    case internalError = "internal"
    case unavailable
    case intakeClosed = "intake-closed"
    case childClosed = "child-route-closed"

    /// Keys that code composes, checked at start-up.
    static let keys = Self.allCases.flatMap { problem in
        ["title", "detail"].map { "api.problem.\(problem.rawValue).\($0)" }
    }

    var status: HTTPResponse.Status {
        switch self {
        case .malformed, .encoding, .duplicate, .tooDeep, .unknownField, .badParameter, .refused: .badRequest
        case .unauthorized: .unauthorized
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .slow: .requestTimeout
        case .conflict, .locked, .closedCase, .inProgress: .conflict
        case .stale: .preconditionFailed
        case .tooLarge: .contentTooLarge
        case .mediaType: .unsupportedMediaType
        case .invalid: .unprocessableContent
        case .versionRequired: .preconditionRequired
        case .rateLimited: .tooManyRequests
        case .internalError: .internalServerError
        case .unavailable, .intakeClosed, .childClosed: .serviceUnavailable
        }
    }

    /// The only translation from errors to problems.
    static func of(_ error: any Error) -> Problem {
        switch error {
        case let failure as Failure: failure.problem
        case is SignInRequired: .unauthorized
        case DomainError.notFound: .notFound
        case DomainError.forbidden: .forbidden
        case DomainError.conflict("casework.changed-meanwhile"): .stale
        case DomainError.conflict("casework.locked"): .locked
        case DomainError.conflict("casework.already-closed"): .closedCase
        case DomainError.conflict: .conflict
        case DomainError.invalid, is InputErrors: .invalid
        case DomainError.rateLimited, is MustWait: .rateLimited
        case DomainError.unavailable("intake.closed"): .intakeClosed
        case DomainError.unavailable("intake.child-closed"): .childClosed
        case DomainError.unavailable: .unavailable
        case let error as any HTTPResponseError: Self.of(error.status)
        default: .internalError
        }
    }

    private static func of(_ status: HTTPResponse.Status) -> Problem {
        let known = [Problem.notFound, .forbidden, .slow, .tooLarge, .mediaType, .rateLimited, .unavailable]
        if let problem = known.first(where: { $0.status == status }) { return problem }
        return status.kind == .serverError ? .internalError : .refused
    }
}

/// A problem found by the API itself.
struct Failure: Error {
    let problem: Problem
    /// Names of what was not known: parts of the request, cut short.
    var names: [String] = []

    init(_ problem: Problem, names: [String] = []) {
        self.problem = problem
        self.names = names
    }
}

/// Too many reports at this moment: this one is taken after a pause, with the permission that the problem carries.
struct MustWait: Error {
    let waited: String
}

/// The document that a problem is sent as.
struct ProblemDocument: Encodable {
    struct Item: Encodable {
        /// JSON pointer into the body, or the name of a parameter.
        let pointer: String
        let code: String
        let detail: String
    }

    let type: String
    let title: String
    let status: Int
    let detail: String
    /// The request's id, for a report to the operator; only where the fault is ours.
    let instance: String?
    let errors: [Item]?
    /// To be sent again with the report after the pause.
    let waited: String?

    init(_ error: any Error, _ texts: Translations, requestID: String, status: HTTPResponse.Status? = nil) {
        let problem = Problem.of(error)
        let title = texts.text("api.problem.\(problem.rawValue).title")
        self.type = "/problems/\(problem.rawValue)"
        self.title = title
        self.status = status?.code ?? problem.status.code
        self.detail = texts.text("api.problem.\(problem.rawValue).detail")
        self.instance = problem.status.kind == .serverError ? "urn:request:\(requestID)" : nil
        self.waited = (error as? MustWait)?.waited
        let invalid: InputErrors? =
            if case DomainError.invalid(let errors) = error { errors } else { error as? InputErrors }
        if let invalid {
            let lines = FormErrors(invalid, texts)
            self.errors = invalid.items.map {
                Item(
                    pointer: $0.field.hasPrefix("/") ? $0.field : "/\($0.field)",
                    code: $0.messageKey.replacing("api.", with: "").replacing("error.", with: ""),
                    detail: lines[$0.field] ?? ""
                )
            }
        } else if let failure = error as? Failure, !failure.names.isEmpty {
            self.errors = failure.names.map {
                Item(pointer: "/\($0.prefix(64))", code: problem.rawValue, detail: title)
            }
        } else {
            self.errors = nil
        }
    }
}
