"""The checks of bin/check-durability. Each prints one line and counts as one."""
import pathlib
import random
import shutil
import sqlite3
import subprocess
import threading
import time

import powercut
from serving import Reporter, Receipt, Server, Storm, Visitor
from throwaway import Postgres

# Codes that everybody together may try in a minute, less what else is going on; see FollowUpPages.
TRIES = 90


class Bench:
    """What the checks share: an engine, a folder, the count."""

    def __init__(self, engine, folder, rounds, points):
        self.engine, self.folder, self.rounds, self.points = engine, pathlib.Path(folder), rounds, points
        self.postgres = Postgres() if engine == "postgres" else None
        self.passed = self.failed = 0

    def check(self, name, holds, detail):
        self.passed += bool(holds)
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {name}: {detail}", flush=True)

    def server(self, name, folder=None, **environment):
        if self.postgres:
            self.postgres.query(f"CREATE SCHEMA {name}")
            environment["DATABASE_URL"] = f"{self.postgres.address} options='-c search_path={name}'"
        server = Server(folder or self.folder / name, **environment)
        server.schema = name
        return server

    def sql(self, server, sql):
        """The server is stopped: only one process may ever have the SQLite file open for writing."""
        if self.postgres:
            return self.postgres.query(f"SET search_path = {server.schema}; {sql}")
        connection = sqlite3.connect(server.database)
        row = connection.execute(sql).fetchone()
        connection.commit()
        connection.close()
        return str(row[0]) if row else ""

    def forget_tries(self, server):
        """So that the limit on guesses does not stop the check itself."""
        self.sql(server, "DELETE FROM rate_counter")

    def faults(self, server, receipts):
        """Starts the server for every few codes. Leaves it stopped."""
        faults = []
        for first in range(0, len(receipts), TRIES):
            self.forget_tries(server)
            server.start()
            reporter = Reporter(server.public)
            faults += filter(None, map(reporter.fault, receipts[first:first + TRIES]))
            server.stop()
        return faults

    def close(self):
        if self.postgres:
            self.postgres.remove()


def kill_rounds(bench):
    """kill -9 of the server at a moment nobody chose, again and again; then every code that was shown."""
    server = bench.server("kill_server")
    server.start()
    receipts, faults, corrupt = [], [], 0
    for number in range(bench.rounds):
        storm = Storm(server.public)
        time.sleep(random.uniform(0.2, 1.5))
        server.kill()
        shown = storm.stop()
        receipts += shown
        if not bench.postgres and number % 10 == 0:
            corrupt += not is_whole(server, bench.folder / "copy")
        bench.forget_tries(server)
        server.start()
        reporter = Reporter(server.public)
        faults += filter(None, map(reporter.fault, shown[:TRIES]))
    server.stop()
    older = random.sample(receipts, min(len(receipts), 200))
    faults += bench.faults(server, older)
    bench.check("kill -9 of the server", not faults and not corrupt and len(receipts) >= bench.rounds,
                f"{bench.rounds} rounds, {len(receipts)} receipts shown, {len(faults)} lost or incomplete, "
                f"{corrupt} corrupt files" + first(faults))
    return server, receipts


def notices_loss(bench, server, receipts):
    """The check itself must be able to fail: one report is taken away behind the server's back."""
    victim = random.choice(receipts)
    bench.sql(server, f"DELETE FROM report WHERE reference = '{victim.reference}'")
    faults = bench.faults(server, [victim] + random.sample([r for r in receipts if r is not victim], 5))
    bench.check("a lost report is noticed (control)", len(faults) == 1 and victim.reference in faults[0],
                f"{len(faults)} of 6 reports missing")


