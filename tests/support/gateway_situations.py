"""Situations in which the gateway is compared with the plain one: configurations, requests for their endpoints, and
what their backends answer. Mostly what is usual, often enough what is not."""

import gzip
from typing import Any, NamedTuple

from hypothesis import strategies as st

AUTHORITY = "backend.invalid"
"""Stands for the backend's address, which is known only once it runs."""


class Situation(NamedTuple):
    """What one example is made of. `answers` are those of backends by the first segment of the path asked for."""

    config: dict[str, Any]
    requests: bytes
    answers: dict[str, bytes]
    request_cuts: list[int]
    answer_cut: int


# -- configurations

PATHS = ("/plain", "/a/b", "/named/{id}", "/deep/{id}/end", "/ab")
HEADER_LISTS = st.sampled_from(
    [
        [],
        ["*"],
        ["*"],
        ["X-One", "x-two"],
        ["User-Agent", "Accept-Encoding"],
        ["Content-Type", "Content-Length"],
        ["Content-Length", "X-Forwarded-For", "Connection", "Cookie"],
        ["Accept", "Range", "X-Forwarded-Via", "User-Agent"],
    ]
)
QUERY_LISTS = st.sampled_from([[], ["*"], ["*"], ["a"], ["b", "a"], ["c d"]])
PATHS_IN_DATA = st.sampled_from(["a", "b", "c", "a.b", "b.a", "a.b.c", "é", "<k>"])
BACKEND_FILTERS = st.sampled_from([["*"], ["X-One"], ["User-Agent"], ["X-Forwarded-For", "Content-Length", "Accept"]])


@st.composite
def manipulations(draw: st.DrawFn) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if draw(st.booleans()):
        return keys
    match draw(st.integers(0, 3)):
        case 0:
            paths = draw(st.lists(PATHS_IN_DATA, min_size=1, max_size=3, unique=True))
            # Of a path and a longer one that begins with it, which one counts depends on their order.
            keys["allow"] = [one for one in paths if not any(one.startswith(f"{other}.") for other in paths)]
        case 1:
            keys["deny"] = draw(st.lists(PATHS_IN_DATA, min_size=1, max_size=3, unique=True))
    if draw(st.integers(0, 3)) == 0:
        keys["mapping"] = draw(st.sampled_from([{"a": "b"}, {"a": "z"}, {"b": "a", "c": "y"}]))
    if draw(st.integers(0, 3)) == 0:
        keys["target"] = draw(st.sampled_from(["a", "b.a"]))
    if draw(st.integers(0, 3)) == 0:
        keys["group"] = draw(st.sampled_from(["g", "a"]))
    return keys


@st.composite
def backends(draw: st.DrawFn, segment: str, parameter: str, method: str, *, is_no_op: bool) -> dict[str, Any]:
    patterns = [f"/{segment}", f"/{segment}?x=1", f"/{segment}/more"]
    if parameter:
        patterns += [f"/{segment}/{parameter}", f"/{segment}/v-{parameter}/x", f"/{segment}?q={parameter}"] * 2
    keys: dict[str, Any] = {"url_pattern": draw(st.sampled_from(patterns)), "host": [f"http://{AUTHORITY}"]}
    if draw(st.integers(0, 4)) == 0:
        keys["method"] = draw(st.sampled_from(["GET", "POST"]))
    if draw(st.integers(0, 4)) == 0:
        keys["input_headers"] = draw(BACKEND_FILTERS)
    if draw(st.integers(0, 4)) == 0:
        keys["input_query_strings"] = draw(st.sampled_from([["a"], ["*"], ["b"]]))
    if is_no_op:
        if method == "GET" and draw(st.integers(0, 6)) == 0:
            keys["method"] = "HEAD"
        return keys
    encoding = draw(st.sampled_from(["json"] * 6 + ["safejson", "string", "no-op"]))
    keys["encoding"] = encoding
    if encoding == "json" and draw(st.integers(0, 4)) == 0:
        keys["is_collection"] = True
    keys.update(draw(manipulations()))
    errors = draw(st.sampled_from([{}, {}, {}, {"return_error_details": "d"}, {"return_error_code": True}]))
    if errors:
        keys["extra_config"] = {"backend/http": errors}
    return keys


