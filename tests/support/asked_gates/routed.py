"""Requests for where paths lead: each path with each method, and what is nearly that path. Knows no guards."""

from collections.abc import Iterator

from tests.support.asked_gates.asked import Asked
from tests.support.asked_gates.gateways import Two


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
