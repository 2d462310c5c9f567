"""Cases that are not a product: strange answers, limits of the safelist, redirects, the preflight cache, modes.

Each taught something or guards against an error that somebody makes; the names say which.
"""

from collections.abc import Iterator

from tests.browser.case import PLAIN, Ask, Case, Header, Policy, Reply
from tests.browser.policies_times_requests import POLICIES
from tests.browser.redirect_and_cache_cases import cache_cases, redirect_cases

ORIGIN = "Access-Control-Allow-Origin"
CREDENTIALS = "Access-Control-Allow-Credentials"
METHODS = "Access-Control-Allow-Methods"
HEADERS = "Access-Control-Allow-Headers"
EXPOSE = "Access-Control-Expose-Headers"

GET = Ask()
GET_CREDENTIALS = Ask(credentials="include")
PUT = Ask("PUT", body="x")
HEADER_A = Ask(headers=(("X-A", "1"),))


def named_cases() -> Iterator[Case]:
    """All of them."""
    yield from _strange_allow_origin()
    yield from _strange_credentials()
    yield from _strange_preflights()
    yield from _exposed_headers()
    yield from _safelist_limits()
    yield from _many_names()
    yield from _forbidden_names()
    yield from _modes()
    yield from _mixed_content()
    yield from redirect_cases()
    yield from cache_cases()
    yield from _gateway()


def _answering(name: str, ask: Ask, *headers: Header, preflight: Reply | None = None) -> Case:
    """A case without a policy: these CORS fields on the answer, and on the preflight's unless given."""
    reply = Reply(200, PLAIN.headers + headers)
    return Case(name, None, (ask,), replies={"": reply}, preflight=preflight or Reply(204, headers))


def _strange_allow_origin() -> Iterator[Case]:
    values = {
        "upper-case scheme": "HTTP://{page_host}",
        "trailing slash": "{page}/",
        "without scheme": "{page_host}",
        "two in one": "{page}, {page}",
        "two by blank": "{page} https://elsewhere.example",
        "star and origin": "*, {page}",
        "star with quotes": '"*"',
        "null": "null",
        "empty": "",
        "true": "true",
        "other port": "http://127.0.0.1:9",
        "other scheme": "https://{page_host}",
        "path": "{page}/index.html",
        "pattern": "http://*",
        "right": "{page}",
        "star": "*",
    }
    for name, value in values.items():
        yield _answering(f"allow-origin {name}", GET, (ORIGIN, value))
        yield _answering(f"allow-origin {name}, credentials", GET_CREDENTIALS, (ORIGIN, value), (CREDENTIALS, "true"))
    yield _answering("allow-origin twice the same", GET, (ORIGIN, "{page}"), (ORIGIN, "{page}"))
    yield _answering("allow-origin twice, star and origin", GET, (ORIGIN, "*"), (ORIGIN, "{page}"))
    yield _answering("allow-origin twice star", GET, (ORIGIN, "*"), (ORIGIN, "*"))
    yield _answering("no allow-origin", GET)


def _strange_credentials() -> Iterator[Case]:
    for value in ("true", "True", "TRUE", "1", "yes", "false", "true, true", ""):
        fields = ((ORIGIN, "{page}"), (CREDENTIALS, value))
        yield _answering(f"allow-credentials {value!r}", GET_CREDENTIALS, *fields)
        yield _answering(f"allow-credentials {value!r} unasked", GET, *fields)
        yield _answering(
            f"allow-credentials {value!r} on PUT",
            Ask("PUT", credentials="include", body="x"),
            *fields,
            (METHODS, "PUT"),
        )
    yield _answering(
        "allow-credentials on two lines",
        GET_CREDENTIALS,
        (ORIGIN, "{page}"),
        (CREDENTIALS, "true"),
        (CREDENTIALS, "true"),
    )