@st.composite
def endpoints(draw: st.DrawFn, number: int) -> dict[str, Any]:
    path, method = draw(st.sampled_from(PATHS)), draw(st.sampled_from(["GET", "GET", "GET", "POST", "PUT"]))
    is_no_op = draw(st.integers(0, 2)) == 0
    count = 1 if is_no_op else draw(st.sampled_from([1, 1, 2, 3]))
    output = "no-op" if is_no_op else draw(st.sampled_from(["json"] * 5 + ["negotiate", "json-collection", "string"]))
    parameter = "{id}" if "{id}" in path else ""
    keys: dict[str, Any] = {"endpoint": path, "method": method, "output_encoding": output}
    keys["backend"] = [draw(backends(f"b{number}{at}", parameter, method, is_no_op=is_no_op)) for at in range(count)]
    if draw(st.booleans()):
        keys["input_headers"] = draw(HEADER_LISTS)
    if draw(st.booleans()):
        keys["input_query_strings"] = draw(QUERY_LISTS)
    if draw(st.integers(0, 3)) == 0:
        keys["cache_ttl"] = "5s"
    if draw(st.integers(0, 3)) == 0:
        keys["extra_config"] = {"crossgate/cors": {"policy": draw(st.sampled_from(["evil", "nobody"]))}}
    return keys


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, Any]:
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 4))):
        endpoint = draw(endpoints(number))
        chosen[endpoint["endpoint"], endpoint["method"]] = endpoint
    extra: dict[str, Any] = {"router": {"disable_access_log": True, "return_error_msg": draw(st.booleans())}}
    if draw(st.integers(0, 4)):
        cors = {"allow_origins": ["https://app.example"], "allow_methods": ["GET", "POST"], "expose_headers": ["X-A"]}
        extra["security/cors"] = cors
        extra["crossgate/cors"] = {
            "upstream": draw(st.sampled_from(["strip", "pass", "prefer"])),
            "policies": {
                "evil": {
                    "allow_origins": ["https://evil.example"],
                    "allow_credentials": True,
                    "allow_methods": ["GET"],
                },
                "nobody": {"allow_origins": ["https://nobody.example"]},
            },
        }
    if "security/cors" not in extra or draw(st.booleans()):
        extra.get("crossgate/cors", {}).pop("policies", None)
        for endpoint in chosen.values():
            endpoint.pop("extra_config", None)
    return {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "timeout": "60s",
        "extra_config": extra,
        "endpoints": list(chosen.values()),
    }


# -- requests

REQUEST_FIELDS = st.lists(
    st.sampled_from(
        [
            b"Origin: https://app.example",
            b"Origin: https://app.example",
            b"Origin: https://evil.example",
            b"Origin: null",
            b"Access-Control-Request-Method: GET",
            b"Access-Control-Request-Method: PUT",
            b"Access-Control-Request-Headers: x-one",
            b"Connection: keep-alive",
            b"Connection: close",
            b"Connection: x-one, Cookie",
            b"Connection: close, X-Two",
            b"Proxy-Connection: close",
            b"Close: 1",
            b"Keep-Alive: timeout=5",
            b"TE: trailers",
            b"Upgrade: h2c",
            b"Cookie: a=b",
            b"Cookie: c=d",
            b"X-One: 1",
            b"x-one:again ",
            b"X-Two:\ttwo",
            b"X-EMPTY:",
            b"Content-Type: text/plain",
            b"User-Agent: curl",
            b"Accept-Encoding: gzip",
            b"Accept-Encoding: br",
            b"Range: bytes=0-1",
            b"Accept: application/xml",
            b"Accept: text/html, text/plain;q=0.5",
            b"Accept: application/json",
            b"X-Forwarded-For: 203.0.113.7, 10.0.0.1",
            b"X-Forwarded-For: nobody",
            b"X-Real-IP: 203.0.113.8",
            b"X-Forwarded-Host: other.example",
            b"X-Forwarded-Via: another",
            b"Expect: 100-continue",
            b"Referer: https://app.example/page",
        ]
    ),
    max_size=6,
)
QUERIES = st.sampled_from(
    [
        b"",
        b"",
        b"",
        b"?",
        b"?a=1",
        b"?b=2&a=1&a=0",
        b"?a=%zz&b=2",
        b"?a=x+y&c%20d=%26",
        b"?a=1;b=2&c=3",
        b"?A=1&a",
        b"?a=%C3%A9&&b=",
    ]
)
SEGMENTS = st.sampled_from(
    [
        b"a",
        b"7",
        b"a%20b",
        b"%C3%A9",
        b"a+b;c=d&e",
        b"x%2Fy",
        b"%252e",
        b"%3f",
        b"..",
        b"%5c",
        b"%25zz",
        b"",
        b"A:b@c'!",
    ]
)
HEAD_FAULTS = (
    ("GET /plain HTTP/1.1", "GET  /plain HTTP/1.1"),
    ("GET /plain HTTP/1.1", "GET /plain HTTP/2.0"),
    ("GET /plain HTTP/1.1", "GET /pl ain HTTP/1.1"),
    ("GET /plain HTTP/1.1", "GET plain HTTP/1.1"),
    ("GET /plain HTTP/1.1", "GET /plain#x HTTP/1.1"),
    ("GET /plain HTTP/1.1", "GET /%zz HTTP/1.1"),
    ("GET /plain HTTP/1.1", "CONNECT /plain HTTP/1.1"),
    ("GET /plain HTTP/1.1", "G\x00ET /plain HTTP/1.1"),
    ("Host: a.example\r\n", ""),
    ("Host: a.example\r\n", "Host: a.example\r\nHost: a.example\r\n"),
    ("Host: a.example\r\n", "Host: a b\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nContent-Length: 1x\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nContent-Length: 1\r\nContent-Length: 1\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nTransfer-Encoding: gzip\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nExpect: other\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nBad Name: 1\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nX: a\x00b\r\n"),
    ("Host: a.example\r\n", "Host: a.example\r\nX: a\x7fb\r\n"),
)


