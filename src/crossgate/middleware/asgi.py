"""The CORS engine in front of an ASGI application: HTTP requests and WebSocket handshakes.

Knows the ASGI messages; decides nothing itself. Works with any application and server of ASGI 3.
"""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from crossgate.cors import CorsPolicy, Counters, Decision

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
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
        self._upstream = policy.config.upstream
        self._logger = logger or logging.getLogger("crossgate.cors")
        self._observed = counters is not None or policy.config.report_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, handshake or lifespan."""
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket" and self._websockets:
            await self._websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self._decide(scope["method"].encode("latin-1"), scope["headers"])
        if self._observed:
            self._observe(decision)
        if decision.preflight_status is not None:
            await _send_empty(send, decision.preflight_status, decision)
            return

        apply, upstream = decision.edits.apply, self._upstream
        started = False

        async def send_with_cors(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                # A new message: the application's own, which it may keep and send again, stays as it is.
                message = {**message, "headers": apply(_lower(message.get("headers") or ()), upstream)}
            await send(message)

        try:
            await self.app(scope, receive, send_with_cors)
        except Exception:
            if not started:
                await _send_empty(send, 500, decision)
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


def _lower(headers: Any) -> list[tuple[bytes, bytes]]:
    """ASGI asks applications for lower-case names; not all of them listen."""
    return [(name.lower(), value) for name, value in headers]


async def _send_empty(send: Send, status: int, decision: Decision) -> None:
    headers = decision.edits.apply([] if status == 204 else [(b"content-length", b"0")])
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
