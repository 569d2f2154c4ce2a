"""axe-core on every kind of page, in French and Arabic, at 390 and 1280 pixels, and the HTML of each parsed strictly.

Usage: accessibility.py PORTAL DESK
"""
import argparse
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from pages import Checks, chromium

PORTAL = ["", "aide", "aide?d=1", "signaler", "signaler?f=1", "signaler?f=10", "suivi", "guides", "guides/phishing",
          "contacts", "a-propos", "vie-privee", "accessibilite", "verify", "visite", "actualites/2026-11-20-faux-colis",
          "n-existe-pas"]
DESK = ["dossiers", "dossiers?vue=closed", "equipe"]


def look(page, checks, axe, what):
    found = axe.run(page).response["violations"]
    checks.true(f"{what}" + "".join(f"\n      {v['id']}: {v['nodes'][0]['html'][:160]}" for v in found), not found)
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    checks.true(f"{what}: does not scroll sideways ({width} px)", width <= 0)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("portal")
    arguments.add_argument("desk")
    arguments.add_argument("--shots")
    options = arguments.parse_args()
    checks, axe = Checks(), Axe()
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for language in ["fr", "ar"]:
            for width in [390, 1280]:
                context = browser.new_context(viewport={"width": width, "height": 900}, bypass_csp=True)
                page = context.new_page()
                for path in PORTAL:
                    page.goto(f"{options.portal}/{language}/{path}")
                    look(page, checks, axe, f"{language} {width} /{path}")
                page.goto(f"{options.desk}/{language}/connexion")
                look(page, checks, axe, f"{language} {width} desk /connexion")
                page.goto(f"{options.desk}/{language}/visite")
                look(page, checks, axe, f"{language} {width} desk /visite")
                page.locator("form:has(input[value=senior]) button").click()
                for path in DESK:
                    page.goto(f"{options.desk}/{language}/{path}")
                    look(page, checks, axe, f"{language} {width} desk /{path}")
                page.goto(f"{options.desk}/{language}/dossiers")
                page.locator("tbody a").first.click()
                look(page, checks, axe, f"{language} {width} desk case")
                context.close()
        browser.close()
    sys.exit(checks.finish())


main()
