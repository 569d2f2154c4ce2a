"""Forty-one requests that no browser sends, over a bare socket: RFC 9112, request smuggling, limits."""
import re
import socket
import time


class Answer:
    def __init__(self, content, closed):
        self.content, self.closed = content, closed
        self.codes = [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", content)]

    @property
    def is_refused(self):
        """Nothing was done: no good answer, and after a second one the connection is of no use any more."""
        return all(code >= 400 for code in self.codes) and (len(self.codes) <= 1 or self.closed)

    @property
    def is_client_fault(self):
        return bool(self.codes) and all(400 <= code < 500 for code in self.codes)


def ask(port, *pieces, pause=0.0, patience=1.5):
    connection = socket.create_connection(("127.0.0.1", port), 5)
    connection.settimeout(patience)
    content, closed = b"", False
    try:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)
        while True:
            read = connection.recv(65536)
            if not read:
                closed = True
                break
            content += read
    except TimeoutError:
        pass
    except (ConnectionResetError, BrokenPipeError):
        closed = True
    finally:
        connection.close()
    return Answer(content, closed)


def all_of(port):
    """(name, request pieces, what must hold, pause between pieces)"""
    host = f"Host: localhost:{port}\r\n".encode()
    smuggled = b"GET /fr/ HTTP/1.1\r\n" + host + b"\r\n"
    close = b"Connection: close\r\n"
    form = b"Content-Type: application/x-www-form-urlencoded\r\n"
    json = b"Content-Type: application/json\r\n"

    def get(fields=b"", path=b"/fr/", method=b"GET", version=b"HTTP/1.1"):
        return method + b" " + path + b" " + version + b"\r\n" + host + fields + b"\r\n"

    def post(fields, body, path=b"/fr/aide"):
        kind = b"" if b"Content-Type" in fields else form
        return b"POST " + path + b" HTTP/1.1\r\n" + host + kind + fields + b"\r\n" + body

    def refused(answer): return answer.is_refused
    def client_fault(answer): return answer.is_client_fault
    def good(answer): return answer.codes == [200]
    def no_server_fault(answer): return all(code < 500 for code in answer.codes)
    def no_file(answer): return b"root:" not in answer.content and no_server_fault(answer)

    def one_at_most(answer):
        return answer.is_refused or (len(answer.codes) == 1 and answer.closed)

    api = b"/api/v1/reports"
    chunked = b"Transfer-Encoding: chunked\r\n"
    return [
        ("an ordinary request", [get(close)], good),
        ("no Host", [b"GET /fr/ HTTP/1.1\r\n\r\n"], lambda a: a.codes == [400]),
        ("two Hosts", [get(b"Host: evil.example\r\n")], lambda a: a.codes == [400]),
        ("a foreign Host", [b"GET /fr/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"], lambda a: a.codes == [421]),
        ("length and chunks", [post(b"Content-Length: 4\r\n" + chunked, b"0\r\n\r\n" + smuggled)], one_at_most),
        ("encoding xchunked", [post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n")], refused),
        ("encoding chunked, identity", [post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n")], refused),
        ("encoding behind a tab", [post(b"Transfer-Encoding:\tchunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n" + smuggled)],
         one_at_most),
        ("blank before the colon", [post(b"Content-Length : 5\r\n", b"hello")], refused),
        ("two lengths", [post(b"Content-Length: 5\r\nContent-Length: 0\r\n", b"hello")], refused),
        ("length +5", [post(b"Content-Length: +5\r\n", b"hello")], refused),
        ("length -1", [post(b"Content-Length: -1\r\n", b"hello")], refused),
        ("length 0x5", [post(b"Content-Length: 0x5\r\n", b"hello")], refused),
        ("length 2^64", [post(b"Content-Length: 18446744073709551617\r\n", b"h")], refused),
        ("chunk size beyond 64 bits", [post(chunked, b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n")], refused),
        ("negative chunk size", [post(chunked, b"-1\r\nhello\r\n0\r\n\r\n")], refused),
        ("chunks with bare line feeds", [post(chunked, b"5\nhello\n0\n\n")], refused),
        ("bare carriage return in a field", [get(b"X-A: a\rX-B: b\r\n")], refused),
        ("zero byte in a field", [get(b"X-A: a\x00b\r\n")], refused),
        ("folded field", [get(b"X-A: a\r\n b\r\n")], refused),
        ("zero byte in the path", [get(path=b"/a\x00b")], refused),
        ("blank in the path", [get(path=b"/a b")], refused),
        ("%00 in the path", [get(close, path=b"/a.txt%00.html")], client_fault),
        ("path /../", [get(close, path=b"/../../../../etc/passwd")], no_file),
        ("path %2e%2e%2f", [get(close, path=b"/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd")], no_file),
        ("path encoded twice", [get(close, path=b"/%252e%252e%252fetc/passwd")], no_file),
        ("path that is not UTF-8", [get(close, path=b"/fr/guides/%ff%fe")], client_fault),
        ("line break for a redirection", [get(close, path=b"/fr/guides/phishing?taille=%0d%0aSet-Cookie:%20a=b")],
         lambda a: b"\r\nSet-Cookie: a=b" not in a.content and no_server_fault(a)),
        ("TRACE", [get(close, method=b"TRACE")], client_fault),
        ("a method nobody knows", [get(close, method=b"FOOBAR")], refused),
        ("HTTP/3.7", [get(version=b"HTTP/3.7")], refused),
        ("the beginning of TLS", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20], refused),
        ("a field of 100,000 bytes", [get(b"X-A: " + b"a" * 100_000 + b"\r\n")], refused),
        ("2,000 fields", [get(b"".join(b"X-%d: a\r\n" % number for number in range(2000)))], refused),
        ("an address of 64 KiB", [get(path=b"/" + b"a" * 65536)], refused),
        ("three requests at once", [get() * 2 + get(close)], lambda a: a.codes == [200, 200, 200]),
        ("form of 3 MiB", [post(b"Content-Length: 3145728\r\n", b"a" * 3_145_728)], client_fault),
        ("JSON 100,000 deep", [post(json + close + b"Content-Length: 200000\r\n", b"[" * 100_000 + b"]" * 100_000, api)],
         client_fault),
        ("JSON of the wrong shape", [post(json + close + b"Content-Length: 10\r\n", b'{"text":1}', api)], client_fault),
        ("JSON with half a surrogate", [post(json + close + b"Content-Length: 17\r\n", b'{"text":"\\ud800"}', api)],
         client_fault),
        ("still answers", [get(close)], good),
    ]


def run(port):
    """Yields (name, whether it held, what was answered)."""
    for name, pieces, holds in all_of(port):
        answer = ask(port, *pieces)
        yield f"probe: {name}", bool(holds(answer)), f"codes {answer.codes[:4]}, {'closed' if answer.closed else 'open'}"
