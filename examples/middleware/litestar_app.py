"""Litestar, served by any ASGI server: `uvicorn litestar_app:app`. Wrapped as a whole, so that its router's errors too
have the CORS fields.
"""

from cors_policy import policy
from litestar import Litestar, Response, get, put

from crossgate import CORSMiddleware


@get("/item")
async def item() -> Response[dict[str, int]]:
    return Response({"id": 1}, headers={"X-Total": "1"})


@put("/item")
async def replace_item() -> dict[str, int]:
    return {"id": 1}


@get("/broken")
async def broken() -> None:
    raise RuntimeError("not caught by anybody")


app = CORSMiddleware(Litestar([item, replace_item, broken]), policy)
