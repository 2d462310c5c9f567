"""The CORS engine in front of an ASGI application: HTTP requests and WebSocket handshakes.

Knows the ASGI messages; decides nothing itself. Works with any application and server of ASGI 3.
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from functools import partial
from typing import Any, Literal

from crossgate.cors import CorsPolicy, Counters, Edits
from crossgate.cors.edits import TOUCHED_FIELDS
from crossgate.middleware.observer import Observer

Scope = MutableMapping[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Line = tuple[bytes, bytes]
UpstreamMode = Literal["strip", "pass", "prefer"]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1; before the handshake is accepted a server turns it into a 403


class CORSMiddleware:
    """Answers preflights, and sets the CORS fields of every response of `app`, its unhandled exceptions included.

    The application's own CORS fields are treated as the policy's `upstream` says (removed by default) and its Vary is
    merged. An exception that leaves the application before its response began is answered with an empty 500 that has
    the CORS fields, and then raised again for the server's log; place this middleware outermost to see all of them.

    `websockets` applies the origin policy to WebSocket handshakes too: a refused one is answered with 403 before it is
    accepted. A handshake without Origin, or from the request's own origin, is let through.

    `counters` counts decisions; `logger` gets one warning for each request that a report-only policy would refuse.
    """

    def __init__(
        self,
        app: Application,
        policy: CorsPolicy,
        *,
        websockets: bool = True,
        counters: Counters | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        if not isinstance(policy, CorsPolicy):
            raise TypeError(f"policy must be a CorsPolicy, not {type(policy).__name__}")
        self.app = app
        self.policy = policy
        self.counters = counters
        self._websockets = websockets
        self._decide = policy.decide
        self._decide_actual = policy.decide_actual
        self._decide_options = policy.decide_options
        self._exact_actual = policy.exact_actual()
        self._upstream: UpstreamMode = policy.config.upstream.value
        self._observer = Observer(policy, counters, logger)
        self._observed = not self._observer.is_idle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, handshake or lifespan."""
        kind = scope["type"]
        if kind != "http":
            if kind == "websocket" and self._websockets:
                await self._websocket(scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return

        # One function for all of a request: each further call, and a coroutine most of all, would show in its cost.
        method = scope["method"]
        if method == "OPTIONS":
            decision = self._decide_options(scope["headers"])
            if decision.preflight_status is not None:
                if self._observed:
                    self._observer.observe(decision)
                await send(_empty_start(decision.preflight_status, decision.edits))
                await send({"type": "http.response.body", "body": b""})
                return
        else:
            origin = None
            for name, value in scope["headers"]:
                if name == b"origin":
                    if origin is not None:
                        decision = self._decide(method.encode("latin-1", "replace"), scope["headers"])
                        break
                    origin = value
            else:
                known = self._exact_actual.get(origin) if origin else None
                if known is not None and method in known[0]:
                    decision = known[1]
                else:
                    decision = self._decide_actual(method.encode("latin-1", "replace"), origin)
        if self._observed:
            self._observer.observe(decision)

        edits = decision.edits
        started: list[bool] = []
        try:
            await self.app(scope, receive, partial(_send_with_cors, send, edits, self._upstream, started))
        except Exception:
            if not started:
                await send(_empty_start(500, edits))
                await send({"type": "http.response.body", "body": b""})
            raise

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self.policy.decide_websocket(scope["headers"], scheme=scope.get("scheme", "ws"))
        if self._observed:
            self._observer.observe(decision)
        if decision.allowed or self.policy.config.report_only:
            await self.app(scope, receive, send)
            return
        await receive()  # websocket.connect: a handshake is answered, not forestalled
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "origin not allowed"})


# Bound to a request by `partial`, which costs less than a closure. Hands on the server's awaitable: a coroutine around
# that would cost as much again.
def _send_with_cors(
    send: Send, edits: Edits, upstream: UpstreamMode, started: list[bool], message: Message
) -> Awaitable[None]:
    if message["type"] == "http.response.start":
        started.append(True)
        # A new message and list: the application's own, which it may send again, stay as they are.
        headers = message.get("headers") or ()
        message = message.copy()
        for name, _ in headers:
            if name.lower() in TOUCHED_FIELDS:
                break
        else:
            if upstream != "pass":  # nearly always: nothing to remove, nothing to merge
                message["headers"] = [*headers, *edits.lines]
                return send(message)
        message["headers"] = _apply(edits, headers, upstream)
    return send(message)


def _apply(edits: Edits, headers: Iterable[Line], upstream: UpstreamMode) -> list[Line]:
    """ASGI asks applications for lower-case names; not all of them listen."""
    return edits.apply([(name.lower(), value) for name, value in headers], upstream)


def _empty_start(status: int, edits: Edits) -> Message:
    headers = [*edits.lines] if status == 204 else [(b"content-length", b"0"), *edits.lines]
    return {"type": "http.response.start", "status": status, "headers": headers}
