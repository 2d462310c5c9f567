"""A cache with a backend behind it that answers as it is told, in the one or the other form of messages."""

from email.utils import formatdate
from typing import Any

from crossgate.components.http_cache.cache import Cache
from crossgate.components.http_cache.store import Store
from crossgate.flow.fiber import Signal, run_to_end
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse

NOW = 1_800_000_000.0
FRESH = [(b"date", formatdate(NOW, usegmt=True).encode()), (b"cache-control", b"max-age=60")]

form = {"lines": False}
"""Whether messages are as they came, or taken apart."""


def lines_of(fields: Fields) -> bytes:
    return b"".join([b"\r\n%b: %b" % field for field in fields])


class Backend:
    """What the cache calls. `answers` are given in turn, the last for ever; `seen` are the requests' fields."""

    def __init__(self, *answers: UpstreamResponse | Exception) -> None:
        self.answers = list(answers)
        self.seen: list[Fields] = []
        self.hold: Signal[None] | None = None

    async def __call__(self, request: UpstreamRequest) -> UpstreamResponse:
        copy = request if request.lines is None else UpstreamRequest(b"", "", "", b"", lines=request.lines)
        self.seen.append(list(copy.fields))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if self.hold is not None:
            hold, self.hold = self.hold, None
            await hold
        if isinstance(answer, Exception):
            raise answer
        if form["lines"]:
            return UpstreamResponse(answer.status, None, answer.body, lines=lines_of(answer.fields))
        return UpstreamResponse(answer.status, list(answer.fields), answer.body)


def answer(body: bytes = b"1", *more: tuple[bytes, bytes], status: int = 200, base: Fields = FRESH) -> UpstreamResponse:
    names = {name for name, _ in more}
    return UpstreamResponse(status, [*[field for field in base if field[0] not in names], *more], body)


def ask(*fields: tuple[bytes, bytes], target: bytes = b"/x", method: bytes = b"GET") -> UpstreamRequest:
    if form["lines"]:
        return UpstreamRequest(method, "http", "backend", target, lines=lines_of(list(fields)))
    return UpstreamRequest(method, "http", "backend", target, list(fields))


def cache_of(
    backend: Backend, *, now: Any = lambda: NOW, is_no_op: bool = False, keeps_errors: bool = False, **bounds: int
) -> Cache:
    store = Store(bounds.get("max_items", 100), bounds.get("max_bytes", 10_000))
    return Cache(backend, store, now, is_no_op=is_no_op, keeps_errors=keeps_errors)


def bodies(cache: Cache, *requests: UpstreamRequest) -> list[Any]:
    return [run_to_end(cache(request)).body for request in requests]


def dated(seconds: float) -> tuple[bytes, bytes]:
    return b"date", formatdate(NOW + seconds, usegmt=True).encode()
