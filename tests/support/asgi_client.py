"""Drives an ASGI application by hand: what it was asked and every message it sent, nothing in between."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

Headers = list[tuple[bytes, bytes]]


@dataclass
class Answer:
    """What came out. `messages` are as the application sent them; `raised` is what left it."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    raised: BaseException | None = None

    @property
    def status(self) -> int:
        starts = [m for m in self.messages if m["type"] == "http.response.start"]
        assert len(starts) == 1, self.messages
        return int(starts[0]["status"])

    @property
    def headers(self) -> Headers:
        return [tuple(line) for m in self.messages if m["type"] == "http.response.start" for line in m["headers"]]  # type: ignore[misc]

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages if m["type"] == "http.response.body")

    def values(self, name: str) -> list[str]:
        return [v.decode("latin-1") for n, v in self.headers if n.lower() == name.lower().encode()]


async def ask_async(app: Any, method: str, path: str, headers: Headers, body: bytes = b"") -> Answer:
    answer = Answer()
    incoming = [{"type": "http.request", "body": body, "more_body": False}]
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        answer.messages.append(dict(message))

    try:
        await app(_scope("http", method, path, headers), receive, send)
    except Exception as error:
        answer.raised = error
    return answer


def ask(app: Any, method: str, path: str = "/", headers: Headers | None = None, body: bytes = b"") -> Answer:
    """One HTTP request to the application."""
    return asyncio.run(ask_async(app, method, path, headers or [], body))


def shake_hands(app: Any, headers: Headers, *, scheme: str = "ws") -> Answer:
    """One WebSocket handshake, closed by the client if the application accepts it."""

    async def run() -> Answer:
        answer = Answer()
        incoming = [{"type": "websocket.disconnect", "code": 1000}, {"type": "websocket.connect"}]

        async def receive() -> dict[str, Any]:
            return incoming.pop()

        async def send(message: Any) -> None:
            answer.messages.append(dict(message))

        scope = _scope("websocket", "GET", "/", headers)
        scope["scheme"] = scheme
        scope["subprotocols"] = []
        await app(scope, receive, send)
        return answer

    return asyncio.run(run())


def _scope(kind: str, method: str, path: str, headers: Headers) -> dict[str, Any]:
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    if kind == "http":
        scope["method"] = method
    return scope
