"""The CORS engine in front of an ASGI application: HTTP requests and WebSocket handshakes.

Knows the ASGI messages; decides nothing itself. Works with any application and server of ASGI 3.
"""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Literal

from crossgate.cors import CorsPolicy, Counters, Decision, Edits
from crossgate.cors.edits import TOUCHED_FIELDS

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
        self._upstream: UpstreamMode = policy.config.upstream.value
        self._logger = logger or logging.getLogger("crossgate.cors")
        self._observed = counters is not None or policy.config.report_only

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
        if scope["method"] == "OPTIONS":
            decision = self._decide(b"OPTIONS", scope["headers"])
            if decision.preflight_status is not None:
                if self._observed:
                    self._observe(decision)
                await send(_empty_start(decision.preflight_status, decision.edits))
                await send({"type": "http.response.body", "body": b""})
                return
        else:
            origin, several = None, False
            for name, value in scope["headers"]:
                if name == b"origin":
                    several = origin is not None
                    origin = value
            text = scope["method"]
            method = text.encode() if text.isascii() else text.encode("latin-1", "replace")  # the former is quicker
            decision = self._decide(method, scope["headers"]) if several else self._decide_actual(method, origin)
        if self._observed:
            self._observe(decision)

        edits = decision.edits
        pending: Edits | None = edits  # None once they are made: the response has begun
        upstream = self._upstream

        # Hands on the server's awaitable: a coroutine around it would cost as much again.
        def send_with_cors(message: Message) -> Awaitable[None]:
            nonlocal pending
            if pending is not None and message["type"] == "http.response.start":
                # A new message and list: the application's own, which it may send again, stay as they are.
                message = message.copy()
                message["headers"] = headers = [*(message.get("headers") or ())]
                for name, _ in headers:
                    if name.lower() in TOUCHED_FIELDS:
                        message["headers"] = _apply(pending, headers, upstream)
                        break
                else:  # nearly always: nothing to remove, nothing to merge
                    if upstream != "pass":
                        headers += pending.lines
                    else:
                        message["headers"] = _apply(pending, headers, upstream)
                pending = None
            return send(message)

        try:
            await self.app(scope, receive, send_with_cors)
        except Exception:
            if pending is not None:
                await send(_empty_start(500, edits))
                await send({"type": "http.response.body", "body": b""})
            raise

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self.policy.decide_websocket(scope["headers"], scheme=scope.get("scheme", "ws"))
        if self._observed:
            self._observe(decision)
        if decision.allowed or self.policy.config.report_only:
            await self.app(scope, receive, send)
            return
        await receive()  # websocket.connect: a handshake is answered, not forestalled
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "origin not allowed"})

    def _observe(self, decision: Decision) -> None:
        if self.counters is not None:
            self.counters.count(decision)
        if self.policy.config.report_only and not decision.allowed:
            self._logger.warning(
                "[CORS] report-only: would refuse %s at %s: %s",
                decision.kind.value,
                decision.step.value,
                decision.reason.value,
            )


def _apply(edits: Edits, headers: list[Line], upstream: UpstreamMode) -> list[Line]:
    """ASGI asks applications for lower-case names; not all of them listen."""
    return edits.apply([(name.lower(), value) for name, value in headers], upstream)


def _empty_start(status: int, edits: Edits) -> Message:
    headers = [*edits.lines] if status == 204 else [(b"content-length", b"0"), *edits.lines]
    return {"type": "http.response.start", "status": status, "headers": headers}