def _strange_preflights() -> Iterator[Case]:
    right = ((ORIGIN, "{page}"), (METHODS, "PUT"), (HEADERS, "X-A"))
    answer = (ORIGIN, "{page}")
    for status in (200, 204, 206, 299, 300, 304, 400, 401, 403, 405, 500):
        yield _answering(f"preflight status {status}", PUT, answer, preflight=Reply(status, right, ""))
    for status in (301, 302, 303, 307, 308):
        moved = Reply(status, (*right, ("Location", "{gateway}{here}")), "")
        yield _answering(f"preflight redirect {status}", PUT, answer, preflight=moved)
    methods = {
        "lower case": "put",
        "star": "*",
        "several": "GET, PUT,DELETE",
        "with blanks": " GET ,  PUT ",
        "empty elements": ",,PUT,,",
        "by blanks": "GET PUT",
        "by semicolon": "GET;PUT",
        "quoted": '"PUT"',
        "missing it": "GET, POST",
        "empty": "",
    }
    for name, value in methods.items():
        reply = Reply(204, (answer, (METHODS, value)), "")
        yield _answering(f"allow-methods {name}", PUT, answer, preflight=reply)
    patch = Ask("patch", body="x")
    yield _answering(
        "allow-methods PATCH for patch", patch, answer, preflight=Reply(204, (answer, (METHODS, "PATCH")), "")
    )
    yield _answering(
        "allow-methods patch for patch", patch, answer, preflight=Reply(204, (answer, (METHODS, "patch")), "")
    )
    yield _answering(
        "allow-methods on two lines",
        PUT,
        answer,
        preflight=Reply(204, (answer, (METHODS, "GET"), (METHODS, "PUT")), ""),
    )
    headers = {
        "other case": "x-A",
        "star": "*",
        "several": "X-B,X-A",
        "missing it": "X-B",
        "empty": "",
        "by blanks": "X-B X-A",
        "with colon": "X-A:",
        "trailing comma": "X-A,",
    }
    for name, value in headers.items():
        reply = Reply(204, (answer, (HEADERS, value)), "")
        yield _answering(f"allow-headers {name}", HEADER_A, answer, preflight=reply)
    for name, ask in (("", HEADER_A), (" put", PUT)):
        with_credentials = Ask(ask.method, ask.headers, "include", body=ask.body)
        granted = ((ORIGIN, "{page}"), (CREDENTIALS, "true"))
        star = Reply(204, (*granted, (METHODS, "*"), (HEADERS, "*")), "")
        yield _answering(f"star with credentials{name}", with_credentials, *granted, preflight=star)
    authorization = Ask(headers=(("Authorization", "Basic eDp5"),))
    for name, value in (("star", "*"), ("by name", "Authorization"), ("star and by name", "*, authorization")):
        reply = Reply(204, ((ORIGIN, "*"), (HEADERS, value)), "")
        yield _answering(f"authorization, allow-headers {name}", authorization, (ORIGIN, "*"), preflight=reply)
    yield _answering("preflight right, answer without", PUT, preflight=Reply(204, right, ""))
    yield _answering("preflight without, answer right", PUT, answer, preflight=Reply(204, (), ""))
    yield _answering("preflight allows another", PUT, answer, preflight=Reply(204, ((ORIGIN, "http://x.example"),), ""))
    upload = Ask("POST", (("Content-Type", "text/plain"),), body="x", api="xhr", upload_listener=True)
    yield _answering("upload listener, no methods", upload, answer, preflight=Reply(204, (answer,), ""))
    yield _answering(
        "upload listener, other method", upload, answer, preflight=Reply(204, (answer, (METHODS, "GET")), "")
    )


