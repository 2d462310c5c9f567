"""FastAPI, served by any ASGI server: `uvicorn fastapi_app:app`."""

from cors_policy import policy
from fastapi import FastAPI, Response

from crossgate import CORSMiddleware

app = FastAPI()
app.add_middleware(CORSMiddleware, policy=policy)


@app.get("/item")
async def item(response: Response) -> dict[str, int]:
    response.headers["X-Total"] = "1"
    return {"id": 1}


@app.put("/item")
async def replace_item() -> dict[str, int]:
    return {"id": 1}


@app.get("/broken")
async def broken() -> None:
    raise RuntimeError("not caught by anybody")
