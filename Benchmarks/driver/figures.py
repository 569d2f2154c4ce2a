"""What bin/bench measures, one function for each group of figures."""
import http.client
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import urllib.parse

from serving import ROOT, Receipt, Reporter, Server, Visitor, free_port
from throwaway import Postgres

BENCH = str(ROOT / ".build/release/bench")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate_and_cost(pid, *asked, **more):
    """Requests a second, and processor microseconds of the server for each."""
    begun, before = time.monotonic(), cpu_seconds(pid)
    rate = wrk(*asked, **more)
    return rate, 1e6 * (cpu_seconds(pid) - before) / (rate * (time.monotonic() - begun))


def wrk(port, path, seconds, connections=64, form=None):
    """Requests a second; the same client for everything, so that only what is asked differs."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", "Accept-Encoding: gzip",
               "-H", f"Host: localhost:{port}"]
    if form:
        script = pathlib.Path(form[0])
        script.write_text(
            f'wrk.method = "POST"\nwrk.body = "{urllib.parse.urlencode(form[1])}"\n'
            f'wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"\n'
            f'wrk.headers["Origin"] = "http://localhost:{port}"\n')
        command += ["-s", str(script)]
    said = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], check=True, capture_output=True, text=True)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said.stdout)
    if bad or "Socket errors" in said.stdout:
        raise RuntimeError(f"{path}: {said.stdout}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said.stdout).group(1))


def size(port, path):
    """Bytes of an answer's body, compressed where the server does so."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Host": f"localhost:{port}", "Accept-Encoding": "gzip"})
    return len(connection.getresponse().read())


