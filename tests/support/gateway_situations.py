"""Situations in which the gateway is compared with the plain one: configurations, requests for their endpoints, and
what their backends answer. Mostly what is usual, often enough what is not."""

import gzip
from random import Random
from typing import Any, NamedTuple

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
HEADER_LISTS = [
    [],
    ["*"],
    ["*"],
    ["X-One", "x-two"],
    ["User-Agent", "Accept-Encoding"],
    ["Content-Type", "Content-Length"],
    ["Content-Length", "X-Forwarded-For", "Connection", "Cookie"],
    ["Accept", "Range", "X-Forwarded-Via", "User-Agent"],
]
QUERY_LISTS = [[], ["*"], ["*"], ["a"], ["b", "a"], ["c d"]]
PATHS_IN_DATA = ["a", "b", "c", "a.b", "b.a", "a.b.c", "é", "<k>"]
BACKEND_FILTERS = [["*"], ["X-One"], ["User-Agent"], ["X-Forwarded-For", "Content-Length", "Accept"]]


def manipulations(random: Random) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if random.random() < 0.3:
        return keys
    match random.randint(0, 2):
        case 0:
            paths = random.sample(PATHS_IN_DATA, random.randint(1, 3))
            # Of a path and a longer one that begins with it, which one counts depends on their order.
            keys["allow"] = [one for one in paths if not any(one.startswith(f"{other}.") for other in paths)]
        case 1:
            keys["deny"] = random.sample(PATHS_IN_DATA, random.randint(1, 3))
    if random.randint(0, 3) == 0:
        keys["mapping"] = random.choice([{"a": "b"}, {"a": "z"}, {"b": "a", "c": "y"}])
    if random.randint(0, 3) == 0:
        keys["target"] = random.choice(["a", "b.a"])
    if random.randint(0, 3) == 0:
        keys["group"] = random.choice(["g", "a"])
    return keys


def backend_of(random: Random, segment: str, parameter: str, method: str, *, is_no_op: bool) -> dict[str, Any]:
    patterns = [f"/{segment}", f"/{segment}?x=1", f"/{segment}/more"]
    if parameter:
        patterns += [f"/{segment}/{parameter}", f"/{segment}/v-{parameter}/x", f"/{segment}?q={parameter}"] * 2
    keys: dict[str, Any] = {"url_pattern": random.choice(patterns), "host": [f"http://{AUTHORITY}"]}
    if random.randint(0, 4) == 0:
        keys["method"] = random.choice(["GET", "POST"])
    if random.randint(0, 4) == 0:
        keys["input_headers"] = random.choice(BACKEND_FILTERS)
    if random.randint(0, 4) == 0:
        keys["input_query_strings"] = random.choice([["a"], ["*"], ["b"]])
    if is_no_op:
        if method == "GET" and random.randint(0, 6) == 0:
            keys["method"] = "HEAD"
        return keys
    encoding = random.choice(["json"] * 6 + ["safejson", "string", "no-op"])
    keys["encoding"] = encoding
    if encoding == "json" and random.randint(0, 4) == 0:
        keys["is_collection"] = True
    keys.update(manipulations(random))
    errors = random.choice([{}, {}, {}, {"return_error_details": "d"}, {"return_error_code": True}])
    if errors:
        keys["extra_config"] = {"backend/http": errors}
    return keys


def endpoint_of(random: Random, number: int) -> dict[str, Any]:
    path, method = random.choice(PATHS), random.choice(["GET", "GET", "GET", "POST", "PUT"])
    is_no_op = random.randint(0, 2) == 0
    count = 1 if is_no_op else random.choice([1, 1, 2, 3])
    output = "no-op" if is_no_op else random.choice(["json"] * 5 + ["negotiate", "json-collection", "string"])
    parameter = "{id}" if "{id}" in path else ""
    keys: dict[str, Any] = {"endpoint": path, "method": method, "output_encoding": output}
    keys["backend"] = [
        backend_of(random, f"b{number}{at}", parameter, method, is_no_op=is_no_op) for at in range(count)
    ]
    if random.random() < 0.5:
        keys["input_headers"] = random.choice(HEADER_LISTS)
    if random.random() < 0.5:
        keys["input_query_strings"] = random.choice(QUERY_LISTS)
    if random.randint(0, 3) == 0:
        keys["cache_ttl"] = "5s"
    if random.randint(0, 3) == 0:
        keys["extra_config"] = {"crossgate/cors": {"policy": random.choice(["evil", "nobody"])}}
    return keys


