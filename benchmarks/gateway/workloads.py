"""What is asked of the stacks: eight kinds of request that real configurations are made for, and the right answers.

Clients are browsers on another origin: every request has their fourteen fields and an Origin.
"""

import gzip
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.gateway import tokens
from benchmarks.gateway.requests import Request

ORIGIN = "https://app.example.com"
# 1 KiB of JSON as an API would give it.
_ITEMS = [{"id": index, "name": f"item {index}", "price": index * 1.5, "tags": ["a", "b"]} for index in range(15)]
BODY = json.dumps({"id": 1, "items": _ITEMS, "pad": "x" * 12}).encode()
GZIPPED = gzip.compress(BODY, 6, mtime=0)

BROWSER = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-US,en;q=0.5",
    "Cache-Control": "no-cache",
    "Cookie": "session=0123456789abcdef; theme=dark",
    "DNT": "1",
    "Pragma": "no-cache",
    "Priority": "u=1",
    "Referer": "https://app.example.com/page",
    "Sec-Fetch-Dest": "empty",
    "Sec-Fetch-Mode": "cors",
    "Sec-Fetch-Site": "cross-site",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "X-Requested-With": "fetch",
}
ASKING = {"Origin": ORIGIN, **BROWSER}
REQUESTED_METHOD, REQUESTED_FIELDS = "PUT", "authorization,content-type"
_PREFLIGHT = {"Access-Control-Request-Method": REQUESTED_METHOD, "Access-Control-Request-Headers": REQUESTED_FIELDS}

RANDOM_IDS = 10_000
TOKENS_IN_ROTATION = 1000
# More than the gateway remembers: the first has been forgotten when its turn comes again.
TOKENS_TOO_MANY = 10_000


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of request. `make_requests` are many of it, which are asked in turn.

    `expected` is the body of a gateway's answer, `passed_on` of a proxy's, that only passes on. `calls` are the targets
    that a gateway calls for it, empty: the request's own; `forwarded` are the fields of the browser that it passes on,
    and no others. `has_peers`: all stacks do the same, and not the gateways more. `has_logs`: access logs are on.
    `has_everything`: with what a production file has beside, metrics and access logs as JSON.
    `can_be_paced`: requests differ in nothing but targets, as h2load asks them.
    """

    name: str
    make_requests: Callable[[], Sequence[Request]]
    expected: bytes = BODY
    passed_on: bytes = BODY
    calls: tuple[str, ...] = ("",)
    forwarded: frozenset[str] = frozenset()
    has_peers: bool = True
    connections: int = 32
    has_logs: bool = False
    has_everything: bool = False
    can_be_paced: bool = True


def _alike(target: str, fields: dict[str, str] = ASKING, method: str = "GET", body: bytes = b"") -> list[Request]:
    return [Request(target, fields, method, body)]


def _users(path: str = "/users") -> list[Request]:
    numbers = random.Random(1)
    return [Request(f"{path}/{numbers.randrange(1, 10**6)}?page=2&sort=name", ASKING) for _ in range(RANDOM_IDS)]


def _with_tokens(count: int, path: str = "/guarded") -> list[Request]:
    users = _users(path)
    return [
        Request(users[index].target, {**ASKING, "Authorization": f"Bearer {token}"})
        for index, token in enumerate(tokens.tokens(count))
    ]


def _minimal(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


_DATA = json.loads(BODY)
_SHAPED = _minimal({"data": {"id": _DATA["id"], "things": _DATA["items"]}})
_MERGED = _minimal({"a": _DATA, "b": _DATA, "c": _DATA})
_POSTING = {**ASKING, "Content-Type": "application/json"}
_ALL = frozenset(BROWSER)

WORKLOADS = (
    Workload("plain", lambda: _alike("/plain")),
    Workload("typical", _users, forwarded=_ALL),
    Workload(
        "post",
        lambda: _alike("/post", _POSTING, "POST", BODY),
        forwarded=frozenset(("Content-Type", "X-Requested-With")),
    ),
    Workload("json", lambda: _alike("/json"), _SHAPED, has_peers=False),
    Workload("merge3", lambda: _alike("/merge3"), _MERGED, calls=("/a", "/b", "/c"), has_peers=False),
    Workload("gzip-json", lambda: _alike("/gzip-json"), _SHAPED, GZIPPED, has_peers=False),
    Workload("preflight", lambda: _alike("/users/123456", {**ASKING, **_PREFLIGHT}, "OPTIONS"), b"", b"", calls=()),
    Workload("auth", lambda: _with_tokens(TOKENS_IN_ROTATION), forwarded=_ALL, has_peers=False),
    Workload(
        "auth, each token new",
        lambda: _with_tokens(TOKENS_TOO_MANY),
        forwarded=_ALL,
        has_peers=False,
        can_be_paced=False,
    ),
    Workload("typical, access logs on", _users, forwarded=_ALL, has_logs=True),
    Workload(
        "everything",
        lambda: _with_tokens(TOKENS_IN_ROTATION, "/everything"),
        forwarded=_ALL,
        has_peers=False,
        has_logs=True,
        has_everything=True,
    ),
)
