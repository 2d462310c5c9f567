"""The sample backend behind the demo's gateway: greets, echoes, is slow, fails, and has CORS headers of its own.

It does not know the gateway. Its one opinion on CORS is wrong on purpose (`/own-cors`): many a backend sends such
fields, and with them a page gets two `Access-Control-Allow-Origin` lines unless the gateway removes them.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.http.message import Request, Response

SLOW_SECONDS = 2.0


async def start_backend(port: int) -> SmallServer:
    """Serve the sample backend on loopback. Port 0: a free one. Raises OSError when the port is taken."""
    return await start_small_server(answer, port)


async def answer(request: Request) -> Response:
    """The backend's answer. An unknown path is 404, a known one with another method 405."""
    head, _, rest = request.path.lstrip(b"/").partition(b"/")
    known = _ROUTES.get(head)
    if known is None:
        return _json(404, {"error": "the sample backend has nothing here"})
    methods, handler = known
    if request.method not in methods:
        return _json(405, {"error": "the sample backend does not take this method"})
    return await handler(request, unquote(rest.decode("ascii", "replace")))


async def _hello(_: Request, __: str) -> Response:
    return _json(200, {"greeting": "Hello from the sample backend", "lucky_numbers": [7, 21, 42]})


async def _user(_: Request, name: str) -> Response:
    return _json(200, {"id": name, "name": f"User {name}", "roles": ["reader"]})


async def _search(request: Request, _: str) -> Response:
    pairs = parse_qsl((request.query or b"").decode("ascii", "replace"), keep_blank_values=True)
    return _json(200, {"asked": dict(pairs), "results": []})


async def _seen(request: Request, _: str) -> Response:
    """What reached the backend: the gateway lets through no more fields than the endpoint names."""
    seen = {name.decode("ascii", "replace"): value.decode("latin-1") for name, value in request.fields}
    return _json(200, {"method": request.method.decode("ascii", "replace"), "headers": seen})


async def _messages(request: Request, name: str) -> Response:
    if request.method == b"DELETE":
        return _json(200, {"deleted": name})
    body = request.body if isinstance(request.body, bytes) else b""
    kind = (request.first(b"content-type") or b"").decode("latin-1")
    return _json(201, {"stored": body.decode("utf-8", "replace"), "content_type": kind})


async def _session(request: Request, _: str) -> Response:
    response = _json(200, {"cookie_seen": (request.first(b"cookie") or b"").decode("latin-1")})
    response.fields.append((b"set-cookie", b"session=sample; Path=/; HttpOnly; SameSite=Lax"))
    return response


async def _own_cors(_: Request, __: str) -> Response:
    response = _json(200, {"note": "this backend sends CORS fields of its own"})
    response.fields += [
        (b"access-control-allow-origin", b"https://somebody-else.example"),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Accept-Encoding"),
    ]
    return response


async def _failing(_: Request, __: str) -> Response:
    return _json(503, {"error": "the sample backend is out of order, as asked"})


async def _slow(_: Request, __: str) -> Response:
    await asyncio.sleep(SLOW_SECONDS)
    return _json(200, {"note": "late, but here"})


_ROUTES: dict[bytes, tuple[frozenset[bytes], Callable[[Request, str], Awaitable[Response]]]] = {
    b"hello": (frozenset({b"GET", b"HEAD"}), _hello),
    b"users": (frozenset({b"GET"}), _user),
    b"search": (frozenset({b"GET"}), _search),
    b"seen": (frozenset({b"GET", b"POST"}), _seen),
    b"messages": (frozenset({b"POST", b"DELETE"}), _messages),
    b"session": (frozenset({b"GET", b"POST"}), _session),
    b"own-cors": (frozenset({b"GET"}), _own_cors),
    b"failing": (frozenset({b"GET"}), _failing),
    b"slow": (frozenset({b"GET"}), _slow),
}


def _json(status: int, data: dict[str, Any]) -> Response:
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(status, [(b"content-type", b"application/json"), (b"cache-control", b"no-store")], body)
