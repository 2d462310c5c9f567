"""The published schema of test files says of a file what the reader says: an editor shows what the command would.

What a schema cannot say: that a token is one of the file's, and that a JSON schema is one.
"""

import copy
import json
import random

import jsonschema

from crossgate.testing.read_suite import suite_of
from crossgate.testing.written import schema

MUTANTS = 800
ONLY_THE_READER = ("there is no token", "the schema cannot be used", "this is a number, not a whole number")
EVERYTHING = {
    "config": "krakend.json",
    "environ": {"A": "b"},
    "now": "2026-01-31T12:00:00Z",
    "url": "https://api.example",
    "client": "192.0.2.1",
    "proxy_headers": {"X-Forwarded-Proto": "https"},
    "tokens": {"late": {"claims": {"roles": ["a"]}, "expires_in": "-1h30m", "signed_by": "stranger"}},
    "backends": {
        "/a": {"status": 200, "headers": {"A": ["b", "c"]}, "json": {"x": 1}, "delay": "1s"},
        "GET http://shop:80/*": {"sequence": [{"status": 500}, {"body": "x", "gzip": True, "chunked": True}]},
        "http://dead:1": {"fail": "refused"},
        "/raw": {"raw": "HTTP/1.1 200 OK\r\n\r\n"},
        "/bytes": {"base64": "YQ==", "truncate": 1, "length": 3, "until_close": True, "reason": "OK", "delay_ms": 3},
    },
    "tests": [
        {
            "name": "all of it",
            "page": "https://app.example",
            "in": {
                "url": "/x",
                "method": "GET",
                "headers": {"A": "b"},
                "header": {"B": ["c"]},
                "body": "t",
                "token": "late",
                "key": "valid",
                "client": "2001:db8::1",
                "credentials": "include",
                "chunked": True,
            },
            "out": {
                "status": 200,
                "headers": {"A": None, "B": ["x"], "C": "d"},
                "body_matches": "a.*",
                "json_has": {"a": None},
                "route": "/x",
                "cors": {"verdict": "blocked", "step": "s", "reason": "r", "chromium_error": "e"},
                "reason": "route.none",
                "log": "l",
                "schema": {"type": "object"},
            },
            "received": [{"method": "GET"}],
            "times": 2,
            "after": "1s",
            "at_least_ms": 1,
            "at_most_ms": 2.5,
            "next": {"in": {"url": "/y"}, "out": {"cors": None}},
        },
        {
            "name": "lists",
            "endpoint": "GET /a",
            "lets_through": {
                "input_headers": ["*"],
                "allow_credentials": True,
                "max_age_seconds": None,
                "rules": [{"allow_origins": ["*"]}],
                "backends": [{"allow": ["a"], "mapping": {"a": "b"}}],
                "settings": {"auth/validator": {"alg": "RS256"}},
            },
        },
    ],
    "specs": [
        {"in": {"url": "/"}, "out": {"status_code": 200, "json": [1], "cors": "allowed"}, "page": "https://x.example"}
    ],
}
VALUES = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1,
        1.5,
        200,
        1000,
        "",
        "x",
        "1h",
        "-1m",
        "/a",
        "https://a.example",
        [],
        ["a"],
        [1],
        [None],
    ),
    *({}, {"a": 1}, {"a": "b"}, {"in": {"url": "/"}, "out": {}}, "allowed", "valid", "route.method", "GET /b", "*"),
)
KEYS = ("staus", "Name", "@comment", "$x", "_y", "#z", "in", "out", "url", "json", "method", "sequence", "page")


def paths(tree, path=()):
    yield path
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, member in members:
        yield from paths(member, (*path, name))


def changed(tree, random_):
    made = copy.deepcopy(tree)
    path = random_.choice([path for path in paths(made) if path])
    owner = made
    for step in path[:-1]:
        owner = owner[step]
    what = random_.random()
    if what < 0.2:
        del owner[path[-1]]
    elif what < 0.4 and isinstance(owner, dict):
        owner[random_.choice(KEYS)] = random_.choice(VALUES)
    else:
        owner[path[-1]] = random_.choice(VALUES)
    return made


def test_schema_and_reader_agree_about_changed_files():
    validator = jsonschema.Draft202012Validator(schema())
    random_ = random.Random(18)
    agreed = {True: 0, False: 0}
    for _ in range(MUTANTS):
        tree = changed(EVERYTHING, random_)
        if random_.random() < 0.3:
            tree = changed(tree, random_)
        read = suite_of(json.dumps(tree).encode(), "gateway.test.json")
        is_valid = validator.is_valid(tree)
        if (
            is_valid
            and read.suite is None
            and any(found.message.startswith(ONLY_THE_READER) for found in read.diagnostics)
        ):
            continue
        assert is_valid is (read.suite is not None), (tree, read.diagnostics)
        assert all(found.span is not None and found.span.line == 1 for found in read.diagnostics)
        agreed[is_valid] += 1
    assert min(agreed.values()) > MUTANTS / 5
