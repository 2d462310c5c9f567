"""The CORS engine in front of an ASGI application: HTTP requests and WebSocket handshakes.

Knows the ASGI messages; decides nothing itself. Works with any application and server of ASGI 3.
"""

from __future__ import annotations  # or the function in a function below would evaluate its own with each request

import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Literal, get_args

from crossgate.cors import CorsPolicy, Counters, Edits
from crossgate.cors.edits import TOUCHED_FIELDS, vary_line
from crossgate.middleware.asgi_callers import somebody_answers
from crossgate.middleware.asgi_frameworks import hand_over
from crossgate.middleware.handshake import describe_refused_handshake
from crossgate.middleware.observer import Observer

# Each framework and server has types of its own for what ASGI passes around (TypedDicts, mappings, dicts), and none
# fits another's. Between them stands Any, so that each of them can be wrapped and served without a cast.
Scope = Any
Message = Any
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Line = tuple[bytes, bytes]
UpstreamMode = Literal["strip", "pass", "prefer"]
ExceptionMode = Literal["auto", "answer", "raise"]
# What a response still lacks: the lines that it gains if it has no such fields, and what to apply if it has.
Pending = tuple[list[Line], Edits, UpstreamMode]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

NO_CONTENT = (b"content-length", b"0")
POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1; before the handshake is accepted a server turns it into a 403


class CORSMiddleware:
    """Answers preflights, and sets the CORS fields of every response of `app`, its unhandled exceptions included.

    The application's own CORS fields are treated as the policy's `upstream` says (removed by default) and its Vary is
    merged.

    `exceptions` is about an exception that leaves the application before its response began. It is always raised again,
    for whoever stands outside and for the server's log. Before that, `answer` sends an empty 500 with the CORS fields,
    and `raise` sends nothing. `auto` is `answer`, unless a framework has this middleware in its stack
    (`add_middleware`): its own answer then stays, and gains the CORS fields. The same for any other application outside
    whose handler sends an answer, but without the fields: these cannot be reached from here.

    `websockets` applies the origin policy to WebSocket handshakes too: a refused one is answered with 403 before it is
    accepted. A handshake without Origin, or from the request's own origin, is let through.

    `counters` counts decisions; `logger` (`crossgate.cors` by default) gets one warning for each handshake that is
    refused and for each request that a report-only policy would refuse.
    """

    def __init__(
        self,
        app: Application,
        policy: CorsPolicy,
        *,
        websockets: bool = True,
        exceptions: ExceptionMode = "auto",
        counters: Counters | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        if not isinstance(policy, CorsPolicy):
            raise TypeError(f"policy must be a CorsPolicy, not {type(policy).__name__}")
        if exceptions not in get_args(ExceptionMode):
            raise ValueError(f"exceptions must be auto, answer or raise, not {exceptions!r}")
        self.app = app
        self.policy = policy
        self.counters = counters
        self._websockets = websockets
        self._exceptions = exceptions
        self._decide = policy.decide
        self._decide_options = policy.decide_options
        self._upstream: UpstreamMode = policy.config.upstream.value
        self._observer = Observer(policy, counters, logger)
        self._observed = not self._observer.is_idle
        self._ready = {} if self._observed else self._made_ready()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, handshake or lifespan."""
        if scope["type"] != "http":
            if scope["type"] == "websocket" and self._websockets:
                await self._websocket(scope, receive, send)
            else:
                await self.app(scope, receive, send)
            return

        framework = scope.get("app")  # before the application: a framework inside of it names itself there too
        # One function for all of a request: each further call, and a coroutine most of all, would show in its cost.
        pending: Pending | None = None
        method = scope["method"]
        ready = self._ready.get(method)
        if ready is not None:
            origin: bytes | None = None
            for name, value in scope["headers"]:
                if name == b"origin":
                    if origin is not None:
                        break
                    origin = value
            else:
                pending = ready.get(origin)
        if pending is None:
            if method == "OPTIONS":
                decision = self._decide_options(scope["headers"])
            else:
                decision = self._decide(method.encode("latin-1", "replace"), scope["headers"])
            if self._observed:
                self._observer.observe(decision, method.encode("latin-1", "replace"), scope["path"], scope["headers"])
            status = decision.preflight_status
            if status is not None:
                lines = decision.edits.lines
                headers = [*lines] if status == 204 else [NO_CONTENT, *lines]
                await send({"type": "http.response.start", "status": status, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
            pending = self._pending(decision.edits)

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
                    message["headers"] = headers + lines if type(headers) is list else [*headers, *lines]
            return send(message)

        app = self.app  # calling it as `self.app(…)` would look for a method first
        try:
            await app(scope, receive, send_with_cors)
        except Exception:
            if pending is not None:
                await self._before_raising(framework, scope, send, pending)
            raise

    async def _before_raising(self, framework: object, scope: Scope, send: Send, pending: Pending) -> None:
        edits = pending[1]

        def edit(message: Message) -> Message:
            lines = [(name.lower(), value) for name, value in message.get("headers") or ()]
            return {**message, "headers": edits.apply(lines, "strip" if self._upstream == "strip" else "prefer")}

        is_left_to_others = self._exceptions != "answer" and hand_over(framework, scope, edit)
        if self._exceptions == "auto" and not is_left_to_others:
            caller = sys._getframe(1).f_back  # noqa: SLF001 # `inspect.currentframe` is the same, and slow to import
            is_left_to_others = somebody_answers(caller, scope)
        if self._exceptions != "raise" and not is_left_to_others:
            await send({"type": "http.response.start", "status": 500, "headers": [NO_CONTENT, *edits.lines]})
            await send({"type": "http.response.body", "body": b""})

    def _pending(self, edits: Edits) -> Pending:
        lines = edits.lines if self._upstream != "pass" or edits.exclusive else vary_line(edits.vary)
        return list(lines), edits, self._upstream

    def _made_ready(self) -> dict[str, dict[bytes | None, Pending]]:
        """What becomes of responses, by method and origin: for exact origins, and for requests without Origin."""
        no_origin = self._pending(self.policy.decide_actual(b"GET", None).edits)
        ready: dict[str, dict[bytes | None, Pending]] = {}
        for origin, (methods, decision) in self.policy.exact_actual().items():
            pending = self._pending(decision.edits)
            for method in methods:
                ready.setdefault(method, {None: no_origin, b"": no_origin})[origin] = pending
        return ready

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        decision = self.policy.decide_websocket(scope["headers"], scheme=scope.get("scheme", "ws"))
        if self._observed:
            self._observer.observe(decision, b"GET", scope["path"], scope["headers"])
        if decision.allowed or self.policy.config.report_only:
            await self.app(scope, receive, send)
            return
        scheme = scope.get("scheme", "ws")
        line = describe_refused_handshake(self.policy, scope["path"], scope["headers"], scheme, decision)
        self._observer.logger.warning("%s", line)
        await receive()  # websocket.connect: a handshake is answered, not forestalled
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": "origin not allowed"})