@st.composite
def requests(draw: st.DrawFn, config: dict[str, Any], answers: dict[str, bytes]) -> bytes:
    """One whole request, mostly for an endpoint."""
    fields = draw(REQUEST_FIELDS)
    if draw(st.integers(0, 15)) == 0:
        old, new = draw(st.sampled_from(HEAD_FAULTS))
        lines = [line for line in fields if not line.startswith(b"Expect")]
        head = "GET /plain HTTP/1.1\r\nHost: a.example\r\n".replace(old, new).encode("latin-1")
        return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    endpoint = draw(st.sampled_from(config["endpoints"]))
    path = endpoint["endpoint"].encode().replace(b"{id}", draw(SEGMENTS))
    match draw(st.integers(0, 12)):
        case 0:
            path = draw(st.sampled_from([b"/nowhere", b"/", b"//plain", b"/PLAIN", b"/a/./b", b"/A/b", b"/named/x/"]))
        case 1:
            path += b"/"
        case 2:
            path = b"http://absolute.example" + path
    method = endpoint["method"].encode()
    if draw(st.integers(0, 5)) == 0:
        method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"OPTIONS", b"OPTIONS", b"BREW"]))
    if method == b"OPTIONS" and draw(st.integers(0, 5)) == 0:
        path = b"*"
    query = draw(QUERIES) if path != b"*" else b""
    version = draw(st.sampled_from([b"1.1"] * 7 + [b"1.0"]))
    body = draw(st.sampled_from([b"", b"", b"", b"body", b'{"a": 1}', b"x" * 3000]))
    if version == b"1.1" and draw(st.integers(0, 3)) == 0:
        fields.append(b"Transfer-Encoding: chunked")
        if any(answer.startswith((b"HTTP/1.1 307", b"HTTP/1.1 308")) for answer in answers.values()):
            body = body or b"body"  # whether one of no bytes is known to be empty then is a matter of time
        body = in_chunks(body, draw(st.integers(0, 5)))
    elif body or draw(st.integers(0, 4)) == 0:
        fields.append(b"Content-Length: %d" % len(body))
    if body:  # whether it is asked for depends on when it comes
        fields = [line for line in fields if not line.startswith(b"Expect")]
    lines = b"".join(line + b"\r\n" for line in draw(st.permutations([b"Host: gateway.example:8080", *fields])))
    return b"%b %b%b HTTP/%b\r\n%b\r\n%b" % (method, path, query, version, lines, body)


def in_chunks(body: bytes, first: int) -> bytes:
    pieces = [piece for piece in (body[:first], body[first:]) if piece]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


# -- answers

NUMBERS = st.sampled_from(["0", "-0", "-1", "1.0", "1E+2", "12345678901234567890", "0.10"])
STRINGS = st.sampled_from(
    ['""', '"x"', '"<&>"', '"\\u00e9"', '"é"', '"a\\nb\\\\"', '"\\u2028"', '"\\ud83d\\ude00"', '"1"']
)
KEYS = st.sampled_from(['"a"', '"b"', '"c"', '"é"', '"<k>"', '"\\u0061"', '"z"'])
BLANKS = st.sampled_from(["", "", " ", "\n\t"])