def configuration(random: Random) -> dict[str, Any]:
    chosen: dict[tuple[str, str], dict[str, Any]] = {}
    for number in range(random.randint(1, 4)):
        endpoint = endpoint_of(random, number)
        chosen[endpoint["endpoint"], endpoint["method"]] = endpoint
    extra: dict[str, Any] = {"router": {"disable_access_log": True, "return_error_msg": random.random() < 0.5}}
    if random.randint(0, 4):
        cors = {"allow_origins": ["https://app.example"], "allow_methods": ["GET", "POST"], "expose_headers": ["X-A"]}
        extra["security/cors"] = cors
        extra["crossgate/cors"] = {
            "upstream": random.choice(["strip", "pass", "prefer"]),
            "policies": {
                "evil": {
                    "allow_origins": ["https://evil.example"],
                    "allow_credentials": True,
                    "allow_methods": ["GET"],
                },
                "nobody": {"allow_origins": ["https://nobody.example"]},
            },
        }
    if "security/cors" not in extra or random.random() < 0.5:
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

REQUEST_FIELDS = [
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
QUERIES = [
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
SEGMENTS = [
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


def request_for(random: Random, config: dict[str, Any], answers: dict[str, bytes]) -> bytes:
    """One whole request, mostly for an endpoint."""
    fields = random.sample(REQUEST_FIELDS, random.randint(0, 7))
    if random.randint(0, 15) == 0:
        old, new = random.choice(HEAD_FAULTS)
        lines = [line for line in fields if not line.startswith(b"Expect")]
        head = "GET /plain HTTP/1.1\r\nHost: a.example\r\n".replace(old, new).encode("latin-1")
        return head + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
    endpoint = random.choice(config["endpoints"])
    path = endpoint["endpoint"].encode().replace(b"{id}", random.choice(SEGMENTS))
    match random.randint(0, 12):
        case 0:
            path = random.choice([b"/nowhere", b"/", b"//plain", b"/PLAIN", b"/a/./b", b"/A/b", b"/named/x/"])
        case 1:
            path += b"/"
        case 2:
            path = b"http://absolute.example" + path
    method = endpoint["method"].encode()
    if random.randint(0, 5) == 0:
        method = random.choice([b"GET", b"POST", b"PUT", b"HEAD", b"OPTIONS", b"OPTIONS", b"OPTIONS", b"BREW"])
    if method == b"OPTIONS" and random.randint(0, 5) == 0:
        path = b"*"
    query = random.choice(QUERIES) if path != b"*" else b""
    version = random.choice([b"1.1"] * 7 + [b"1.0"])
    body = random.choice([b"", b"", b"", b"body", b'{"a": 1}', b"x" * 3000])
    if version == b"1.1" and random.randint(0, 3) == 0:
        fields.append(b"Transfer-Encoding: chunked")
        if any(answer.startswith((b"HTTP/1.1 307", b"HTTP/1.1 308")) for answer in answers.values()):
            body = body or b"body"  # whether one of no bytes is known to be empty then is a matter of time
        body = in_chunks(body, random.randint(0, 5))
    elif body or random.randint(0, 4) == 0:
        fields.append(b"Content-Length: %d" % len(body))
    if body:  # whether it is asked for depends on when it comes
        fields = [line for line in fields if not line.startswith(b"Expect")]
    lines = b"".join(line + b"\r\n" for line in shuffled(random, [b"Host: gateway.example:8080", *fields]))
    return b"%b %b%b HTTP/%b\r\n%b\r\n%b" % (method, path, query, version, lines, body)


def shuffled(random: Random, lines: list[bytes]) -> list[bytes]:
    return random.sample(lines, len(lines))


def in_chunks(body: bytes, first: int) -> bytes:
    pieces = [piece for piece in (body[:first], body[first:]) if piece]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


# -- answers

NO_OBJECTS = ["", "{", '{"a":1', '{"a":}', "[1,]", "nope", '{"a":1}trailing', " null", '"text"', "[{}, 1]"]
NUMBERS = ["0", "-0", "-1", "1.0", "1E+2", "12345678901234567890", "0.10"]
STRINGS = ['""', '"x"', '"<&>"', '"\\u00e9"', '"é"', '"a\\nb\\\\"', '"\\u2028"', '"\\ud83d\\ude00"', '"1"']
KEYS = ['"a"', '"b"', '"c"', '"é"', '"<k>"', '"\\u0061"', '"z"']
BLANKS = ["", "", " ", "\n\t"]


def json_value(random: Random, depth: int = 3) -> str:
    kind = random.randrange(6 if depth else 3)
    if kind == 0:
        return random.choice(NUMBERS)
    if kind == 1:
        return random.choice(STRINGS)
    if kind == 2:
        return random.choice(["true", "false", "null", "[]", "{}"])
    if kind == 3:
        return f"[{', '.join(json_value(random, depth - 1) for _ in range(random.randint(0, 3)))}]"
    return json_object(random, depth - 1)


def json_object(random: Random, depth: int = 3) -> str:
    pairs = [(random.choice(KEYS), json_value(random, depth)) for _ in range(random.randint(0, 5))]
    blank = random.choice(BLANKS)
    return "{" + blank + ",".join(f"{blank}{key}{blank}:{blank}{value}" for key, value in pairs) + "}"


def json_body(random: Random) -> bytes:
    """Mostly an object."""
    kind = random.randrange(10)
    if kind == 0:
        return random.choice(NO_OBJECTS).encode()
    return (json_value(random) if kind < 3 else json_object(random)).encode()


ANSWER_FIELDS = [
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
STATUSES = [200] * 8 + [201, 204, 206, 304, 400, 404, 500, 503, 299]


def answer_of(random: Random, follow_up: str) -> bytes:
    """A backend's whole answer; it may send to `follow_up`."""
    status, body = random.choice(STATUSES), json_body(random)
    lines = random.sample(ANSWER_FIELDS, random.randint(0, 4))
    if random.randint(0, 7) == 0:
        body = random.choice([b"text", b"\x00" * 70_000, b"x" * 5000])
    if follow_up and random.randint(0, 6) == 0:
        status = random.choice([301, 302, 303, 307, 308])
        places = [f"/{follow_up}", f"/{follow_up}?y=2", f"http://{AUTHORITY}/{follow_up}", follow_up, ""]
        place = random.choice(places)
        if place:
            lines.append(b"Location: " + place.encode())
    if random.randint(0, 4) == 0 and status not in (204, 304) and body:
        lines.append(random.choice([b"Content-Encoding: gzip", b"content-encoding:GZIP"]))
        body = gzip.compress(body, mtime=0)
    elif random.randint(0, 12) == 0:
        lines.append(b"Content-Encoding: br")
    framing = random.choice(["length", "length", "length", "chunked", "chunked", "close"])
    if status in (204, 304):
        body = b""
    elif framing == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
        body = in_chunks(body, random.randint(0, 9))
    elif framing == "length":
        lines.insert(0, b"Content-Length: %d" % len(body))
    return b"HTTP/1.1 %d Said So\r\n%b\r\n%b" % (status, b"".join(line + b"\r\n" for line in lines), body)


def situation_of(random: Random) -> Situation:
    config = configuration(random)
    said = {"next": answer_of(random, "")}
    for endpoint in config["endpoints"]:
        for one in endpoint["backend"]:
            said[first_segment(one["url_pattern"])] = answer_of(random, "next")
    asked = b"".join(request_for(random, config, said) for _ in range(random.randint(1, 5)))
    cuts = [random.randint(0, 4000) for _ in range(random.randint(0, 3))]
    return Situation(config, asked, said, cuts, random.randint(0, 300))


def first_segment(target: str) -> str:
    return target.partition("?")[0].split("/")[1]