def pages(table, folder, seconds):
    server = Server(folder / "pages")
    server.start()
    port = free_port()
    bare = subprocess.Popen([BENCH, "bare", "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        first = Visitor(server.public).get("/fr/aide?d=2")[2]
        form = {name: re.search(f'name="{name}" value="([^"]+)"', first).group(1) for name in ("form", "s", "q", "answer")}
        guide = re.search(r'href="(/fr/guides/[^"]+)"', Visitor(server.public).get("/fr/")[2]).group(1)
        asked = [
            ("home", "/fr/", None, 60), ("a guide", guide, None, 60),
            ("a question of guided help", f"/fr/aide?s={form['s']}", None, 30),
            ("an answer to it (POST)", "/fr/aide", (folder / "post.lua", form), 30),
        ]
        for name, path, posted, percent in asked:
            # Before and after, because the machine may have other things to do.
            wrk(server.public, path, 1, form=posted)
            before, bare_before = rate_and_cost(bare.pid, port, "/", seconds)
            rate, cost = rate_and_cost(server.pid, server.public, path, seconds, form=posted)
            after, bare_after = rate_and_cost(bare.pid, port, "/", seconds)
            baseline, bare_cost = (before + after) / 2, (bare_before + bare_after) / 2
            sent = "" if posted else f", {size(server.public, path):,} bytes"
            table.add(f"requests/s: {name}{sent}", rate, "1/s")
            table.add(f"  of the bare route: {name}", 100 * rate / baseline, "%", at_least=percent,
                      baseline=f"{baseline:,.0f}/s: “Hello, world”, no middleware")
            # On a machine that others use too, the better comparison.
            table.add(f"  processor a request: {name}", cost, "µs",
                      baseline=f"{bare_cost:.0f} µs, that is {100 * bare_cost / cost:.0f} %")
    finally:
        bare.kill()
        bare.wait()
        server.stop()


def process(table, folder):
    server = Server(folder / "process")
    server.start()
    server.stop()
    starts = []
    for _ in range(5):
        starts.append(server.start())
        server.stop()
    table.add("start-up until ready, median of 5", sorted(starts)[2], "s", at_most=0.5)
    server.start()
    time.sleep(2)
    table.add("resident memory, idle", server.resident_mib(), "MiB", at_most=120)
    highest = 0

    def watch(until):
        nonlocal highest
        while time.monotonic() < until:
            highest = max(highest, server.resident_mib())
            time.sleep(0.1)

    watcher = threading.Thread(target=watch, args=(time.monotonic() + 8,))
    watcher.start()
    wrk(server.public, "/fr/", 4, connections=256)
    wrk(server.public, "/fr/aide?d=2", 4, connections=256)
    watcher.join()
    table.add("resident memory, highest under 256 connections", highest, "MiB", at_most=300)
    server.stop()


def reports(table, folder, quick):
    for engine in ("sqlite", "postgres"):
        postgres = Postgres() if engine == "postgres" else None
        try:
            where = postgres.address if postgres else str(folder / "reports.sqlite")
            said = subprocess.run(
                [BENCH, "reports", "--database", where, "--resources", str(ROOT / "Resources"), "--count",
                 "300" if quick else "1000"], check=True, capture_output=True, text=True).stdout
        finally:
            if postgres:
                postgres.remove()
        found = json.loads(said)
        step = found["argon2_ms"]
        if engine == "sqlite":
            table.add("Argon2 step of a report, CPU", step, "ms")
        table.add(f"a report beside the Argon2 step, CPU, {engine}", found["report_cpu_ms"], "ms", at_most=4,
                  baseline=f"{step:.1f} ms Argon2")
        table.add(f"reports/s without Argon2, {engine}", found["reports_per_second"], "1/s", at_least=200,
                  baseline=f"{found['reports_with_argon2_per_second']:.1f}/s with it")
        table.add(f"sent until an analyst has read it, beyond Argon2, {engine}", found["read_after_ms"] - step, "ms",
                  at_most=30, baseline=f"{step:.1f} ms Argon2")


def crowd(table, folder):
    """So many reporters in the same moment, through HTTP."""
    server = Server(folder / "crowd")
    server.start()
    reporter = Reporter(server.public)
    for count in (1, 16, 64, 256):
        forms = [(visitor := Visitor(server.public, timeout=120), reporter.form(visitor)) for _ in range(count)]
        answers, gate = [], threading.Barrier(count + 1)

        def send(visitor, form):
            gate.wait()
            try:
                answers.append(reporter.send(visitor, form))
            except OSError as error:
                answers.append(repr(error))

        threads = [threading.Thread(target=send, args=one) for one in forms]
        for thread in threads:
            thread.start()
        gate.wait()
        begun = time.monotonic()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begun
        receipts = [answer for answer in answers if isinstance(answer, Receipt)]
        distinct = min(len({r.code for r in receipts}), len({r.reference for r in receipts}))
        table.add(f"{count} reporters at once: accepted, distinct codes and numbers", distinct, f"of {count}",
                  at_least=count, baseline=f"{len(answers) - len(receipts)} errors, all within {took:.2f} s")
    server.stop()


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def queue(table, folder, engine, most):
    """The page an analyst has open all day, from 1,000 cases on, ten times as many each time."""
    postgres = Postgres() if engine == "postgres" else None
    try:
        environment = {"DATABASE_URL": postgres.address} if postgres else {}
        server = Server(folder / f"queue-{engine}", **environment)
        server.start()
        server.stop()
        where = postgres.address if postgres else str(server.database)
        count = 1000
        while count <= most:
            subprocess.run([BENCH, "fill", "--database", where, "--cases", str(count)], check=True)
            server.start()
            analyst = Visitor(server.desk)
            analyst.request("POST", "/fr/visite", {"form": analyst.token("/fr/visite"), "role": "analyst"})
            views = {"queue": "", "unassigned": "?vue=unassigned", "closed": "?vue=closed",
                     "one category": "?vue=open&categorie=account-takeover"}
            for name, query in views.items():
                times = []
                for _ in range(120):
                    begun = time.perf_counter()
                    status, _, page = analyst.get(f"/fr/dossiers{query}")
                    times.append((time.perf_counter() - begun) * 1000)
                    if status != 200 or "/fr/dossiers/" not in page:
                        raise RuntimeError(f"the queue answered {status}")
                table.add(f"page of the desk, p95, {name}, {count:,} cases, {engine}", percentile(times[20:], 0.95),
                          "ms", at_most=30, baseline=f"{percentile(times[20:], 0.5):.1f} ms median")
            server.stop()
            count *= 10
    finally:
        if postgres:
            postgres.remove()


def related(table, folder, engine, count):
    postgres = Postgres() if engine == "postgres" else None
    try:
        where = postgres.address if postgres else str(folder / "related.sqlite")
        said = subprocess.run(
            [BENCH, "related", "--database", where, "--resources", str(ROOT / "Resources"), "--count", str(count)],
            check=True, capture_output=True, text=True).stdout
        found = json.loads(said)
        table.add(f"related reports among {count:,} indicators, p95, {engine}", found["related_p95_ms"], "ms", at_most=5,
                  baseline=f"{found['related_p50_ms']:.2f} ms median")
    finally:
        if postgres:
            postgres.remove()
