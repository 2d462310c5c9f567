"""Falcon, on both sides: `uvicorn falcon_app:app`, or any WSGI server with `falcon_app:wsgi_app`."""

import falcon
import falcon.asgi
from cors_policy import policy

from crossgate.middleware import asgi, wsgi


class AsyncItem:
    async def on_get(self, request: falcon.asgi.Request, response: falcon.asgi.Response) -> None:
        response.media = {"id": 1}
        response.set_header("X-Total", "1")

    async def on_put(self, request: falcon.asgi.Request, response: falcon.asgi.Response) -> None:
        response.media = {"id": 1}


class AsyncBroken:
    async def on_get(self, request: falcon.asgi.Request, response: falcon.asgi.Response) -> None:
        raise RuntimeError("not caught by anybody")


class Item:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"id": 1}
        response.set_header("X-Total", "1")

    def on_put(self, request: falcon.Request, response: falcon.Response) -> None:
        response.media = {"id": 1}


class Broken:
    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        raise RuntimeError("not caught by anybody")


_async_app = falcon.asgi.App()
_async_app.add_route("/item", AsyncItem())
_async_app.add_route("/broken", AsyncBroken())
app = asgi.CORSMiddleware(_async_app, policy)

_sync_app = falcon.App()
_sync_app.add_route("/item", Item())
_sync_app.add_route("/broken", Broken())
wsgi_app = wsgi.CORSMiddleware(_sync_app, policy)
