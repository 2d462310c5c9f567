"""The demo page's server: the static files, and an API for the page alone that replays a call without a browser.

The replay reaches the demo's gateway and nothing else. Whoever is not this page is turned away: the API wants JSON and
its own origin, and only loopback names are served, so that no other site in the same browser can use it.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crossgate.demo.explanation import CallError, browser_of, decode_call, explain_call
from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.http.message import Request, Response

_STATIC = Path(__file__).parent / "static"
_CONTENT_TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}


async def start_page(port: int, gateway_url: str) -> SmallServer:
    """Serve the demo page on loopback. Port 0: a free one. `gateway_url` is an origin, as `http://127.0.0.1:8080`.

    Raises OSError when the port is taken.
    """
    return await start_small_server(_Page(gateway_url).answer, port)


class _Page:
    def __init__(self, gateway_url: str) -> None:
        self._gateway_url = gateway_url
        self._files = {
            f"/{file.name}".encode(): (_CONTENT_TYPES[file.suffix], file.read_bytes()) for file in _STATIC.iterdir()
        }
        self._files[b"/"] = self._files[b"/index.html"]

    async def answer(self, request: Request) -> Response:
        if not _is_loopback_name(request.host):
            return _text(421, "This server is known by loopback names only.")
        if request.path.startswith(b"/api/"):
            return await self._answer_api(request)
        if request.method not in {b"GET", b"HEAD"}:
            return _text(405, "There are only files here.")
        if request.path == b"/settings.json":
            return _json({"gateway_url": self._gateway_url})
        known = self._files.get(request.path)
        if known is None:
            return _text(404, "There is no such file.")
        content_type, body = known
        fields = [(b"content-type", content_type), (b"cache-control", b"no-cache"), *self._guards()]
        return Response(200, fields, body)

    def _guards(self) -> list[tuple[bytes, bytes]]:
        """What the page itself may do. Styles, scripts and calls come from and go to the demo only."""
        policy = f"default-src 'self'; connect-src 'self' {self._gateway_url}; base-uri 'none'; form-action 'none'"
        return [(b"content-security-policy", policy.encode()), (b"x-content-type-options", b"nosniff")]

    async def _answer_api(self, request: Request) -> Response:
        if request.method != b"POST" or request.path != b"/api/explain":
            return _text(404, "There is no such call.")
        if request.first(b"origin") != b"http://" + request.host:
            return _text(403, "Only the demo's own page may ask this.")
        if (request.first(b"content-type") or b"").split(b";")[0].strip().lower() != b"application/json":
            return _text(415, "This wants JSON.")
        try:
            call, body = decode_call(_decode_json(request.body), (self._gateway_url,))
        except CallError as error:
            return _text(400, str(error))
        browser = browser_of(request.first(b"user-agent") or b"")
        return _json(await explain_call(call, body, browser, (self._gateway_url,)))


def _is_loopback_name(host: bytes) -> bool:
    name = urlsplit("//" + host.decode("latin-1")).hostname or ""
    return name in {"127.0.0.1", "::1", "localhost"} or name.endswith(".localhost")


def _decode_json(body: object) -> Any:
    try:
        return json.loads(body if isinstance(body, bytes) else b"")
    except (ValueError, RecursionError):
        raise CallError("This is not JSON.") from None


def _json(data: dict[str, Any]) -> Response:
    return Response(
        200, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], json.dumps(data).encode()
    )


def _text(status: int, message: str) -> Response:
    return Response(status, [(b"content-type", b"text/plain; charset=utf-8")], message.encode())
