"""The whole story in a real Chromium, as a person lives it: help, report, receipt, desk, answer, follow-up.

Usage: journey.py PORTAL DESK [--shots FOLDER]
PORTAL and DESK are the addresses of a running demonstration. Prints one line a check and, at the end, how many passed.
"""
import argparse
import re
import sys

from playwright.sync_api import sync_playwright

from pages import Checks, chromium, visible_text

STORIES = {
    "fr": {"text": "J’ai reçu un SMS de ma banque (fictif) et j’ai donné mon mot de passe. CANARI-FR",
           "reply": "Bonjour, vous avez bien fait de nous écrire. Changez ce mot de passe maintenant.",
           "back": "Merci, c’est fait. CANARI-RETOUR"},
    "ar": {"text": "توصلت برسالة قصيرة من بنك (مثال خيالي) وأعطيت كلمة السر. CANARI-AR",
           "reply": "مرحبا، أحسنت بالتواصل معنا. غير كلمة السر الآن.",
           "back": "شكرا، فعلت ذلك. CANARI-RETOUR"},
}


def journey(browser, portal, desk, language, javascript, checks, shots):
    story = STORIES[language]
    name = f"{language}, JavaScript {'on' if javascript else 'off'}"
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=javascript,
                                  locale=language)
    foreign = []
    context.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((portal, desk)) else None)
    page = context.new_page()

    def shot(step):
        if shots:
            page.screenshot(path=f"{shots}/{language}-{step}.png", full_page=True)

    page.goto(f"{portal}/{language}/")
    checks.equal(f"{name}: the page speaks its language", page.locator("html").get_attribute("lang"), language)
    shot("1-home")
    page.locator("main a.btn--gold").click()
    # The first question, then the way to a message that asked for codes.
    for answer in ["me", "victim", "message", None, None]:
        if page.locator("form.ask").count() == 0:
            break
        if answer and page.locator(f"input[value={answer}]").count():
            page.locator(f"input[value={answer}]").check()
        else:
            page.locator("form.ask input[name=answer]").first.check()
        shot(f"2-question-{answer}")
        checks.true(f"{name}: the address does not name the problem", "phishing" not in page.url)
        page.locator("form.ask button").click()
    checks.true(f"{name}: the result has at least four steps", page.locator("ol.steps > li").count() >= 4)
    shot("3-result")
    page.locator("a.btn[href*=signaler]").click()
    shot("4-form")
    # A mistake first: nothing said.
    page.locator("main form button.btn").last.click()
    checks.true(f"{name}: a mistake is explained", page.locator("[role=alert]").count() == 1)
    shot("5-mistake")
    for group in page.locator("fieldset.field--bad").all():
        group.locator("input").first.check()
    page.locator("textarea").last.fill(story["text"])
    if page.locator("#item-url-0").count():
        page.locator("#item-url-0").fill(f"https://ma-banque.verification.example/{language}")
    page.locator("main form button.btn").last.click()
    groups = [g.inner_text() for g in page.locator(".codes > span").all()]
    code = "".join(groups)
    checks.true(f"{name}: a code of 26 digits", re.fullmatch(r"\d{26}", code) is not None)
    checks.true(f"{name}: the receipt does not say what it is about", "CANARI" not in page.content())
    reference = page.locator(".receipt__end dd .ltr").inner_text()
    shot("6-receipt")

    # The desk, in its own context: another person, another machine.
    staff = browser.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=javascript)
    table = staff.new_page()
    table.goto(f"{desk}/{language}/visite")
    table.locator("form:has(input[value=analyst]) button").click()
    if shots:
        table.screenshot(path=f"{shots}/{language}-7-queue.png", full_page=True)
    table.locator("#q").fill(reference)
    table.locator("form.filters button").click()
    table.locator("tbody a").first.click()
    checks.true(f"{name}: the analyst reads the report", story["text"] in visible_text(table))
    checks.true(f"{name}: reported addresses are no links",
                table.locator("a[href*='verification.example']").count() == 0)
    table.locator("form[action$=prendre] button").click()
    table.locator("form[action$=classer] input[name=urgency][value='2']").check()
    table.locator("form[action$=classer] button").click()
    table.locator("#event").select_option("start")
    table.locator("form[action$=etat] button").click()
    table.locator("#text").fill(story["reply"])
    table.locator("button[name=asking]").click()
    checks.true(f"{name}: the answer stands in the case", story["reply"] in visible_text(table))
    if shots:
        table.screenshot(path=f"{shots}/{language}-8-case.png", full_page=True)

    # Back with the code, first mistyped.
    page.goto(f"{portal}/{language}/suivi")
    page.locator("#code").fill(code[:-1] + str((int(code[-1]) + 1) % 10))
    page.locator("main form button").click()
    checks.true(f"{name}: a typing error is told apart", page.locator("[role=alert]").count() == 1)
    page.locator("#code").fill(" ".join(groups))
    page.locator("main form button").first.click()
    checks.true(f"{name}: the reporter reads the answer", story["reply"] in visible_text(page))
    checks.true(f"{name}: the code is in no address", code not in page.url)
    shot("9-follow")
    page.locator("#text").fill(story["back"])
    page.locator("form[action$=message] button").click()
    checks.true(f"{name}: the answer of the reporter is kept", story["back"] in visible_text(page))
    table.reload()
    checks.true(f"{name}: the desk reads it", story["back"] in visible_text(table))
    page.locator("form[action$=sortie] button").click()
    page.goto(f"{portal}/{language}/suivi/dossier")
    checks.true(f"{name}: after leaving the case is closed here", story["reply"] not in visible_text(page))
    checks.equal(f"{name}: nothing was asked of anybody else", foreign, [])
    staff.close()
    context.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("portal")
    arguments.add_argument("desk")
    arguments.add_argument("--shots")
    options = arguments.parse_args()
    checks = Checks()
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        for language in ["fr", "ar"]:
            for javascript in [False, True]:
                try:
                    journey(browser, options.portal, options.desk, language, javascript, checks,
                            options.shots if not javascript else None)
                except Exception as error:
                    checks.failed(f"{language}, JavaScript {javascript}: {str(error).splitlines()[0]}")
        browser.close()
    sys.exit(checks.finish())


main()
