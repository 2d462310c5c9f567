"""The CORS layers that are measured, each as a pair: an application bare, and the same with the layer.

Every layer is asked for the same policy: one exact origin, GET and PUT, three headers, 600 seconds.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

from crossgate.cors import CorsPolicy
from crossgate.middleware.asgi import CORSMiddleware as CrossgateASGI
from crossgate.middleware.wsgi import CORSMiddleware as CrossgateWSGI

ORIGIN = "https://app.example.com"
METHODS = ["GET", "PUT"]
HEADERS = ["content-type", "x-requested-with", "x-token"]
MAX_AGE_SECONDS = 600

BROWSER_HEADERS = [
    (b"host", b"api.example.com"),
    (b"connection", b"keep-alive"),
    (b"sec-ch-ua-platform", b'"Linux"'),
    (
        b"user-agent",
        b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    ),
    (b"accept", b"application/json"),
    (b"sec-ch-ua", b'"Chromium";v="142", "Not_A Brand";v="99"'),
    (b"sec-ch-ua-mobile", b"?0"),
    (b"origin", ORIGIN.encode()),
    (b"sec-fetch-site", b"same-site"),
    (b"sec-fetch-mode", b"cors"),
    (b"sec-fetch-dest", b"empty"),
    (b"referer", b"https://app.example.com/"),
    (b"accept-encoding", b"gzip, deflate, br, zstd"),
    (b"accept-language", b"en-GB,en;q=0.9"),
]
PREFLIGHT_HEADERS = [
    *BROWSER_HEADERS,
    (b"access-control-request-method", b"PUT"),
    (b"access-control-request-headers", b"content-type,x-token"),
]


class Stack(NamedTuple):
    """`actual` and `preflight` make one whole request each; `bare` is `actual` without the layer."""

    name: str
    bare: Callable[[], None]
    actual: Callable[[], None]
    preflight: Callable[[], None]


def all_stacks() -> list[Stack]:
    """Every layer, ours first."""
    logging.disable(logging.CRITICAL)
    return [
        crossgate_asgi(),
        starlette(),
        litestar(),
        asgi_cors(),
        falcon_asgi(),
        crossgate_wsgi(),
        flask_cors(),
        django_cors_headers(),
    ]


def policy() -> CorsPolicy:
    """The policy that is measured."""
    return CorsPolicy(allow_origins=[ORIGIN], allow_methods=METHODS, allow_headers=HEADERS, max_age=MAX_AGE_SECONDS)


# -- ASGI ----------------------------------------------------------------------------------------------------------


async def plain_asgi(scope: Any, receive: Any, send: Any) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
        }
    )
    await send({"type": "http.response.body", "body": b"{}"})


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send(message: Any) -> None:
    pass


def asgi_request(app: Any, method: str, headers: list[tuple[bytes, bytes]]) -> Callable[[], None]:
    """One request, stepped by hand: nothing in it waits, so an event loop would only add noise."""

    def request() -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "https",
            "path": "/item", "raw_path": b"/item", "query_string": b"", "root_path": "", "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 443), "state": {},
        }  # fmt: skip
        try:
            app(scope, _receive, _send).send(None)
        except StopIteration:
            return
        raise AssertionError("the application waits for something")

    return request


def _asgi_stack(name: str, wrapped: Any, bare: Any = plain_asgi) -> Stack:
    return Stack(
        name,
        asgi_request(bare, "GET", BROWSER_HEADERS),
        asgi_request(wrapped, "GET", BROWSER_HEADERS),
        asgi_request(wrapped, "OPTIONS", PREFLIGHT_HEADERS),
    )


def crossgate_asgi() -> Stack:
    return _asgi_stack("crossgate (ASGI)", CrossgateASGI(plain_asgi, policy()))


def starlette() -> Stack:
    from starlette.middleware.cors import CORSMiddleware

    wrapped = CORSMiddleware(
        plain_asgi, allow_origins=[ORIGIN], allow_methods=METHODS, allow_headers=HEADERS, max_age=MAX_AGE_SECONDS
    )
    return _asgi_stack("Starlette / FastAPI", wrapped)


def litestar() -> Stack:
    from litestar import Litestar, get
    from litestar.config.cors import CORSConfig
    from litestar.response import Response

    @get("/item")
    async def item() -> Response[bytes]:
        return Response(b"{}", media_type="application/json")

    config = CORSConfig(
        allow_origins=[ORIGIN], allow_methods=["GET", "PUT"], allow_headers=HEADERS, max_age=MAX_AGE_SECONDS
    )
    return _asgi_stack("Litestar", Litestar([item], cors_config=config), Litestar([item]))


def asgi_cors() -> Stack:
    from asgi_cors import asgi_cors

    wrapped = asgi_cors(plain_asgi, hosts=[ORIGIN], headers=HEADERS, methods=METHODS, max_age=MAX_AGE_SECONDS)
    return _asgi_stack("asgi-cors", wrapped)


def falcon_asgi() -> Stack:
    import falcon
    import falcon.asgi

    class Item:
        async def on_get(self, request: Any, response: Any) -> None:
            response.data = b"{}"

    def build(*middleware: Any) -> Any:
        app = falcon.asgi.App(middleware=list(middleware))
        app.add_route("/item", Item())
        return app

    return _asgi_stack("Falcon (ASGI)", build(falcon.CORSMiddleware(allow_origins=[ORIGIN])), build())


# -- WSGI ----------------------------------------------------------------------------------------------------------


def plain_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]


def wsgi_request(app: Any, method: str, headers: list[tuple[bytes, bytes]]) -> Callable[[], None]:
    """One request with a fresh environment, its body read and closed."""
    import io

    base = {
        "REQUEST_METHOD": method, "PATH_INFO": "/item", "QUERY_STRING": "", "SCRIPT_NAME": "",
        "SERVER_NAME": "api.example.com", "SERVER_PORT": "443", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "https",
        "wsgi.version": (1, 0),
        "wsgi.errors": io.StringIO(), "wsgi.multithread": False, "wsgi.multiprocess": False, "wsgi.run_once": False,
    }  # fmt: skip
    for name, value in headers:
        base["HTTP_" + name.decode().upper().replace("-", "_")] = value.decode()

    def start_response(status: str, lines: Any, exc_info: Any = None) -> None:
        pass

    def request() -> None:
        environ = dict(base)
        environ["wsgi.input"] = io.BytesIO()
        body = app(environ, start_response)
        b"".join(body)
        close = getattr(body, "close", None)
        if close is not None:
            close()

    return request


def _wsgi_stack(name: str, wrapped: Any, bare: Any = plain_wsgi) -> Stack:
    return Stack(
        name,
        wsgi_request(bare, "GET", BROWSER_HEADERS),
        wsgi_request(wrapped, "GET", BROWSER_HEADERS),
        wsgi_request(wrapped, "OPTIONS", PREFLIGHT_HEADERS),
    )


def crossgate_wsgi() -> Stack:
    return _wsgi_stack("crossgate (WSGI)", CrossgateWSGI(plain_wsgi, policy()))


def flask_cors() -> Stack:
    from flask import Flask
    from flask_cors import CORS

    def build() -> Any:
        app = Flask("bench")
        app.add_url_rule("/item", view_func=lambda: (b"{}", {"Content-Type": "application/json"}))
        return app

    wrapped = build()
    CORS(wrapped, origins=[ORIGIN], methods=METHODS, allow_headers=HEADERS, max_age=MAX_AGE_SECONDS)
    return _wsgi_stack("flask-cors", wrapped, build())


def django_cors_headers() -> Stack:
    import django
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import path

    urls = type("urls", (), {"urlpatterns": [path("item", lambda _: HttpResponse(b"{}"))]})
    settings.configure(
        ALLOWED_HOSTS=["*"], ROOT_URLCONF=urls,
        SECRET_KEY="measuring", LOGGING_CONFIG=None, MIDDLEWARE=["corsheaders.middleware.CorsMiddleware"],
        CORS_ALLOWED_ORIGINS=[ORIGIN], CORS_ALLOW_METHODS=METHODS, CORS_ALLOW_HEADERS=HEADERS,
        CORS_PREFLIGHT_MAX_AGE=MAX_AGE_SECONDS,
    )  # fmt: skip
    django.setup(set_prefix=False)
    wrapped = WSGIHandler()
    settings.MIDDLEWARE = []
    return _wsgi_stack("django-cors-headers", wrapped, WSGIHandler())
