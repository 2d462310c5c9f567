"""Starlette, served by any ASGI server: `uvicorn starlette_app:app`."""

from cors_policy import policy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from crossgate import CORSMiddleware


async def item(request: Request) -> JSONResponse:
    return JSONResponse({"id": 1}, headers={"X-Total": "1"})


async def broken(request: Request) -> JSONResponse:
    raise RuntimeError("not caught by anybody")


app = Starlette(routes=[Route("/item", item, methods=["GET", "PUT"]), Route("/broken", broken)])
app.add_middleware(CORSMiddleware, policy=policy)
