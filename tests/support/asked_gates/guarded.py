"""Requests to each endpoint that its guards may tell apart: with each credential, then all else that gates look at.

What gets in with a credential is what the rest is tried with. Knows nothing of CORS.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from tests.support.asked_gates.asked import JSON, Asked, Fields
from tests.support.asked_gates.credentials import credentials
from tests.support.asked_gates.gateways import Two
from tests.support.random_gates.words import AGENTS

BODIES = (
    None,
    "",
    "{}",
    "[]",
    '{"a": 1}',
    '{"a": 5}',
    '{"a": "x"}',
    '{"a": "long text"}',
    '{"b": 1}',
    '{"a": 1, "z": 2}',
    "[1]",
    '["x"]',
    '{"a": 2}',
    "not json",
    '"s"',
    "x" * 50,
    "x" * 500,
    "x" * 2000,
    '{"a": "' + "y" * 50 + '"}',
)
HOSTS = ("127.0.0.1", "10.0.0.1", "10.1.0.9", "10.9.9.9", "192.0.2.7", "203.0.113.9", "2001:db8::1", "::1")
FIELDS: tuple[Fields, ...] = (
    *((("User-Agent", agent),) for agent in (*AGENTS, "MyBot/2", "xxx")),
    *(
        (("Host", host),)
        for host in ("gateway.test", "www.test", "GATEWAY.TEST", "gateway.test:8080", "other.test", "secure.test")
    ),
    *(((name, host),) for name in ("X-Forwarded-Host", "X-Host") for host in ("gateway.test", "other.test")),
    *((("X-Forwarded-Proto", value),) for value in ("https", "wss", "http")),
    *(
        ((name, value),)
        for name in ("X-Forwarded-For", "X-Real-IP", "X-Client", "X-Appengine-Remote-Addr")
        for value in ("10.0.0.1", "192.0.2.7", "203.0.113.9", "not an address")
    ),
    *((("X-A", value),) for value in ("1", "2", "")),
    (("X-B", "1"),),
    (("X-Key", "key-one"),),
    (("X-Plan", "gold"),),
    (("Content-Type", "text/plain"),),
    (("Accept", "application/xml"),),
    (("Cookie", "access_token=x"),),
    (("X-Krakend-Completed", "x"),),
    tuple((f"X-N{n}", "v") for n in range(30)),
    (("X-Long", "v" * 3000),),
)
QUERIES = ("q=1", "page=2", "q=1&page=2", "other=1", "q=1&q=2", "z=" + "x" * 150)


def _with_query(target: str, query: str) -> str:
    return target + ("&" if "?" in target else "?") + query if query else target


def guarded(two: Two, r: random.Random) -> Iterator[Asked]:
    """Each endpoint, with each credential; then, with those that got in, all else that gates may look at."""
    for path, methods in two.paths().items():
        for method in sorted(methods):
            models = two.endpoints_at(method, path)
            if not models:
                continue
            body = '{"a": 5}' if method in ("POST", "PUT", "PATCH") else None
            plain = Asked(
                method,
                path,
                (("User-Agent", "Good/1"), ("Host", "gateway.test"), ("X-A", "1"), ("X-Plan", "gold"), ("X-B", "1")),
                body,
            )
            forms = [
                plain,
                replace(plain, fields=()),
                replace(plain, fields=(*plain.fields, ("X-Forwarded-Proto", "https"))),
            ]
            let_in: list[Asked] = []
            for fields, query in credentials(two, models, r):
                for one in forms[: 3 if not let_in else 1]:
                    sent = replace(one, fields=(*one.fields, *fields), target=_with_query(path, query))
                    yield sent
                    if len(let_in) < 3 and any(seen.calls for seen in two.ask(sent)):
                        let_in.append(sent)
            for one in (let_in[:1] + let_in[2:3]) or forms[:1]:
                names = {name.lower() for fields in FIELDS for name, _ in fields}
                bare = replace(
                    one, fields=tuple(f for f in one.fields if f[0].lower() not in names or f[0] in ("X-Key", "Cookie"))
                )
                for fields in FIELDS:
                    yield replace(one, fields=(*(f for f in one.fields if f[0] not in dict(fields)), *fields))
                    yield replace(bare, fields=(*bare.fields, *fields))
                for host in HOSTS:
                    yield replace(one, host=host)
                    for name in ("X-Forwarded-For", "X-Client", "X-Real-IP"):
                        other = r.choice(HOSTS)
                        yield replace(one, host=host, fields=(*one.fields, (name, other)))
                        yield replace(one, host=host, fields=(*one.fields, (name, f"{r.choice(HOSTS)}, {other}")))
                for query in QUERIES:
                    yield replace(one, target=_with_query(one.target, query))
                for text in BODIES:
                    yield replace(one, body=text)
                    yield replace(one, body=text, fields=(*one.fields, JSON))
                for status in (500, 404, 201, 302, 401):
                    yield replace(one, statuses=(status,))
                for seconds in (0.7, 1.5, 2.5, 4.0):
                    yield replace(one, delay_seconds=seconds)
                for data in ('{"a": "x"}', '{"token": {"sub": "s"}, "a": {"z": 1}}', "{}", "[1]", "bad"):
                    yield replace(one, data=data)
                yield from _again(one) if _remembers(two, models) else [replace(one, times=6)]


_REMEMBERING = frozenset(("rate_limit", "circuit_breaker", "http_cache"))


def _remembers(two: Two, models: Sequence[Any]) -> bool:
    parts = [side.config.components for side in (two.old, two.new)]
    parts += [part for each in models for part in (each.components, *(one.components for one in each.backends))]
    return any(not _REMEMBERING.isdisjoint(part) or getattr(part.get("api_keys"), "limit", None) for part in parts)


def _again(one: Asked) -> Iterator[Asked]:
    bare = replace(one, fields=tuple(f for f in one.fields if f[0] not in ("X-A", "X-B", "X-Plan")))
    yield replace(one, times=25)
    yield replace(one, times=12, gap_seconds=0.35)
    yield replace(one, times=8, gap_seconds=7.0)
    yield replace(bare, times=12)
    yield replace(one, times=14, host="198.51.100.{n}")
    for name in ("X-A", "X-B", "X-Client", "X-Forwarded-For"):
        yield replace(bare, times=14, fields=(*bare.fields, (name, "198.51.100.{n}")))
        yield replace(one, times=14, fields=(*(f for f in one.fields if f[0] != name), (name, "198.51.100.{n}")))
    for plan in ("gold", "silver", "tin"):
        for name in ("X-Plan", "X-B"):
            yield replace(bare, times=14, fields=(*bare.fields, ("X-A", "1"), (name, plan)))
    if "v1" in one.target:
        yield replace(one, times=14, target=one.target.replace("v1", "v{n}"))
    for statuses in ((500,), (500, 500, 200), (500, 500, 500, 500, 200, 200), (500, 200)):
        yield replace(one, times=12, statuses=statuses)
        yield replace(one, times=12, statuses=statuses, gap_seconds=4.0)
    yield replace(one, times=14, statuses=(500,), gap_seconds=9.0)
    yield replace(one, times=10, statuses=(500,) * 5 + (200,) * 9, gap_seconds=2.0)
