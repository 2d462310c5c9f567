"""Laws of comparing CORS policies: what requests show is reported, and what is reported a request shows."""

import random

import pytest

from crossgate.compare.cors import CorsDifference, CorsExample, CorsKind, compare_policies
from crossgate.compare.origin_words import shortest_word
from crossgate.compare.origins import Division, division_of, is_sendable
from crossgate.compare.page_powers import ANY_HEADERS, ANY_METHOD, call, lets_private_network, powers
from crossgate.compare.serialized_origins import SerializedOrigins
from crossgate.compare.wire_answers import answer
from crossgate.cors import ABSENT, CorsPolicy, decode_service_cors
from crossgate.cors.origin import parse_serialized_origin

PAIRS = 1008
PART = 8

KRAKEND_ENTRIES = [
    "*",
    "https://a.example",
    "HTTPS://A.EXAMPLE",
    "https://b.example",
    "https://a.example:8080",
    "https://*.a.example",
    "https://*a.example",
    "https://*.example",
    "https://a.*",
    "https://a.example*",
    "https://a.example:*",
    "https://a.example:80*",
    "http*://a.example",
    "*.a.example",
    "*://b.example",
    "http://[*",
    "http://[::1]:*",
    "http://127.0.0.*",
    "null",
    "n*",
    "https://x.a.example",
    "https://*.a.example:8080",
    "moz-extension://*",
]
SAFE_ENTRIES = [
    "https://a.example",
    "https://b.example",
    "https://a.example:8080",
    "https://*.a.example",
    "https://*.example",
    "https://a.example:*",
    "https://*.a.example:*",
    "https://*.a.example:8080",
    "http://[::1]:*",
    "https://x.a.example",
    "moz-extension://abc",
]
ORIGINS = [
    "https://a.example",
    "https://b.example",
    "https://c.example",
    "https://x.a.example",
    "https://y.x.a.example",
    "https://xa.example",
    "https://a.example.evil.test",
    "https://a.examplex",
    "https://a.example:8080",
    "https://a.example:80",
    "https://a.example:8443",
    "https://x.a.example:8080",
    "https://a.evil.test",
    "http://a.example",
    "http://b.example",
    "app://b.example",
    "http://[::1]",
    "http://[::1]:3000",
    "http://[::2]",
    "http://127.0.0.1",
    "http://127.0.0.2:81",
    "moz-extension://abc",
    "moz-extension://other",
    "null",
    "https://example",
    "nothing://else.test",
]
UNSENDABLE = [
    "HTTPS://A.EXAMPLE",
    "https://.a.example",
    "https://a.example:",
    "https://a.example:x",
    "https://a.example/",
    "http://[",
    "no origin",
    "https://b\u00fcr.example",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "patch", "DELETE", ANY_METHOD]
HEADERS = ["x-a", "x-b", "content-type", "authorization", "x.c", *ANY_HEADERS]


def some(rng, values, most):
    return rng.sample(values, rng.randint(1, most))


def asked(rng, entries):
    block = {"allow_origins": some(rng, entries, 4)}
    if rng.random() < 0.6:
        block["allow_methods"] = some(rng, ["GET", "HEAD", "POST", "PUT", "PATCH", "patch", "DELETE", "*"], 5)
    if rng.random() < 0.6:
        block["allow_headers"] = some(rng, ["X-A", "x-a", "X-B", "Content-Type", "Authorization", "x.c", "*"], 4)
    if rng.random() < 0.3:
        block["expose_headers"] = some(rng, ["X-E", "X-F", "Content-Type", "*"], 2)
    if rng.random() < 0.3:
        block["max_age"] = rng.choice(["5s", "10m", "-1s"])
    if rng.random() < 0.3:
        block["allow_credentials"] = True
    if rng.random() < 0.15:
        block["allow_private_network"] = True
    if rng.random() < 0.1:
        block["options_success_status"] = rng.choice([200, 204, 404])
    if rng.random() < 0.1:
        block["options_passthrough"] = True
    return block


def random_policy(rng) -> CorsPolicy | None:
    """Now and then None; only blocks that may run."""
    if rng.random() < 0.04:
        return None
    while True:
        krakend = asked(rng, KRAKEND_ENTRIES) if rng.random() < 0.75 else ABSENT
        crossgate = ABSENT
        if krakend is ABSENT or rng.random() < 0.3:
            crossgate = asked(rng, SAFE_ENTRIES)
            if rng.random() < 0.6:
                crossgate["rules"] = [asked(rng, SAFE_ENTRIES) for _ in range(rng.randint(1, 3))]
            if rng.random() < 0.1:
                crossgate["upstream"] = rng.choice(["strip", "prefer", "pass"])
            if rng.random() < 0.05:
                crossgate["report_only"] = True
        policy = decode_service_cors(krakend, crossgate, config_version=rng.choice([2, 3])).default
        if policy is not None:
            return policy


def alike(rng, policy):
    """Another policy, often one that is much the same."""
    return policy if rng.random() < 0.05 else random_policy(rng)


def acting(policy):
    return None if policy is None or policy.config.report_only else policy


def place(divisions: list[Division], origin: str):
    return tuple(one.first(origin.encode()) for one in divisions)


def is_about(difference: CorsDifference, origin: str, divisions: list[Division]) -> bool:
    """Whether the origin is in a class of origins that the difference is about."""
    if difference.is_any or origin in difference.origins:
        return True
    named = [difference.example.origin, *difference.origins, *(example for _, example in difference.patterns)]
    return place(divisions, origin) in {place(divisions, one) for one in named}


