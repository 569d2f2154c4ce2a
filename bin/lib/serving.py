"""Starts a built server on ports and a folder of its own, and speaks to it as a visitor does. Python's own library only.
Shared by bin/bench, bin/check-durability and Tests/Http."""
import html
import http.client
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A demonstration, so that an analyst can be entered without a password."""

    def __init__(self, folder, binary=None, **environment):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.binary = binary or os.environ.get("SERVER") or str(ROOT / ".build/release/cyberconfiance")
        self.public, self.desk, self.health = free_port(), free_port(), free_port()
        self.environment = {
            "RESOURCES": str(ROOT / "Resources"), **os.environ, "DATA": str(self.data), "LOG_LEVEL": "error",
            "PUBLIC_ADDRESS": f"127.0.0.1:{self.public}", "DESK_ADDRESS": f"127.0.0.1:{self.desk}",
            "HEALTH_ADDRESS": f"127.0.0.1:{self.health}", "SWIFT_BACKTRACE": "enable=no",
            # A storm of reports is what is wanted here, not the page that slows it down.
            "REPORTS_PER_NETWORK_HOUR": "1000000", "REPORTS_PER_MINUTE": "1000000", **environment,
        }
        for name in ("PUBLIC_ORIGIN", "DESK_ORIGIN", "MODE"):
            if name not in environment:
                self.environment.pop(name, None)
        self.process = None

    @property
    def database(self):
        return self.data / "cyberconfiance.sqlite"

    def start(self, wrapper=(), patience=120, **environment):
        """Returns the seconds until it was ready."""
        begun = time.monotonic()
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                [*wrapper, self.binary, "serve", "--demo"], cwd=ROOT, stdout=log, stderr=log,
                env={**self.environment, **environment}, start_new_session=True)
        while time.monotonic() - begun < patience:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            if self.is_ready():
                return time.monotonic() - begun
            time.sleep(0.005)
        raise RuntimeError(f"the server was not ready after {patience} s:\n{self.tail()}")

    def is_ready(self):
        try:
            return Visitor(self.health, timeout=5).get("/readyz")[0] == 200
        except OSError:
            return False

    def tail(self):
        return "\n".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-20:])

    @property
    def pid(self):
        """Of the server itself, also under strace."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        name = pathlib.Path(f"/proc/{self.process.pid}/comm").read_text().strip()
        return int(children[0]) if name == "strace" and children else self.process.pid

    def kill(self):
        """What a crash does."""
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self, patience=30):
        """Returns exit code and seconds."""
        begun = time.monotonic()
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGTERM)
        code = self.process.wait(patience)
        return code, time.monotonic() - begun

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


class Visitor:
    """One browser: its cookies, an address of its own out of 127.0.0.0/8, a new connection for each request."""

    def __init__(self, port, timeout=60):
        self.port, self.timeout, self.cookies = port, timeout, {}
        # Limits count networks; these are all loopback, and all different.
        self.source = f"127.{random.randrange(1, 255)}.{random.randrange(256)}.{random.randrange(1, 255)}"

    def request(self, method, path, form=None, headers=()):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=self.timeout, source_address=(self.source, 0))
        try:
            sent = {"Connection": "close", **dict(headers)}
            if self.cookies:
                sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            body = None
            if form is not None:
                body = urllib.parse.urlencode(form)
                sent |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{self.port}"}
            connection.request(method, path, body, {"Host": f"localhost:{self.port}", **sent})
            answer = connection.getresponse()
            text = answer.read().decode()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.headers, text
        except http.client.HTTPException as error:
            raise ConnectionError(f"no whole answer: {error!r}") from error
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def token(self, path):
        status, _, page = self.get(path)
        if status != 200:
            raise ConnectionError(f"{path} answered {status}")
        return re.search(r'name="form" value="([^"]+)"', page).group(1)


class Receipt:
    """What a reporter has in hand: the code that was shown, and what was told."""

    def __init__(self, code, reference, text, address):
        self.code, self.reference, self.text, self.address = code, reference, text, address


class Reporter:
    """Tells the same kind of report over and over; each with a text of its own."""

    def __init__(self, port):
        self.port = port
        self.kind = next(
            number for number in range(1, 40) if 'name="f-channel"' in Visitor(port).get(f"/fr/signaler?f={number}")[2])

    def form(self, visitor):
        number = f"{random.getrandbits(64):016x}"
        text = f"Message {number} (fictif) : " + "on m’a demandé mon code. " * 20 + f"Fin {number}."
        return {
            "form": visitor.token(f"/fr/signaler?f={self.kind}"), "s": "", "identity": "anonymous", "f-channel": "sms",
            "f-what-happened": text, "item-url": f"https://faux-{number}.example/payer", "item-phone": "+212612345678",
        }

    def send(self, visitor, form):
        """A receipt, or the status of the refusal."""
        status, _, page = visitor.request("POST", f"/fr/signaler?f={self.kind}", form)
        shown = re.search(r'<p class="codes"[^>]*>(.*?)</p>', page)
        if status != 200 or not shown:
            return status
        code = "".join(re.findall(r"\d+", shown.group(1)))
        reference = re.search(r'<dd><span class="ltr">(\d{10})</span>', page).group(1)
        return Receipt(code, reference, form["f-what-happened"], form["item-url"])

    def report(self):
        visitor = Visitor(self.port)
        return self.send(visitor, self.form(visitor))

    def fault(self, receipt):
        """What is wrong with a report that its code should open; nothing if all of it is there."""
        visitor = Visitor(self.port)
        status, _, _ = visitor.request(
            "POST", "/fr/suivi", {"form": visitor.token("/fr/suivi"), "code": receipt.code})
        if status != 303:
            return f"the code of {receipt.reference} opens nothing ({status})"
        status, _, page = visitor.get("/fr/suivi/dossier")
        page = html.unescape(page)
        for what, wanted in (("reference", receipt.reference), ("text", receipt.text.strip()),
                             ("address", receipt.address)):
            if status != 200 or wanted not in page:
                return f"the {what} of {receipt.reference} is not complete ({status})"
        return None


class Storm:
    """Reporters at work all at once until told to stop, or until nobody answers any more."""

    def __init__(self, port, width=12):
        self.reporter = Reporter(port)
        self.receipts, self.refusals, self.unanswered = [], [], 0
        self.over, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.work, daemon=True) for _ in range(width)]
        for thread in self.threads:
            thread.start()

    def work(self):
        while not self.over.is_set():
            try:
                visitor = Visitor(self.reporter.port, timeout=30)
                form = self.reporter.form(visitor)
            except (OSError, AttributeError):
                time.sleep(0.01)
                continue
            try:
                answer = self.reporter.send(visitor, form)
            except OSError:
                with self.lock:
                    self.unanswered += 1
                continue
            with self.lock:
                (self.receipts if isinstance(answer, Receipt) else self.refusals).append(answer)

    def stop(self):
        self.over.set()
        for thread in self.threads:
            thread.join()
        return self.receipts
