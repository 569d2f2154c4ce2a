import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing
import WebSupport

/// As much of a browser as a form needs.
struct Browser {
    let client: any TestClientProtocol
    var cookie: String?
    /// As a browser says where a form came from; without it staff are refused.
    var site: String?

    func get(_ path: String) async throws -> (status: Int, html: String) {
        try await self.client.execute(uri: path, method: .get, headers: self.headers) {
            (Int($0.status.code), String(buffer: $0.body))
        }
    }

    mutating func post(_ path: String, _ form: [String: String]) async throws -> (status: Int, html: String) {
        let body = form.map {
            "\($0.key)=\($0.value.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)"
        }
        var headers = self.headers
        headers[.contentType] = "application/x-www-form-urlencoded"
        let response = try await self.client.execute(
            uri: path,
            method: .post,
            headers: headers,
            body: ByteBuffer(string: body.joined(separator: "&"))
        )
        if let set = response.headers[.setCookie] { self.cookie = String(set.prefix { $0 != ";" }) }
        return (Int(response.status.code), String(buffer: response.body))
    }

    private var headers: HTTPFields {
        var headers = HTTPFields()
        headers[.cookie] = self.cookie
        headers[.secFetchSite] = self.site
        return headers
    }

    /// The token of the first form on a page.
    static func token(_ html: String) throws -> String {
        String(try #require(html.firstMatch(of: /name="form" value="([^"]+)"/)).output.1)
    }
}