def _object(pairs: list[tuple[str, str]], blank: str) -> str:
    return "{" + blank + ",".join(f"{blank}{key}{blank}:{blank}{value}" for key, value in pairs) + "}"


JSON_VALUES = st.recursive(
    st.one_of(NUMBERS, STRINGS, st.sampled_from(["true", "false", "null", "[]", "{}"])),
    lambda inner: st.one_of(
        st.builds(_object, st.lists(st.tuples(KEYS, inner), max_size=4), BLANKS),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    ),
    max_leaves=12,
)
JSON_OBJECTS = st.builds(_object, st.lists(st.tuples(KEYS, JSON_VALUES), max_size=5), BLANKS)
JSON_BODIES = st.one_of(
    *[JSON_OBJECTS] * 6,
    JSON_VALUES,
    st.sampled_from(["", "{", '{"a":1', '{"a":}', "[1,]", "nope", '{"a":1}trailing', " null", '"text"', "[{}, 1]"]),
).map(str.encode)
ANSWER_FIELDS = st.lists(
    st.sampled_from(
        [
            b"Content-Type: application/json",
            b"content-type:text/plain",
            b"Date: Sun, 01 Nov 2026 00:00:00 GMT",
            b"Vary: Accept",
            b"VARY: origin",
            b"Access-Control-Allow-Origin: *",
            b"Access-Control-Expose-Headers: X-B",
            b"Connection: keep-alive",
            b"Connection: close",
            b"Connection: X-A",
            b"Keep-Alive: timeout=5",
            b"Proxy-Authenticate: Basic",
            b"Close: 1",
            b"X-A: b",
            b"X-A:  c ",
            b"X-Krakend: none",
            b"Server: s",
            b"Set-Cookie: a=b",
            b"Set-Cookie: c=d",
            b"Cache-Control: no-store",
        ]
    ),
    max_size=4,
)
STATUSES = st.sampled_from([200] * 8 + [201, 204, 206, 304, 400, 404, 500, 503, 299])


@st.composite
def answers(draw: st.DrawFn, follow_up: str) -> bytes:
    """A backend's whole answer; it may send to `follow_up`."""
    status, lines, body = draw(STATUSES), draw(ANSWER_FIELDS), draw(JSON_BODIES)
    if draw(st.integers(0, 7)) == 0:
        body = draw(st.sampled_from([b"text", b"\x00" * 70_000, b"x" * 5000]))
    if follow_up and draw(st.integers(0, 6)) == 0:
        status = draw(st.sampled_from([301, 302, 303, 307, 308]))
        places = [f"/{follow_up}", f"/{follow_up}?y=2", f"http://{AUTHORITY}/{follow_up}", follow_up, ""]
        place = draw(st.sampled_from(places))
        if place:
            lines.append(b"Location: " + place.encode())
    if draw(st.integers(0, 4)) == 0 and status not in (204, 304) and body:
        lines.append(draw(st.sampled_from([b"Content-Encoding: gzip", b"content-encoding:GZIP"])))
        body = gzip.compress(body, mtime=0)
    elif draw(st.integers(0, 12)) == 0:
        lines.append(b"Content-Encoding: br")
    framing = draw(st.sampled_from(["length", "length", "length", "chunked", "chunked", "close"]))
    if status in (204, 304):
        body = b""
    elif framing == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
        body = in_chunks(body, draw(st.integers(0, 9)))
    elif framing == "length":
        lines.insert(0, b"Content-Length: %d" % len(body))
    return b"HTTP/1.1 %d Said So\r\n%b\r\n%b" % (status, b"".join(line + b"\r\n" for line in lines), body)


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    config = draw(configurations())
    said = {"next": draw(answers(""))}
    for endpoint in config["endpoints"]:
        for one in endpoint["backend"]:
            said[first_segment(one["url_pattern"])] = draw(answers("next"))
    asked = b"".join(draw(st.lists(requests(config, said), min_size=1, max_size=3)))
    return Situation(config, asked, said, draw(st.lists(st.integers(0, 4000), max_size=3)), draw(st.integers(0, 300)))


def first_segment(target: str) -> str:
    return target.partition("?")[0].split("/")[1]
