import HTTPTypes
import Hummingbird
import WebSupport

/// One operation of the API.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, AppRequestContext) async throws -> Response

    let method: HTTPRequest.Method
    /// `/api/v1/cases/{id}`
    let path: String
    let handler: Handler

    /// Names its query may have; any other is refused.
    let parameters: Set<String>

    init(_ method: HTTPRequest.Method, _ path: String, _ parameters: Set<String>, _ handler: @escaping Handler) {
        self.method = method
        self.path = "/api/v1/\(path)"
        self.handler = handler
        self.parameters = parameters
    }

    static func get(_ path: String, parameters: Set<String> = [], _ handler: @escaping Handler) -> Route {
        Route(.get, path, parameters, handler)
    }

    static func post(_ path: String, _ handler: @escaping Handler) -> Route { Route(.post, path, [], handler) }
    static func delete(_ path: String, _ handler: @escaping Handler) -> Route { Route(.delete, path, [], handler) }

    func respond(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        _ = try Parameters(request, self.parameters)
        return try await self.handler(request, context)
    }
}

/// All operations of one listener: the framework answers 404 to a wrong method, we say which are right.
package struct RouteTable: Sendable {
    let routes: [Route]

    init(_ routes: [Route]) { self.routes = routes }

    /// Empty where there is nothing at all.
    func methods(at path: String) -> Set<HTTPRequest.Method> {
        let parts = path.split(separator: "/")
        var methods: Set<HTTPRequest.Method> = []
        for route in self.routes {
            let pattern = route.path.split(separator: "/")
            let fits =
                pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
            if fits { methods.insert(route.method) }
        }
        if methods.contains(.get) { methods.insert(.head) }
        return methods
    }

    package func add(to router: Router<AppRequestContext>) {
        for route in self.routes { router.on(RouterPath(route.path), method: route.method, use: route.respond) }
    }
}