def shows(old, new, difference: CorsDifference) -> bool:
    """Whether the example is answered otherwise, in the way that is said."""
    example: CorsExample = difference.example
    sides = (old, new) if difference.opens else (new, old)
    header = example.headers[0][0] if example.headers else None
    less, more = (
        call(side, example.origin, example.method, header, with_cookies=example.with_cookies) for side in sides
    )
    match difference.kind:
        case CorsKind.READABLE | CorsKind.READABLE_WITH_COOKIES | CorsKind.METHODS | CorsKind.REQUEST_HEADERS:
            return more.allowed and not less.allowed
        case CorsKind.EXPOSED_HEADERS:
            return less.allowed and more.allowed and bool(exposed(sides[1], example) - exposed(sides[0], example))
        case CorsKind.PRIVATE_NETWORK:
            mine, theirs = (lets_private_network(side, example.origin, example.method) for side in sides)
            return theirs and not mine
        case CorsKind.MAX_AGE:
            ages = [age(side, example) for side in sides]
            return None not in ages and ages[0] < ages[1]
        case CorsKind.BACKEND_FIELDS:
            return True
        case _:
            fields = [(b"origin", example.origin.encode("latin-1"))]
            if not example.is_preflight:
                return answer(old, example.method, fields) != answer(new, example.method, fields)
            fields.append((b"access-control-request-method", example.method.encode()))
            asked = example.raw_headers or b",".join(name.encode() for name, _ in example.headers)
            if asked:
                fields.append((b"access-control-request-headers", asked))
            plain = answer(old, "OPTIONS", fields) != answer(new, "OPTIONS", fields)
            fields.append((b"access-control-request-private-network", b"true"))
            return plain or answer(old, "OPTIONS", fields) != answer(new, "OPTIONS", fields)


def exposed(policy, example):
    return powers(policy, example.origin, [example.method], [], with_cookies=example.with_cookies).exposed


def age(policy, example):
    header = example.headers[0][0] if example.headers else None
    return call(
        policy, example.origin, example.method, header, with_cookies=example.with_cookies
    ).preflight_cache_seconds


READS = {CorsKind.READABLE, CorsKind.READABLE_WITH_COOKIES, CorsKind.METHODS, CorsKind.REQUEST_HEADERS}


def check_pair(rng, old, new):
    found = compare_policies(old, new)
    old, new = acting(old), acting(new)
    for one in found:
        assert shows(old, new, one), one
    divisions = [division_of(None if one is None else one.config) for one in (old, new)]
    for origin in rng.sample(ORIGINS, 8):
        about = [one for one in found if is_about(one, origin, divisions)]
        for _ in range(4):
            method, header, cookies = rng.choice(METHODS), rng.choice([None, *HEADERS]), rng.random() < 0.5
            before, after = (call(side, origin, method, header, with_cookies=cookies).allowed for side in (old, new))
            if before != after:
                kinds = {one.kind for one in about if one.opens is after}
                assert kinds & READS, (origin, method, header, cookies, before, after, found)
    for origin in (*rng.sample(ORIGINS, 4), *rng.sample(UNSENDABLE, 4)):
        fields = [(b"origin", origin.encode())]
        asking = [*fields, (b"access-control-request-method", rng.choice(METHODS).encode())]
        if rng.random() < 0.5:
            asking.append((b"access-control-request-headers", rng.choice(HEADERS).encode()))
        for method, sent in (("GET", fields), (rng.choice(METHODS), fields), ("OPTIONS", asking)):
            if answer(old, method, sent) != answer(new, method, sent):
                assert any(is_about(one, origin, divisions) for one in found), (origin, method, sent, found)


@pytest.mark.parametrize("part", range(PART))
def test_what_requests_show_is_reported_and_what_is_reported_a_request_shows(part):
    rng = random.Random(part)
    for _ in range(PAIRS // PART):
        old = random_policy(rng)
        check_pair(rng, old, alike(rng, old))


def test_a_policy_is_not_different_from_itself_with_its_lists_in_another_order():
    rng = random.Random(77)
    for _ in range(200):
        block = asked(rng, KRAKEND_ENTRIES)
        turned = {key: [*value[::-1], value[0]] if isinstance(value, list) else value for key, value in block.items()}
        old, new = (decode_service_cors(one, config_version=3).default for one in (block, turned))
        assert compare_policies(old, new) == ()


def test_the_automaton_of_serialized_origins_has_the_words_that_the_parser_takes():
    rng = random.Random(5)
    pieces = ["http", "https", "app", ":", "://", "/", "a", ".", "b-c", "1", "10", "255", "256", "0", "0x1f", "65535"]
    pieces += [
        "65536",
        "443",
        "80",
        "8080",
        "[",
        "]",
        "::",
        "1:",
        "ffff",
        ":0",
        "2001:db8",
        "[::1]",
        "127.0.0.1",
        "_",
        "F",
    ]
    automaton = SerializedOrigins()
    taken = 0
    for number in range(60_000):
        word = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 6)))
        if number % 3 == 0:
            groups = [rng.choice(["0", "0", "1", "ab", ""]) for _ in range(rng.randint(2, 9))]
            word = f"http://[{':'.join(groups)}]"
        elif number % 3 == 1:
            word = rng.choice(["http://", "https://", "ftp://", "a+b://"]) + word
        state = automaton.start
        for char in word:
            state = None if state is None else automaton.step(state, char)
        is_word = state is not None and automaton.accepts(state)
        assert is_word == (parse_serialized_origin(word) is not None), word
        taken += is_word
    assert taken > 3000


def test_the_shortest_of_all_serialized_origins_is_one():
    word = shortest_word([], [], [], serialized=True, addresses=True)
    assert word is not None
    assert is_sendable(word)
