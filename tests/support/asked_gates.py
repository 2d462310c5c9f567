"""Two gateways asked all that their gates may tell apart, one request after the other, and what was seen of both.

Knows what is sent and what it is about; takes nothing from how differences are found or tried.
"""

import base64
import json
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import jwt as signing

from crossgate.compare.plans import Compiled
from crossgate.components import COMPONENTS
from crossgate.components.api_keys.config import KeyDemand, KeyRing
from crossgate.components.jwt.model import Issuer, Validator
from crossgate.plan.routes import RouteKind
from crossgate.testing.backends import Backends
from crossgate.testing.clock import Clock
from crossgate.testing.mocks import Answer, Mock
from crossgate.testing.player import rendered
from crossgate.testing.stand import Stand
from crossgate.testing.tokens import Mint, can_sign, key_names_of, private_key_of
from tests.support.random_gates import AGENTS, KEYS

NOW_SECONDS = 1_790_000_000.0
_UNTELLING = frozenset(("date", "content-length", "x-request-id", "traceparent"))
_MOMENT = re.compile(rb'"now":"[^"]*"|"error_id":"[^"]*"')
_SIGNATURE = re.compile(rb"(eyJ[\w-]+\.[\w-]*)\.[\w-]+|\"signature\":\"[\w-]+\"")  # another each time
JSON = ("Content-Type", "application/json")
Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """One request, or `times` of them with `gap_seconds` between: `{n}` is another number each time."""

    method: str
    target: str
    fields: Fields = ()
    body: str | None = None
    host: str = "127.0.0.1"
    times: int = 1
    gap_seconds: float = 0.0
    statuses: tuple[int, ...] = (200,)  # of backends, in turn
    delay_seconds: float = 0.0
    data: str = '{"a": 5, "b": {"x": 1}, "token": {"sub": "s"}, "id": 7}'
    backend_fields: Fields = ()