def _exposed_headers() -> Iterator[Case]:
    seven: tuple[Header, ...] = (
        ("Cache-Control", "no-store"),
        ("Content-Language", "en"),
        ("Content-Type", "text/plain"),
        ("Expires", "0"),
        ("Last-Modified", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Pragma", "no-cache"),
        ("X-One", "1"),
        ("ETag", '"1"'),
        ("Set-Cookie", "a=b"),
        ("Server-Timing", "a"),
    )
    values = ("", "X-One", "x-one, ETAG", "*", "X-One, *", "X-One X-Two", "Set-Cookie, X-One", "X-One,,", "Vary, Date")
    for value in values:
        for name, ask in (("", GET), (", credentials", GET_CREDENTIALS)):
            fields = (*seven, (ORIGIN, "{page}"), (CREDENTIALS, "true"), (EXPOSE, value))
            yield Case(f"expose {value!r}{name}", None, (ask,), replies={"": Reply(200, fields)})
    lines = (*seven, (ORIGIN, "{page}"), (EXPOSE, "X-One"), (EXPOSE, "ETag"))
    yield Case("expose on two lines", None, (GET,), replies={"": Reply(200, lines)})


def _safelist_limits() -> Iterator[Case]:
    policy = Policy(
        {
            "allow_origins": ["{page}"],
            "allow_methods": ["GET", "POST"],
            "allow_headers": [
                "Accept",
                "Accept-Language",
                "Content-Language",
                "Content-Type",
                "Range",
                "X-A",
                "X-Long",
            ],
        }
    )
    values: dict[str, tuple[Header, ...]] = {
        "accept 128": (("Accept", "a" * 128),),
        "accept 129": (("Accept", "a" * 129),),
        "accept unsafe byte": (("Accept", "text/html;q=(1)"),),
        "accept quote": (("Accept", 'a="b"'),),
        "accept tab": (("Accept", "a\tb"),),
        "accept-language plain": (("Accept-Language", "de-CH, en;q=0.5"),),
        "accept-language underscore": (("Accept-Language", "de_CH"),),
        "accept-language quote": (("Accept-Language", "de'CH"),),
        "content-language": (("Content-Language", "de"),),
        "content-language slash": (("Content-Language", "de/CH"),),
        "content-type form": (("Content-Type", "application/x-www-form-urlencoded"),),
        "content-type multipart": (("Content-Type", "multipart/form-data; boundary=x"),),
        "content-type upper": (("Content-Type", "TEXT/PLAIN"),),
        "content-type quoted parameter": (("Content-Type", 'text/plain; charset="utf-8"'),),
        "content-type xml": (("Content-Type", "text/xml"),),
        "content-type two": (("Content-Type", "text/plain, application/json"),),
        "content-type no slash": (("Content-Type", "text"),),
        "content-type long": (("Content-Type", "text/plain; a=" + "b" * 120),),
        "range simple": (("Range", "bytes=0-9"),),
        "range open": (("Range", "bytes=5-"),),
        "range suffix": (("Range", "bytes=-5"),),
        "range two": (("Range", "bytes=0-1,3-4"),),
        "range backwards": (("Range", "bytes=9-0"),),
        "range upper": (("Range", "Bytes=0-9"),),
        "own header empty": (("X-A", ""),),
        "own header long": (("X-Long", "v" * 4000),),
        "accept twice": (("Accept", "a" * 70), ("Accept", "b" * 70)),
        "language twice short": (("Accept-Language", "de"), ("Accept-Language", "en")),
        "language twice long": (("Accept-Language", "d" * 120), ("Accept-Language", "e" * 120)),
        "language nine times long": tuple(("Accept-Language", letter * 120) for letter in "abcdefghi"),
        "content-type twice": (("Content-Type", "text/plain"), ("Content-Type", "text/plain")),
        "own header twice": (("X-A", "1"), ("X-A", "2")),
        "safelisted together too long": tuple(
            (name, "a" * 120) for name in ("Accept", "Accept-Language", "Content-Language") for _ in range(3)
        ),
    }
    for name, headers in values.items():
        method = "POST" if any(header.startswith("Content") for header, _ in headers) else "GET"
        ask = Ask(method, headers, body="x" if method == "POST" else "")
        yield Case(f"safelist {name}", policy, (ask,))
        yield Case(
            f"safelist {name}, nothing allowed", Policy({"allow_origins": ["{page}"], "allow_headers": ["X-Z"]}), (ask,)
        )


def _many_names() -> Iterator[Case]:
    names = [f"X-Header-{number}" for number in range(40)]
    ask = Ask(headers=tuple((name, "1") for name in reversed(names)))
    for text, allowed in (("all allowed", names), ("one missing", names[:-1]), ("any allowed", ["*"])):
        yield Case(f"forty headers, {text}", Policy({"allow_origins": ["{page}"], "allow_headers": allowed}), (ask,))


def _forbidden_names() -> Iterator[Case]:
    names = (
        "Accept-Charset", "Accept-Encoding", "Access-Control-Request-Headers", "Access-Control-Request-Method",
        "Connection", "Content-Length", "Cookie", "Date", "DNT", "Expect", "Host", "Keep-Alive", "Origin", "Referer",
        "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Proxy-A", "Sec-A",
    )  # fmt: skip
    policy = Policy({"allow_origins": ["{page}"], "allow_headers": ["X-A"]})
    for name in names:
        yield Case(f"forbidden {name}", policy, (Ask(headers=((name, "1"),)),))
    others = ("User-Agent", "DPR", "Save-Data", "Width", "Viewport-Width", "Device-Memory", "Downlink", "RTT", "ECT")
    values = {"Save-Data": "on", "ECT": "4g"}
    for name in others:
        ask = Ask(headers=((name, values.get(name, "1")),))
        yield Case(f"hint {name} refused", policy, (ask,))
        yield Case(f"hint {name} allowed", Policy({"allow_origins": ["{page}"], "allow_headers": [name]}), (ask,))
    for method, value in (("trace", "TRACE"), ("get", "GET")):
        ask = Ask(headers=(("X-HTTP-Method-Override", value),))
        yield Case(f"method override {method}", policy, (ask,))
    for method in ("TRACE", "CONNECT", "TRACK"):
        yield Case(f"method {method}", POLICIES["any-all"], (Ask(method),))


def _modes() -> Iterator[Case]:
    for policy in ("exact", "somebody-else"):
        yield Case(f"no-cors {policy}", POLICIES[policy], (Ask(mode="no-cors"),))
        yield Case(f"no-cors credentials {policy}", POLICIES[policy], (Ask(mode="no-cors", credentials="include"),))
        yield Case(
            f"no-cors header dropped {policy}", POLICIES[policy], (Ask(mode="no-cors", headers=(("X-A", "1"),)),)
        )
        yield Case(f"no-cors put {policy}", POLICIES[policy], (Ask("PUT", mode="no-cors"),))
        yield Case(f"same-origin mode {policy}", POLICIES[policy], (Ask(mode="same-origin"),))


def _mixed_content() -> Iterator[Case]:
    """A name that is no loopback name: a page on https may not call it over http."""
    for where in ("address", "tls", "sandboxed"):
        for name, ask in (("get", Ask(host="foreign")), ("put", Ask("PUT", body="x", host="foreign"))):
            yield Case(f"mixed content, {where} {name}", POLICIES["page-and-null"], (ask,), where)


def _gateway() -> Iterator[Case]:
    """What the gateway adds to KrakenD's CORS block."""
    theirs = Reply(200, (*PLAIN.headers, (ORIGIN, "https://elsewhere.example"), (CREDENTIALS, "true")))
    for upstream in ("strip", "pass", "prefer"):
        policy = Policy({"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"]}, 3, {"upstream": upstream})
        for name, ask in (("get", GET), ("put", PUT)):
            yield Case(f"upstream {upstream} {name}", policy, (ask,), replies={"": theirs})
    rules = Policy(
        None,
        3,
        {
            "policies": {
                "main": {
                    "allow_origins": ["https://elsewhere.example"],
                    "rules": [
                        {"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"], "allow_credentials": True}
                    ],
                }
            },
            "default": "main",
        },
    )
    for name, ask in (("get", GET), ("get-credentials", GET_CREDENTIALS), ("put", PUT), ("header", HEADER_A)):
        yield Case(f"rules {name}", rules, (ask,))
    report = Policy({"allow_origins": ["{page}"]}, 3, {"report_only": True})
    yield Case("report only get", report, (GET,))
    passthrough = Policy({"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"], "options_passthrough": True})
    yield Case("options passthrough put", passthrough, (PUT,))
    private = Policy({"allow_origins": ["{page}"], "allow_methods": ["GET", "PUT"], "allow_private_network": True})
    yield Case("private network put", private, (PUT,))
