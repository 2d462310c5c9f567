"""What browsers send: origins that files name and others, preflights of every sort. Knows neither guards nor limits."""

import random
import re
from collections.abc import Iterator

from crossgate.compare.plans import Compiled
from tests.support.asked_gates.asked import Asked
from tests.support.asked_gates.gateways import Two

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


def _named_origins(compiled: Compiled) -> Iterator[str]:
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


def crossing(two: Two, r: random.Random) -> Iterator[Asked]:
    """What browsers send, to each place that may have a policy of its own."""
    origins = list(dict.fromkeys([*ORIGINS, *(one for each in two.compiled for one in _named_origins(each))]))
    said = (("Access-Control-Allow-Origin", "*"), ("Access-Control-Expose-Headers", "X-From"), ("Vary", "Accept"))
    places = [(path, sorted(methods)) for path, methods in two.paths().items()]
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
    for path, methods in [*places[:10], ("/nothing", ["GET"])]:
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
