"""The gateway's own routes: health, debug, echo and automatic OPTIONS.

Source: lura `router/gin/engine.go`, `debug.go`, `echo.go`, `router.go` registerOptionEndpoints.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from crossgate.golang.json_text import encode_json
from crossgate.golang.url import encode_query, parse_query, path_unescape
from crossgate.http.message import Request, Response, refusal
from crossgate.http.printable import printable
from crossgate.http.reason import BODY_BROKEN, BODY_TOO_LARGE, NOT_READY
from crossgate.pipeline.answers import JSON, Answers
from crossgate.pipeline.failure import RequestBodyBrokenError, RequestBodyTooLargeError
from crossgate.pipeline.forward import CanonicalNames
from crossgate.pipeline.request_body import read_request_body
from crossgate.pipeline.respond import Handler, Params


def build_health(wall_clock_ns: Callable[[], int], uptime_seconds: Callable[[], float]) -> Handler:
    """`/__health`. `now` is in the form of Go's Time.String; there are no async agents to report of."""

    async def health(_request: Request, _values: Params) -> Response:
        now = go_time_text(wall_clock_ns(), uptime_seconds())
        return Response(200, [(b"content-type", JSON)], encode_json({"agents": {}, "now": now, "status": "ok"}))

    return health


def build_ready(why_not: Callable[[], str]) -> Handler:
    """`/__ready`: 200, or 503 with the reason that `why_not` gives, for load balancers.

    DEVIATION(DEV-LIFE-1): KrakenD has no such page.
    """

    async def ready(_request: Request, _values: Params) -> Response:
        reason = why_not()
        answer = {"reason": reason, "status": "not ready"} if reason else {"status": "ready"}
        fields = [(b"content-type", JSON), (b"cache-control", b"no-store")]
        return Response(503 if reason else 200, fields, encode_json(answer), reason=NOT_READY if reason else None)

    return ready


def go_time_text(wall_clock_ns: int, uptime_seconds: float) -> str:
    """`2026-11-22 12:57:35.074171788 +0000 UTC m=+3.621110600`."""
    seconds, nanoseconds = divmod(wall_clock_ns, 1_000_000_000)
    date = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    return f"{date}{fraction} +0000 UTC m=+{uptime_seconds:.9f}"


def build_debug(log: logging.Logger) -> Handler:
    """`/__debug/`: the request goes to the log at debug level. Values of fields stay out of it."""

    async def debug(request: Request, _values: Params) -> Response:
        names = b", ".join(name for name, _ in request.fields)
        log.debug("[DEBUG] %s %s fields: %s", printable(request.method), printable(request.path), printable(names))
        return Response(200, [(b"content-type", JSON)], b'{"message":"pong"}')

    return debug


def build_echo() -> Handler:
    """`/__echo/`: the request as JSON. The members stand in KrakenD's order."""
    canonical = CanonicalNames()

    async def echo(request: Request, _values: Params) -> Response:
        try:
            body = await read_request_body(request.body)
        except RequestBodyTooLargeError:
            return refusal(413, BODY_TOO_LARGE)
        except RequestBodyBrokenError:
            return refusal(400, BODY_BROKEN)
        query = parse_query(request.query or b"")
        headers: dict[str, list[str]] = {}
        for name, value in request.fields:
            if name != b"host":
                headers.setdefault(_text(canonical(name)), []).append(_text(value))
        target = request.path if request.query is None else request.path + b"?" + request.query
        members = {
            "req_uri": _text(target),
            "req_uri_details": {
                "fragment": "",
                "host": _text(request.host),
                "path": _text(path_unescape(request.path)),
                "query": _text(encode_query(query)),
                "user": "",
            },
            "req_method": _text(request.method),
            "req_querystring": {_text(name): [_text(value) for value in values] for name, values in query.items()},
            "req_body": _text(body),
            "req_headers": headers,
        }
        written = b",".join(encode_json(name) + b":" + encode_json(value) for name, value in members.items())
        return Response(200, [(b"content-type", JSON)], b"{" + written + b"}")

    return echo


def build_options(allow: str, answers: Answers) -> Handler:
    """An automatic OPTIONS route."""

    async def options(_request: Request, _values: Params) -> Response:
        return Response(200, [(b"allow", allow.encode()), answers.version_field])

    return options


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
