"""What random configurations are made of: paths, origins, fields, roles, keys, expressions, few enough to meet.

Knows no component.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

Tree = dict[str, Any]
Make = Callable[[random.Random], Any]

PATHS = (
    "/a",
    "/a/{id}",
    "/a/{id}/b",
    "/a/b",
    "/a/b/c",
    "/a/{id}/{part}",
    "/b/{id}",
    "/B",
    "/c",
    "/c/d/",
    "/",
)
METHODS = ("GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "post")
ORIGINS = (
    "https://a.example",
    "https://b.example",
    "HTTPS://A.example",
    "https://a.example:443",
    "https://a.example:8443",
    "http://a.example",
    "https://*.a.example",
    "https://*.example",
    "http://localhost:3000",
    "http://localhost:*",
    "null",
    "*",
    "https://a.example/",
    "moz-extension://abc",
)
_NOT_OWN = ("*", "null", "HTTPS://A.example", "https://a.example:443", "https://a.example/")
OWN_ORIGINS = tuple(one for one in ORIGINS if one not in _NOT_OWN)
FIELDS = ("X-A", "X-B", "x-a", "Content-Type", "Authorization", "X-Key", "*", "User-Agent")
ROLES = ("admin", "user", "guest")
AGENTS = ("curl/8", "Bot/1", "Good/1", "")
NETWORKS = ("10.0.0.0/8", "10.1.0.0/16", "127.0.0.0/8", "192.0.2.7", "10.0.0.1/32", "0.0.0.0/0", "2001:db8::/32")
KEYS = {"key-one": ["admin"], "key-two": ["user"], "key-three": ["user", "guest"], "key-four": []}
PASSWORDS = {
    "secret": "$2b$04$ICWUKXd/55ElsC3RA7/L5eynmNtDDCwAQIKNHMbpVLc7Qkw9/jBm.",
    "other": "$2b$04$j1NZBL6qRSsL5rXGlJIqTuIdPDaO7RpPkCo7o7POyJjOTcMMsddqK",
}
EXPRESSIONS = (
    "req_method == 'GET'",
    "'X-A' in req_headers",
    "'X-A' in req_headers && req_headers['X-A'][0] == '1'",
    "size(req_querystring) < 2",
    "req_params.Id != 'v9'",
    "JWT.sub == 'somebody'",
    "JWT.iss.startsWith('https://')",
    "req_path.startsWith('/a')",
    "has(resp_data.a)",
    "resp_data.a != 'x'",
    "req_method != ''",
    "req_method == 'NONE'",
)
SCHEMAS: tuple[Tree, ...] = (
    {"type": "object"},
    {"type": "object", "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer"}}},
    {"type": "object", "properties": {"a": {"type": "integer", "minimum": 3}}},
    {"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}}, "additionalProperties": False},
    {"type": "array", "items": {"type": "integer"}},
    {"enum": [{"a": 1}, {"a": 2}]},
    {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]},
)


def some(random_: random.Random, values: Sequence[Any], least: int = 0, most: int = 3) -> list[Any]:
    return random_.sample(values, min(len(values), random_.randint(least, most)))


def maybe(random_: random.Random, share: float, key: str, value: Any) -> Tree:
    return {key: value} if random_.random() < share else {}