@dataclass(frozen=True)
class Seen:
    """What a client and the backends saw."""

    status: int
    fields: Fields
    body: bytes
    calls: tuple[Any, ...]
    refused_by: str = field(compare=False, default="")
    route: str = field(compare=False, default="")

    @property
    def cors(self) -> Fields:
        return tuple(one for one in self.fields if one[0] == "vary" or one[0].startswith("access-control-"))

    @property
    def but_for_cors(self) -> object:
        return (self.status, tuple(one for one in self.fields if one not in self.cors), self.body, self.calls)

    def value(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")


class Gateway:
    """One of the two. Its keys, names and passwords are its own, its issuers' keys the mint's."""

    def __init__(self, compiled: Compiled, stack: ExitStack) -> None:
        self.compiled = compiled
        self.clock = Clock(NOW_SECONDS)
        self._backends = Backends(self.clock)
        self._backends.hides_first = True
        mint = Mint(compiled.config, self.clock.wall, owner_of)
        self._backends.hidden = mint.key_sets
        config = mint.config
        ring = compiled.config.components.get("api_keys")
        components = {**config.components, **({} if ring is None else {"api_keys": ring})}
        endpoints = tuple(
            replace(each, components={**each.components, **_users_of(own.components)})
            for each, own in zip(config.endpoints, compiled.config.endpoints, strict=True)
        )
        self.config = replace(config, components=components, endpoints=endpoints)
        self._hosts = sorted({host for each in config.endpoints for one in each.backends for host in one.hosts})
        self._hosts = [f"{h.partition('://')[0]}://{h.partition('://')[2].partition('/')[0]}" for h in self._hosts]
        self._stand = Stand(self.config, components=COMPONENTS, environ={}, clock=self.clock, backends=self._backends)
        self.key_sets = mint.key_sets
        stack.callback(self._stand.close)

    def know(self, documents: dict[str, bytes]) -> None:
        self._backends.hidden = documents

    def pass_time(self, seconds: float) -> None:
        self._stand.pass_time(seconds)

    def endpoint_of(self, method: str, target: str) -> int | None:
        return self._stand.endpoint_at(method, target)

    def forget(self, asked: Asked) -> None:
        one_place = "{n}" not in asked.target.partition("?")[0]
        self._stand.forget([(asked.method, asked.target)] if one_place else ())

    def ask(self, asked: Asked) -> Iterator[Seen]:
        """What comes of each."""
        self.forget(asked)
        headers = (JSON, *asked.backend_fields)
        answers = tuple(
            Answer(status, headers=headers, body=asked.data.encode(), delay_seconds=asked.delay_seconds)
            for status in asked.statuses
        )
        for number in range(asked.times):
            one = answers[number % len(answers)]
            self._backends.mock([Mock((one,), host=host) for host in self._hosts])
            if number and asked.gap_seconds:
                self._stand.pass_time(asked.gap_seconds)
            yield self._asked(asked, str(number % 200))

    def _asked(self, asked: Asked, number: str) -> Seen:
        self._backends.forget()
        fields = [(name, value.replace("{n}", number)) for name, value in asked.fields]
        body = None if asked.body is None else asked.body.encode()
        data = rendered(asked.method, asked.target.replace("{n}", number), fields, body)
        got = self._stand.ask(data, client_host=asked.host.replace("{n}", number))
        calls = sorted(
            (one.method, one.scheme, one.authority, one.target, tuple(sorted(one.fields)), one.body)
            for one in self._backends.received
        )
        seen = [(name.lower(), value) for name, value in got.fields if name.lower() not in _UNTELLING]
        return Seen(
            got.status,
            tuple(sorted(seen)),
            _SIGNATURE.sub(rb"\1", _MOMENT.sub(b"", got.body)),
            tuple(calls),
            got.refused_by,
            got.route,
        )


def owner_of(issuer: Issuer) -> str:
    """Whose keys: those at one place are the same."""
    return issuer.url.url if issuer.url is not None else repr(issuer.fixed and issuer.fixed.identities)


def _users_of(components: Any) -> dict[str, Any]:
    return {"basic_auth": components["basic_auth"]} if "basic_auth" in components else {}


class Two:
    """Both. Use as a context manager."""

    def __init__(self, old: Compiled, new: Compiled, keys: Sequence[str] = ()) -> None:
        self.compiled = (old, new)
        self.keys_known = list(dict.fromkeys((*KEYS, *keys)))
        self._stack = ExitStack()
        self.asked = 0

    def __enter__(self) -> "Two":
        with ExitStack() as stack:
            self.old, self.new = (Gateway(one, stack) for one in self.compiled)
            documents: dict[str, list[Any]] = {}
            for side in (self.old, self.new):
                for url, text in side.key_sets.items():
                    known = documents.setdefault(url, [])
                    known += [key for key in json.loads(text)["keys"] if key not in known]
            for side in (self.old, self.new):
                side.know({url: json.dumps({"keys": keys}).encode() for url, keys in documents.items()})
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def ask(self, asked: Asked) -> tuple[Seen, Seen]:
        """The first answers that are not alike; the last ones where all are."""
        self.asked += 1
        gap_seconds = self.old.clock.now() - self.new.clock.now()
        if gap_seconds:
            (self.new if gap_seconds > 0 else self.old).pass_time(abs(gap_seconds))
        pair = None
        for pair in zip(self.old.ask(asked), self.new.ask(asked), strict=True):
            if pair[0] != pair[1]:
                return pair
        assert pair is not None
        return pair

    # -- what there is to ask

    def endpoints_at(self, method: str, target: str) -> list[Any]:
        """The models of the endpoints that it leads to, in order old, new; fewer where none is there."""
        found = []
        for side in (self.old, self.new):
            number = side.endpoint_of(method, target)
            if number is not None:
                found.append(side.config.endpoints[number])
        return found

    def paths(self) -> dict[str, set[str]]:
        """Paths of every class with the methods that either has there."""
        found: dict[str, set[str]] = {}
        texts = {"v1"}
        routes = [route for side in self.compiled for route in side.plan.routes]
        for route in routes:
            texts |= {part for part in route.pattern.split("/") if part and part[0] not in ":*"}
        for route in routes:
            parts = route.pattern.split("/")
            for text in sorted(texts)[:12] if any(part[:1] in (":", "*") for part in parts) else ("v1",):
                path = "/".join(text if part[:1] in (":", "*") else part for part in parts)
                methods = found.setdefault(path, set())
                if text == "v1" or route.kind is RouteKind.ENDPOINT:
                    methods.add(route.method)
        return found

    def credentials(self, models: Sequence[Any], random_: random.Random) -> list[tuple[Fields, str]]:
        """Fields and a query."""
        found: list[tuple[Fields, str]] = []
        validators = [one for each in models if isinstance(one := each.components.get("jwt"), Validator)]
        tokens = list(dict.fromkeys(_tokens(validators, random_)))
        demands = [one for each in models if isinstance(one := each.components.get("api_keys"), KeyDemand)]
        rings = [
            one for side in (self.old, self.new) if isinstance(one := side.config.components.get("api_keys"), KeyRing)
        ]
        keys = list(_keys(demands, self.keys_known)) if rings else []
        users = [one for each in models for one in each.components.get("basic_auth", ())]
        names = sorted({name for one in users for name in one.hashes})
        passwords = [
            ((("Authorization", "Basic " + base64.b64encode(f"{name}:{text}".encode()).decode()),), "")
            for name in names
            for text in ("secret", "other")
        ]
        lists = [one for one in (tokens, keys, passwords) if one]
        if not lists:
            return [((), "")]
        for number, some in enumerate(lists):
            others = [one for other, one in enumerate(lists) if other != number]
            for one in some:
                picked = [one, *[random_.choice(each) for each in others]]
                found.append((tuple(f for fields, _ in picked for f in fields), "&".join(q for _, q in picked if q)))
        if len(lists) > 1:
            for _ in range(20):
                picked = [random_.choice(each) for each in lists]
                found.append((tuple(f for fields, _ in picked for f in fields), "&".join(q for _, q in picked if q)))
        return [*dict.fromkeys(found), ((), "")]


def _tokens(validators: Sequence[Validator], r: random.Random) -> Iterator[tuple[Fields, str]]:
    issuers = list(dict.fromkeys((one.algorithm, owner_of(one)) for each in validators for one in each.issuers))
    named = {one.issuer for each in validators for one in each.issuers}
    names = list(dict.fromkeys([*sorted(named), "", "https://nobody.example"]))
    audiences = sorted({name for each in validators for one in each.issuers for name in one.audience})
    carriers = list(dict.fromkeys(("field", each.field) for each in validators))
    carriers += list(dict.fromkeys(("cookie", each.cookie) for each in validators if each.cookie))
    for algorithm, owner in issuers if all(each.issuers for each in validators) else ():
        if not can_sign(algorithm):
            continue
        for number, issuer in enumerate(names):
            for claims in _claims(validators, audiences) if number < 3 else [*_claims(validators, audiences)][:1]:
                kind, name = r.choice(carriers)
                told = claims | ({"iss": issuer} if issuer else {})
                text = _signed(json.dumps(told), algorithm, owner)
                yield _carried(kind, name, text), ""
        for issuer in names:
            text = _signed(
                json.dumps(next(_claims(validators, audiences)) | ({"iss": issuer} if issuer else {})), algorithm, owner
            )
            for kind, name in carriers:
                yield _carried(kind, name, text), ""


def _carried(kind: str, name: str, text: str) -> Fields:
    return (("Cookie", f"{name}={text}") if kind == "cookie" else (name.title(), f"Bearer {text}"),)


def _claims(validators: Sequence[Validator], audiences: Sequence[str]) -> Iterator[dict[str, Any]]:
    """All that any asks for; then each role, scope and audience alone, each left out, none; and what has expired."""
    now = int(NOW_SECONDS)
    needs = [
        (need, need is each.scopes) for each in validators for need in (each.roles, each.scopes) if need is not None
    ]

    def made(words_of: Any = None, aud: Sequence[str] = audiences, **more: Any) -> dict[str, Any]:
        claims: dict[str, Any] = {"sub": "somebody", "jti": "t", "iat": now, "exp": now + 10**7, "realm": {"id": "r1"}}
        claims |= {"aud": list(aud)} if aud else {}
        for need, is_text in needs:
            words = every(need) if words_of is None or words_of[0] != need.key else words_of[1]
            _put(claims, need.key.split(".") if need.is_nested else [need.key], " ".join(words) if is_text else words)
        return claims | more

    def every(need: Any) -> list[str]:
        return sorted({word for other, _ in needs if other.key == need.key for word in other.words})

    yield made()
    for key, words in {need.key: every(need) for need, _ in needs}.items():
        for word in words:
            yield made((key, [word]))
            yield made((key, [one for one in words if one != word]))
        yield made((key, []))
    for name in audiences:
        yield made(aud=[name])
        yield made(aud=[one for one in audiences if one != name])
    yield made(aud=[])
    for seconds in (0, 2, 20, 45, 100):
        yield made(exp=now - seconds)
        yield made(nbf=now + seconds)


_SIGNED: dict[tuple[str, str, str], str] = {}


def _signed(claims: str, algorithm: str, owner: str) -> str:
    key = (claims, algorithm, owner)
    if key not in _SIGNED:
        private = private_key_of(algorithm, owner, is_strangers=False)
        _SIGNED[key] = signing.encode(json.loads(claims), private, algorithm, headers=dict(key_names_of(algorithm)))
    return _SIGNED[key]


def _put(claims: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    for step in steps[:-1]:
        inner = claims.get(step)
        claims[step] = claims = dict(inner) if isinstance(inner, dict) else {}
    claims[steps[-1]] = value


def _keys(demands: Sequence[KeyDemand], known: Sequence[str]) -> Iterator[tuple[Fields, str]]:
    for strategy, name in dict.fromkeys((one.strategy, one.identifier) for one in demands):
        for key in (*known, *(f"{key}x" for key in known[:1]), *(key.upper() for key in known[:1])):
            if strategy == "query_string":
                yield (), f"{name}={key}"
            else:
                yield ((name, ("Bearer " if name.lower() == "authorization" else "") + key),), ""


def _with_query(target: str, query: str) -> str:
    return target + ("&" if "?" in target else "?") + query if query else target


ORIGINS = (
    "https://a.example",
    "https://b.example",
    "https://x.a.example",
    "https://y.x.a.example",
    "https://other.example",
    "https://a.example:8443",
    "https://a.example:443",
    "http://a.example",
    "http://localhost:3000",
    "http://localhost:4000",
    "http://localhost",
    "null",
    "moz-extension://abc",
    "HTTPS://A.example",
    "https://evil.test",
    "https://a.example.evil.test",
    "not an origin",
)


def named_origins(compiled: Compiled) -> Iterator[str]:
    """Origins that a file names, with something for its wildcards."""
    texts = set(
        re.findall(
            r"[a-z-]+://[^'\" ,)\]}]+",
            repr(compiled.plan.cors) + "".join(repr(one.config.cors) for one in compiled.plan.endpoints),
        )
    )
    for text in sorted(texts)[:12]:
        yield text.replace("*", "w").rstrip("/")
        yield text.replace("*", "9").rstrip("/")


def routed(two: Two) -> Iterator[Asked]:
    """Where paths lead."""
    for path, methods in two.paths().items():
        for method in sorted({*methods, "GET", "HEAD", "POST", "OPTIONS", "DELETE", "PUT", "PATCH", "TRACE", "PURGE"}):
            yield Asked(method, path)
            yield Asked(
                method,
                path,
                (("X-A", "1"), ("Authorization", "Bearer x")),
                '{"a": 5}' if method in ("POST", "PUT", "PATCH") else None,
            )
        for other in (
            path + "/",
            path.rstrip("/"),
            path.upper(),
            path.lower(),
            "/" + path,
            path.replace("/", "//"),
            path + "/x",
            path + "%20",
            path + "%2Fx",
            path + "%252F",
            path + "/..",
            path + "/./x",
            path + ".json",
            path[:-1],
        ):
            for method in ("GET", "POST", "OPTIONS"):
                if other:
                    yield Asked(method, other if other[0] == "/" else "/" + other)
    for path in (
        "/__health",
        "/__health/",
        "/alive",
        "/__debug/",
        "/__debug/x",
        "/__echo/",
        "/__echo/x",
        "/",
        "/nothing",
        "/__stats",
        "/favicon.ico",
        "*",
    ):
        for method in ("GET", "POST", "HEAD", "OPTIONS"):
            yield Asked(method, path)


def crossing(two: Two, r: random.Random) -> Iterator[Asked]:
    """What browsers send, to each place that may have a policy of its own."""
    origins = list(dict.fromkeys([*ORIGINS, *(one for each in two.compiled for one in named_origins(each))]))
    said = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "X-From"), ("Vary", "Accept"))
    places = {
        path: sorted(methods)
        for path, methods in two.paths().items()
        if "v1" in path or not any(part in path for part in ("{",))
    }
    asked_names = (
        None,
        "x-a",
        "x-b",
        "content-type",
        "authorization",
        "x-a,x-b",
        "x-nope",
        "X-A",
        "x-key",
        "user-agent",
    )
    for path, methods in [*list(places.items())[:10], ("/nothing", ["GET"])]:
        method = (methods or ["GET"])[0]
        if method == "OPTIONS":
            method = "GET"
        for origin in origins:
            fields = (("Origin", origin),)
            yield Asked(method, path, fields)
            yield Asked(method, path, fields, backend_fields=said)
            for asks in ("GET", "POST", "PUT", "DELETE", "PATCH", "patch", "HEAD", "PURGE"):
                name = r.choice(asked_names)
                more = () if name is None else (("Access-Control-Request-Headers", name),)
                yield Asked("OPTIONS", path, (*fields, ("Access-Control-Request-Method", asks), *more))
            for name in asked_names[1:]:
                asks = r.choice(("GET", "POST", *methods))
                more = (("Access-Control-Request-Method", asks), ("Access-Control-Request-Headers", name))
                yield Asked("OPTIONS", path, (*fields, *more))
            more = (("Access-Control-Request-Method", "GET"), ("Access-Control-Request-Private-Network", "true"))
            yield Asked("OPTIONS", path, (*fields, *more))
            yield Asked("OPTIONS", path, fields)
        yield Asked("GET", path, (("Origin", origins[0]), ("Origin", origins[1])))
        yield Asked("OPTIONS", path, (("Access-Control-Request-Method", "GET"),))


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
            for fields, query in two.credentials(models, r):
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


def everything(two: Two, seed: int, share: int = 1) -> Iterator[Asked]:
    """A sample; `share` times as many."""
    r = random.Random(seed)
    for kind, most in ((guarded(two, r), 360 * share), (crossing(two, r), 180 * share), (routed(two), 160 * share)):
        asked = list(kind)
        yield from asked if len(asked) <= most else r.sample(asked, most)
