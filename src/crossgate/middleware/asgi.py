"""The CORS engine in front of an ASGI application: HTTP requests and WebSocket handshakes.

Knows the ASGI messages; decides nothing itself. Works with any application and server of ASGI 3.
"""

from __future__ import annotations  # or the function in a function below would evaluate its own with each request

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Literal

from crossgate.cors import CorsPolicy, Counters, Decision, Edits
from crossgate.cors.edits import TOUCHED_FIELDS, FieldLines, vary_line
from crossgate.middleware.observer import Observer

Scope = MutableMapping[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Line = tuple[bytes, bytes]
UpstreamMode = Literal["strip", "pass", "prefer"]
Pending = tuple[FieldLines, Edits, UpstreamMode]
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
        self._upstream: UpstreamMode = policy.config.upstream.value
        self._observer = Observer(policy, counters, logger)
        self._observed = not self._observer.is_idle
        # Decisions that nobody observes are as good as their edits: of exact origins these are at hand.
        exact = {} if self._observed else policy.exact_actual()
        self._exact: dict[bytes | None, tuple[frozenset[str], Pending]] = {
            origin: (methods, self._pending(decision)) for origin, (methods, decision) in exact.items()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, handshake or lifespan."""
        if scope["type"] != "http":
            if scope["type"] == "websocket" and self._websockets:
                await self._websocket(scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return

        # One function for all of a request: each further call, and a coroutine most of all, would show in its cost.
        pending: Pending | None
        method = scope["method"]
        if method == "OPTIONS":
            decision = self._decide_options(scope["headers"])
            if decision.preflight_status is not None:
                if self._observed:
                    self._observer.observe(decision)
                await send(_empty_start(decision.preflight_status, decision.edits))
                await send({"type": "http.response.body", "body": b""})
                return
            pending = self._observed_pending(decision)
        else:
            origin: bytes | None = None
            for name, value in scope["headers"]:
                if name == b"origin":
                    if origin is not None:
                        pending = self._observed_pending(self._decide(_as_bytes(method), scope["headers"]))
                        break
                    origin = value
            else:
                known = self._exact.get(origin)
                if known is not None and method in known[0]:
                    pending = known[1]
                else:
                    pending = self._observed_pending(self._decide_actual(_as_bytes(method), origin))

        # A closure with no more than these two cells costs less than `partial` or an object. It hands on the server's
        # awaitable: a coroutine around that would cost as much again.
        def send_with_cors(message: Message) -> Awaitable[None]:
            nonlocal pending
            if pending is not None and message["type"] == "http.response.start":
                lines, edits, upstream = pending
                pending = None
                # A new message and list: the application's own, which it may send again, stay as they are.
                headers = message.get("headers") or ()
                message = message.copy()
                for name, _ in headers:
                    if not 4 < len(name) < 22 and name.lower() in TOUCHED_FIELDS:
                        # ASGI asks applications for lower-case names; not all of them listen.
                        message["headers"] = edits.apply([(name.lower(), value) for name, value in headers], upstream)
                        break
                else:  # nearly always: nothing to remove, nothing to merge
                    message["headers"] = [*headers, *lines]
            return send(message)

        try:
            await self.app(scope, receive, send_with_cors)
        except Exception:
            if pending is not None:
                await send(_empty_start(500, pending[1]))
                await send({"type": "http.response.body", "body": b""})
            raise

    def _pending(self, decision: Decision) -> Pending:
        edits = decision.edits
        lines = edits.lines if self._upstream != "pass" or edits.exclusive else vary_line(edits.vary)
        return lines, edits, self._upstream

    def _observed_pending(self, decision: Decision) -> Pending:
        if self._observed:
            self._observer.observe(decision)
        return self._pending(decision)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self.policy.decide_websocket(scope["headers"], scheme=scope.get("scheme", "ws"))
        if self._observed:
            self._observer.observe(decision)
        if decision.allowed or self.policy.config.report_only:
            await self.app(scope, receive, send)
            return
        await receive()  # websocket.connect: a handshake is answered, not forestalled
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "origin not allowed"})


def _as_bytes(method: str) -> bytes:
    return method.encode("latin-1", "replace")


def _empty_start(status: int, edits: Edits) -> Message:
    headers = [*edits.lines] if status == 204 else [(b"content-length", b"0"), *edits.lines]
    return {"type": "http.response.start", "status": status, "headers": headers}
