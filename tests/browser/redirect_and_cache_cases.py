"""Cases of more than one exchange: redirects, and the preflight cache."""

from collections.abc import Iterator

from tests.browser.case import PLAIN, Ask, Case, Policy, Reply
from tests.browser.policies_times_requests import POLICIES

ORIGIN = "Access-Control-Allow-Origin"
METHODS = "Access-Control-Allow-Methods"
MAX_AGE = "Access-Control-Max-Age"

PUT = Ask("PUT", body="x")
HEADER_A = Ask(headers=(("X-A", "1"),))


def redirect_cases() -> Iterator[Case]:
    """`start` leads on; the goal answers as the policy says."""
    for status in (301, 302, 303, 307, 308):
        for name, location in (("same host", "{gateway}{here}goal"), ("other host", "{other}{here}goal")):
            replies = {
                "start": Reply(status, (("Location", location), ("Cache-Control", "no-store")), ""),
                "goal": PLAIN,
            }
            for policy in ("exact-credentials", "any-all", "null-listed"):
                get = Ask(rest="start")
                yield Case(f"redirect {status} {name} get {policy}", POLICIES[policy], (get,), replies=replies)
            for method, ask in {
                "put": Ask("PUT", body="x", rest="start"),
                "post-json": Ask("POST", (("Content-Type", "application/json"),), body="{}", rest="start"),
                "authorization": Ask(headers=(("Authorization", "t"),), rest="start"),
                "get-credentials": Ask(credentials="include", rest="start"),
            }.items():
                for policy in ("exact-credentials", "any-all", "page-and-null"):
                    yield Case(f"redirect {status} {name} {method} {policy}", POLICIES[policy], (ask,), replies=replies)
    moved = Reply(302, (("Location", "{gateway}{here}goal"), ("Cache-Control", "no-store")), "")
    for mode in ("error", "manual"):
        ask = Ask(rest="start", redirect="error" if mode == "error" else "manual")
        yield Case(f"redirect mode {mode}", POLICIES["exact"], (ask,), replies={"start": moved, "goal": PLAIN})
    strange = {
        "to user and password": "http://user:secret@{gateway_host}{here}goal",
        "to file": "file:///etc/hostname",
        "to data": "data:text/plain,x",
        "relative": "goal",
        "home": "{page}/landing",
        "in a loop": "{gateway}{here}start",
    }
    for name, location in strange.items():
        start = Reply(302, (("Location", location), ("Cache-Control", "no-store")), "")
        replies = {"start": start, "goal": PLAIN}
        yield Case(f"redirect {name}", POLICIES["any-all"], (Ask(rest="start"),), replies=replies)
    no_location = Reply(302, (("Cache-Control", "no-store"),), "")
    yield Case("redirect nowhere", POLICIES["any-all"], (Ask(rest="start"),), replies={"start": no_location})
    bare = Case(
        "redirect without allow-origin on the way",
        None,
        (Ask(rest="start"),),
        replies={"start": moved, "goal": Reply(200, (*PLAIN.headers, (ORIGIN, "*")))},
    )
    yield bare


def cache_cases() -> Iterator[Case]:
    """The same request twice, or one that the first one's answer may cover."""
    for max_age in (None, "0s", "-1s", "600s", "24h"):
        block = {"allow_origins": ["{page}"], "allow_methods": ["PUT", "DELETE"], "allow_credentials": True}
        if max_age is not None:
            block["max_age"] = max_age
        yield Case(f"cache max_age {max_age}", Policy(block), (PUT, PUT))
    for value in ("abc", "600", "0", "-5", "600, 700", "1.5", ""):
        granted = ((ORIGIN, "{page}"), (METHODS, "PUT"), (MAX_AGE, value))
        reply = Reply(200, (*PLAIN.headers, (ORIGIN, "{page}")))
        yield Case(f"cache field {value!r}", None, (PUT, PUT), replies={"": reply}, preflight=Reply(204, granted, ""))
    block = {
        "allow_origins": ["{page}"],
        "allow_methods": ["GET", "PUT", "DELETE"],
        "allow_headers": ["X-A", "X-B"],
        "allow_credentials": True,
        "max_age": "600s",
    }
    credentials_put = Ask("PUT", credentials="include", body="x")
    pairs = {
        "other method": (PUT, Ask("DELETE")),
        "other header": (HEADER_A, Ask(headers=(("X-B", "1"),))),
        "fewer headers": (Ask(headers=(("X-A", "1"), ("X-B", "1"))), HEADER_A),
        "more headers": (HEADER_A, Ask(headers=(("X-A", "1"), ("X-B", "1")))),
        "with, then without credentials": (credentials_put, PUT),
        "without, then with credentials": (PUT, credentials_put),
        "other path": (Ask("PUT", body="x", rest="one"), Ask("PUT", body="x", rest="two")),
        "other query": (Ask("PUT", body="x", rest="?a"), Ask("PUT", body="x", rest="?b")),
    }
    replies = {"": PLAIN, "one": PLAIN, "two": PLAIN}
    for name, asks in pairs.items():
        yield Case(f"cache {name}", Policy(block), asks, replies=replies)
    short = {**block, "max_age": "1s"}
    yield Case("cache expired", Policy(short), (PUT, Ask("PUT", body="x", wait_ms=1300)))
