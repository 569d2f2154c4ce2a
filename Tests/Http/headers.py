"""The score that MDN's HTTP Observatory would give a page's headers (its published numbers). What needs a public host,
TLS and redirection, is the reverse proxy's and taken as right."""
import re

OF_CSP = {"none": -25, "unsafe": -20, "eval": -10, "style": 0, "good": 5, "default none": 10}


def policy(text):
    directives = {}
    for directive in text.split(";"):
        words = directive.split()
        if words:
            directives.setdefault(words[0].lower(), [word.lower() for word in words[1:]])
    return directives


def judge_policy(directives):
    broad = {"https:", "http:", "data:", "*"}

    def sources(name):
        return directives.get(name, directives.get("default-src"))

    def is_unsafe(words):
        hashed = any(word.startswith(("'nonce-", "'sha")) for word in words)
        return bool(set(words) & broad) or ("'unsafe-inline'" in words and not hashed)

    if not directives:
        return "none"
    script, plugin, style = sources("script-src"), sources("object-src"), sources("style-src")
    if script is None or plugin is None or is_unsafe(script) or set(plugin) & broad:
        return "unsafe"
    if "'unsafe-eval'" in script:
        return "eval"
    if style is None or is_unsafe(style):
        return "style"
    return "default none" if directives.get("default-src") == ["'none'"] else "good"


def cookie_score(cookies):
    if not cookies:
        return 0
    worst = 5
    for cookie in cookies:
        text = cookie.lower()
        if "; secure" not in text:
            worst = min(worst, -40)
        if "httponly" not in text:
            worst = min(worst, -30)
        if "samesite=strict" not in text and "samesite=lax" not in text:
            worst = min(worst, 0)
    return worst


def parts(headers, page):
    def of(name):
        return ", ".join(headers.get_all(name) or [])

    directives = policy(of("Content-Security-Policy"))
    age = re.search(r"max-age=(\d+)", of("Strict-Transport-Security"))
    foreign = re.findall(r'<script[^>]+src="(?:https?:)?//', page)
    return {
        "content security policy": OF_CSP[judge_policy(directives)],
        "cookies": cookie_score(headers.get_all("Set-Cookie")),
        "cross-origin sharing": -50 if of("Access-Control-Allow-Origin") == "*" else 0,
        "referrer policy": 5 if of("Referrer-Policy") in ("no-referrer", "same-origin", "strict-origin") else 0,
        "transport security": 0 if age and int(age.group(1)) >= 15_768_000 else -20,
        "foreign scripts": -50 if foreign else 0,
        "content type options": 0 if of("X-Content-Type-Options").lower() == "nosniff" else -5,
        "frames": 5 if "frame-ancestors" in directives else -20,
        "resource policy": 10 if of("Cross-Origin-Resource-Policy") in ("same-origin", "same-site") else 0,
        "embedder policy": 10 if of("Cross-Origin-Embedder-Policy") in ("require-corp", "credentialless") else 0,
        "opener policy": 10 if of("Cross-Origin-Opener-Policy").startswith("same-origin") else 0,
    }


def score(headers, page):
    """Points above 100 count only for who lost none, or nearly none, below."""
    all_parts = parts(headers, page)
    base = 100 + sum(points for points in all_parts.values() if points < 0)
    return base + (sum(points for points in all_parts.values() if points > 0) if base >= 90 else 0)
