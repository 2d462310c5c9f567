"""The fronts through which the recorded cases go: engine, ASGI, WSGI and the real server's socket.

A front takes a policy (None: CORS is off) and a case of `cors_vectors` and says what its client would see, or in a few
words why its protocol cannot carry the case. Behind each stands an application that answers as the case's `next` does.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from crossgate.cors import CorsPolicy
from crossgate.http.message import Request, Response
from crossgate.middleware.asgi import CORSMiddleware as AsgiMiddleware
from crossgate.middleware.wsgi import CORSMiddleware as WsgiMiddleware
from tests.support import dataplane
from tests.support.cors_vectors import Outcome, request_fields

Front = Callable[[CorsPolicy | None, dict[str, Any]], Outcome | str]
_CORS_REQUEST_FIELDS = (
    b"origin",
    b"access-control-request-method",
    b"access-control-request-headers",
    b"access-control-request-private-network",
)
_HTTP_METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"}
_FRAMING = {"content-length", "date", "connection"}


def engine(policy: CorsPolicy | None, case: dict[str, Any]) -> Outcome | str:
    """The decision and its edits, without any protocol."""
    own = next_fields(case)
    if policy is None:
        return Outcome.of(200, True, text(own))
    decision = policy.decide(case["request"]["method"].encode(), request_fields(case))
    if decision.preflight_status is None:
        return Outcome.of(200, True, text(decision.edits.apply(own, policy.config.upstream.value)))
    return Outcome.of(decision.preflight_status, False, text(decision.edits.apply([])))


def asgi(policy: CorsPolicy | None, case: dict[str, Any]) -> Outcome | str:
    """The ASGI middleware, stepped by hand."""
    reached = False
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        nonlocal reached
        reached = True
        await send({"type": "http.response.start", "status": 200, "headers": next_fields(case)})
        await send({"type": "http.response.body", "body": b"ok"})

    async def send(message: Any) -> None:
        sent.append(message)

    method = case["request"]["method"].encode().decode("latin-1")
    scope = {"type": "http", "method": method, "headers": request_fields(case), "path": "/"}
    step_by_hand((app if policy is None else AsgiMiddleware(app, policy))(scope, None, send))
    start, body = sent
    lines = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    assert body["body"] == (b"ok" if reached else b"")
    return Outcome.of(start["status"], reached, text(lines))


def wsgi(policy: CorsPolicy | None, case: dict[str, Any]) -> Outcome | str:
    """The WSGI middleware, called as a server does."""
    fields = request_fields(case)
    if any(sum(known == name for known, _ in fields) > 1 for name in _CORS_REQUEST_FIELDS):
        return "repeated request lines"
    reached = False
    answer: list[tuple[int, list[tuple[str, str]]]] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        nonlocal reached
        reached = True
        start_response("200 OK", [(n.decode("latin-1"), v.decode("latin-1")) for n, v in next_fields(case)])
        return [b"ok"]

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        answer.append((int(status.split(" ", maxsplit=1)[0]), headers))

    environ = {"HTTP_" + n.decode().upper().replace("-", "_"): v.decode("latin-1") for n, v in fields}
    environ["REQUEST_METHOD"] = case["request"]["method"].encode().decode("latin-1")
    body = (app if policy is None else WsgiMiddleware(app, policy))(environ, start_response)
    assert b"".join(body) == (b"ok" if reached else b"")
    ((status, headers),) = answer
    lines = [(name, value.encode("latin-1").decode()) for name, value in headers if name.lower() != "content-length"]
    return Outcome.of(status, reached, lines)


class Socket:
    """The real server on a loopback socket, whose policy is changed from case to case. Used within `async with`."""

    def __init__(self) -> None:
        self._case: dict[str, Any] = {}
        self._serving = dataplane.serving(self._respond)
        self._peer: Any = None

    async def _respond(self, request: Request) -> Response:
        return Response(200, next_fields(self._case), b"ok", from_backend="backend")

    async def __aenter__(self) -> "Socket":
        self._server, self._app = await self._serving.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        await self._hang_up()
        await self._serving.__aexit__(*exception)

    async def _hang_up(self) -> None:
        if self._peer is not None:
            await self._peer.__aexit__(None, None, None)
            self._peer = None

    async def ask(self, policy: CorsPolicy | None, case: dict[str, Any]) -> Outcome | str:
        """One case over the wire."""
        self._case, self._app.policy = case, policy
        self._app.upstream = "pass" if policy is None else policy.config.upstream.value
        if self._peer is None:
            self._peer = dataplane.connected(self._server.port)
            self._connection = await self._peer.__aenter__()
        before = len(self._app.requests)
        method = case["request"]["method"].encode()
        values = [(name.encode(), value.encode()) for name, value in case["request"]["headers"]]
        lines = [b"%b / HTTP/1.1" % method, b"Host: gateway.example", *(b"%b: %b" % line for line in values)]
        self._connection.send(b"\r\n".join(lines) + b"\r\n\r\n")
        answer = await self._connection.answer(to_head=method == b"HEAD")
        reached = len(self._app.requests) > before
        if answer.one(b"connection") == b"close":
            await self._hang_up()
        if answer.status == 501:
            assert case["request"]["method"] not in _HTTP_METHODS
            return "methods that the HTTP parser does not know"
        kept = [(name, value) for name, value in answer.fields if name.decode() not in _FRAMING]
        return Outcome.of(answer.status, reached, text(kept))


def next_fields(case: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """What the next handler sets of its own."""
    return [] if case["next"] == "plain" else [(n.lower().encode(), v.encode()) for n, v in case["next_headers"]]


def text(fields: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """Field lines as text."""
    return [(name.decode(), value.decode()) for name, value in fields]


def step_by_hand(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


def over_a_socket(cases: list[tuple[CorsPolicy | None, dict[str, Any]]]) -> list[Outcome | str]:
    """All cases through one server, one after the other."""

    async def run() -> list[Outcome | str]:
        async with asyncio.timeout(120), Socket() as socket:
            return [await socket.ask(policy, case) for policy, case in cases]

    return asyncio.run(run())
