"""Every way to put the middleware somewhere, as mypy and pyright have to take it. Checked by them, and imported."""

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import make_server

import falcon
import falcon.asgi
import httpx
import uvicorn
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from fastapi import FastAPI
from flask import Flask
from litestar import Litestar
from litestar.middleware import DefineMiddleware
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from crossgate import ConfigError, CORSMiddleware, CorsPolicy
from crossgate.cors import Counters
from crossgate.middleware import asgi, wsgi
from crossgate.middleware.flask import CORS

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

policy = CorsPolicy(
    allow_origins={"https://app.example.com"},
    allow_methods=("GET", "PUT"),
    allow_headers=["X-Token"],
    expose_headers=frozenset({"X-Total"}),
    max_age=timedelta(hours=2),
    upstream="prefer",
    rules=[{"allow_origins": ["https://other.example.com"], "max_age": timedelta(minutes=5)}],
)
krakend: CorsPolicy = CorsPolicy.from_krakend({"allow_origins": ["https://app.example.com"]}, config_version=3)
problems: list[str] = [found.message for found in krakend.diagnostics]
try:
    CorsPolicy(allow_origins=[])
except ConfigError as error:
    problems += [found.code for found in error.diagnostics]

# Starlette and FastAPI: added, listed, and wrapped as a whole
starlette_app = Starlette(middleware=[Middleware(CORSMiddleware, policy=policy, websockets=False)])
starlette_app.add_middleware(CORSMiddleware, policy=policy, exceptions="auto")
fastapi_app = FastAPI(middleware=[Middleware(asgi.CORSMiddleware, policy=policy)])
fastapi_app.add_middleware(CORSMiddleware, policy=policy, counters=Counters())
fastapi_app.mount("/raw", CORSMiddleware(Starlette(), policy))
mounted = Starlette(routes=[Mount("/api", app=CORSMiddleware(fastapi_app, policy))])
wrapped = CORSMiddleware(fastapi_app, policy)

# Litestar
litestar_app = CORSMiddleware(Litestar([]), policy)
litestar_listed = Litestar([], middleware=[DefineMiddleware(CORSMiddleware, policy=policy)])

# Falcon and Django
falcon_asgi = CORSMiddleware(falcon.asgi.App(), policy)
falcon_wsgi = wsgi.CORSMiddleware(falcon.App(), policy)


def django() -> tuple[CORSMiddleware, wsgi.CORSMiddleware]:
    return CORSMiddleware(get_asgi_application(), policy), wsgi.CORSMiddleware(get_wsgi_application(), policy)


# Flask
flask_app = Flask(__name__)
CORS(flask_app, policy)
cors = CORS(policy=policy)
cors.init_app(Flask(__name__))
CORS().init_app(Flask(__name__), policy)
flask_wrapped = wsgi.CORSMiddleware(flask_app, policy)
proxied = ProxyFix(flask_wrapped)
around = wsgi.CORSMiddleware(ProxyFix(flask_app.wsgi_app), policy)


# Applications by hand
async def plain(
    scope: MutableMapping[str, Any],
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> None: ...


async def with_dicts(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None: ...


def plain_wsgi(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b""]


by_hand = CORSMiddleware(plain, policy)
by_hand_with_dicts = CORSMiddleware(with_dicts, policy)
by_hand_wsgi = wsgi.CORSMiddleware(plain_wsgi, policy)
nested = CORSMiddleware(CORSMiddleware(plain, policy), policy)
standard: "WSGIApplication" = by_hand_wsgi


# Servers and clients
def serve() -> None:
    uvicorn.run(wrapped)
    uvicorn.run(litestar_app)
    uvicorn.Server(uvicorn.Config(by_hand)).run()
    make_server("127.0.0.1", 0, flask_wrapped).serve_forever()


clients = (
    TestClient(wrapped),
    httpx.AsyncClient(transport=httpx.ASGITransport(app=wrapped)),
    httpx.Client(transport=httpx.WSGITransport(app=flask_wrapped)),
    Client(flask_wrapped),
)
