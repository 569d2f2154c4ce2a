"""A PostgreSQL server of one's own that can be killed and started again on the same data."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


class Postgres:
    def __init__(self):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        self.programs = pathlib.Path(os.environ.get("POSTGRES_PROGRAMS") or found[-1])
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postgres."))
        # PostgreSQL refuses to run as root.
        self.user = "nobody" if os.getuid() == 0 else None
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self.run("initdb", "-D", self.folder / "data", "-U", "storage", "--auth=trust", "--encoding=UTF8",
                 "--lc-collate=C", "--lc-ctype=C.UTF-8")
        self.process = None
        self.start()

    @property
    def address(self):
        return f"host={self.folder} user=storage dbname=postgres"

    def run(self, program, *arguments):
        return subprocess.run([self.programs / program, *arguments], user=self.user, cwd="/", check=True,
                              capture_output=True, text=True).stdout

    def start(self, *options):
        # What a killed server leaves in the socket's folder is overwritten.
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses=",
                 "-c", "max_connections=100", *options], user=self.user, cwd="/", stdout=log, stderr=log)
        for _ in range(600):
            try:
                self.query("SELECT 1")
                return
            except subprocess.CalledProcessError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "log").read_text()[-2000:])

    def query(self, sql):
        return self.run("psql", "-h", self.folder, "-U", "storage", "-d", "postgres", "-Atqc", sql).strip()

    def kill(self):
        """All its processes at once, so that none can still write anything."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for pid in [self.process.pid, *map(int, children)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(30)

    def remove(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