def is_whole(server, folder):
    """Looks at a copy: opening the file would already mend it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in powercut.database_files(server.database):
        if path.exists():
            shutil.copy(path, folder / path.name)
    return powercut.fault(folder / server.database.name, set()) is None


def first(faults):
    return f"; first: {faults[0]}" if faults else ""


def postgres_kill(bench):
    """kill -9 of PostgreSQL under the storm; the web server lives on and must find back by itself."""
    server = bench.server("kill_postgres")
    server.start()
    receipts, faults, late = [], [], 0
    for _ in range(bench.rounds):
        storm = Storm(server.public)
        time.sleep(random.uniform(0.2, 1.5))
        bench.postgres.kill()
        time.sleep(0.2)
        bench.postgres.start()
        until = time.monotonic() + 20
        while not server.is_ready() and time.monotonic() < until:
            time.sleep(0.05)
        late += not server.is_ready()
        shown = storm.stop()
        receipts += shown
        bench.forget_tries(server)
        reporter = Reporter(server.public)
        faults += filter(None, map(reporter.fault, shown[:TRIES]))
    server.stop()
    bench.check("kill -9 of PostgreSQL", not faults and not late and len(receipts) >= bench.rounds,
                f"{bench.rounds} rounds, {len(receipts)} receipts shown, {len(faults)} lost or incomplete, "
                f"{late} times the server did not find back in 20 s" + first(faults))


def unsafe_postgres(bench):
    """A PostgreSQL that acknowledges before anything is on the disk is refused."""
    server = Server(bench.folder / "unsafe", DATABASE_URL=bench.postgres.address)
    bench.postgres.kill()
    bench.postgres.start("-c", "fsync=off")
    try:
        server.start()
        server.stop()
        said = "the server started"
    except RuntimeError as error:
        said = str(error).splitlines()[-1]
    bench.check("PostgreSQL with fsync=off is refused (control)", "fsync=off" in said, said)


def record(bench, name, seconds=6, **environment):
    """A storm under strace."""
    server = bench.server(name, **environment)
    server.start()
    server.stop()
    before = server.folder / "before"
    before.mkdir()
    for path in powercut.database_files(server.database):
        if path.exists():
            shutil.copy(path, before / path.name)
    log = server.folder / "strace.log"
    server.start(wrapper=[*powercut.STRACE, "-o", str(log)])
    storm = Storm(server.public, width=6)
    time.sleep(seconds)
    receipts = storm.stop()
    server.stop(60)
    return server, before, log, receipts


def power_cuts(bench):
    """With everything as it is; then twice with something missing, which must be seen."""
    memory = pathlib.Path("/dev/shm") if pathlib.Path("/dev/shm").is_dir() else bench.folder
    cases = [
        ("power cut", {}, lambda o: o["whole"] == bench.points),
        ("power cut, synchronous=NORMAL (control)", {"TEST_SYNCHRONOUS": "NORMAL"}, lambda o: o["lost"] > 0),
    ]
    eatmydata = next(iter(pathlib.Path("/usr/lib").glob("*/libeatmydata.so")), None)
    if eatmydata:
        cases.append(("power cut, fsync thrown away (control)", {"LD_PRELOAD": str(eatmydata)},
                      lambda o: o["lost"] + o["corrupt"] > 0))
    else:
        bench.check("power cut, fsync thrown away (control)", False, "libeatmydata is not installed")
    for number, (name, environment, holds) in enumerate(cases):
        server, before, log, receipts = record(bench, f"power_{number}", **environment)
        cut = memory / f"cut.{bench.folder.name}"
        outcome, shown = powercut.replay(
            log, before, powercut.database_files(server.database), bench.points, 7, cut)
        shutil.rmtree(cut, ignore_errors=True)
        log.unlink()
        counted = ", ".join(f"{outcome[what]} {what}" for what in ("whole", "lost", "corrupt"))
        bench.check(name, holds(outcome) and shown >= len(receipts) > 0,
                    f"{bench.points} cuts among {shown} shown receipts: {counted}")


def full_disk(bench):
    """No room for a report: a clear refusal and no receipt; room again: the next one, without a restart."""
    name, disk = "full disk", bench.folder / "disk"
    disk.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk], capture_output=True, text=True)
    if mount.returncode != 0:
        print(f"skip {name}: needs root to mount a small disk ({mount.stderr.strip()})")
        return
    try:
        server = bench.server("full_disk", folder=disk / "server")
        server.start()
        reporter = Reporter(server.public)
        answers = [reporter.report() for _ in range(5)]
        filler = disk / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        refused = None
        for _ in range(300):
            answer = reporter.report()
            if not isinstance(answer, Receipt):
                refused = answer
                break
            answers.append(answer)
        filler.unlink()
        again = reporter.report()
        code, _ = server.stop()
        receipts = [answer for answer in [*answers, again] if isinstance(answer, Receipt)]
        faults = bench.faults(server, receipts)
        whole = is_whole(server, bench.folder / "copy")
        bench.check(name, refused in (503, 507) and isinstance(again, Receipt) and not faults and whole and code == 0,
                    f"refused with {refused}; with room again: {'accepted' if isinstance(again, Receipt) else again}; "
                    f"{len(receipts)} receipts shown, {len(faults)} lost; file {'whole' if whole else 'CORRUPT'}"
                    + first(faults))
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def failed_sync(bench):
    """The disk reports an error on a sync: from then on nothing may be acknowledged, until a new start."""
    server = bench.server("failed_sync")
    server.start()
    server.stop()
    # --inject counts calls over all threads; the first ones are the start's own.
    server.start(wrapper=["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
                          "-e", "inject=fdatasync:error=EIO:when=40+"])
    reporter = Reporter(server.public)
    receipts, refusals, late = [], [], 0
    for _ in range(120):
        try:
            answer = reporter.report()
        except OSError:
            answer = 0
        if isinstance(answer, Receipt):
            receipts.append(answer)
            late += bool(refusals)
        else:
            refusals.append(answer)
            if len(refusals) == 10:
                break
    server.kill()
    faults = bench.faults(server, receipts)
    bench.check("input/output error on a sync", receipts and len(refusals) == 10 and not late and not faults,
                f"{len(receipts)} receipts shown, then {len(refusals)} refusals ({refusals[0] if refusals else 'none'}), "
                f"{late} receipts after the error, {len(faults)} lost" + first(faults))


def clean_stop(bench):
    """SIGTERM under load."""
    server = bench.server("clean_stop")
    server.start()
    storm = Storm(server.public)
    time.sleep(1.5)
    code, seconds = server.stop()
    receipts = storm.stop()
    faults = bench.faults(server, receipts)
    bench.check("SIGTERM under load", code == 0 and seconds <= 10 and receipts and not faults,
                f"exit code {code} after {seconds:.1f} s, {len(receipts)} receipts shown, {len(faults)} lost, "
                f"{storm.unanswered} requests cut off" + first(faults))


def double_click(bench):
    """The same form fifty times at once."""
    server = bench.server("double_click")
    server.start()
    server.stop()
    before = int(bench.sql(server, "SELECT count(*) FROM report"))
    server.start()
    reporter = Reporter(server.public)
    form = reporter.form(Visitor(server.public))
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(reporter.send(Visitor(server.public), form)))
               for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    after = int(bench.sql(server, "SELECT count(*) FROM report"))
    codes = {answer.code if isinstance(answer, Receipt) else answer for answer in answers}
    bench.check("the same form 50 times at once", after - before == 1 and len(codes) == 1 and len(answers) == 50,
                f"{after - before} report, {len(codes)} code, {len(answers)} answers")
