"""What the browser tests share."""
import os


class Checks:
    """Counts what held and says what did not."""

    def __init__(self):
        self.good = 0
        self.bad = 0

    def true(self, what, holds):
        if holds:
            self.good += 1
            print(f"ok    {what}", flush=True)
        else:
            self.failed(what)

    def equal(self, what, found, wanted):
        self.true(what if found == wanted else f"{what}: {found!r} instead of {wanted!r}", found == wanted)

    def failed(self, what):
        self.bad += 1
        print(f"FAIL  {what}", flush=True)

    def finish(self):
        print(f"{self.good} passed, {self.bad} failed", flush=True)
        return 1 if self.bad or not self.good else 0


def chromium(playwright):
    path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def visible_text(page):
    return page.locator("main").inner_text()
