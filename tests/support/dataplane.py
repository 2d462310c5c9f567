"""What tests of the data plane share: a server whose application is a function, scripted backends, raw clients."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, NamedTuple

import uvloop

from crossgate.config.model import LimitsConfig, UpstreamConfig
from crossgate.cors import CorsPolicy, Decision
from crossgate.flow.fiber import Flow
from crossgate.flow.timers import Timers
from crossgate.http.message import Fields, Request, Response, UpstreamRequest
from crossgate.server.serve import Server, start_server
from crossgate.transport.client import Client

ORIGIN = "https://app.example"
POLICY = CorsPolicy(allow_origins=[ORIGIN], allow_methods=["GET", "HEAD", "POST", "PUT", "OPTIONS"])
GRANT = b"https://app.example"
LIMITS = LimitsConfig()
UPSTREAM = UpstreamConfig()


def live(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an async test of it, on uvloop, that ends within bounds."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(30):
                await test(*args, **kwargs)

        uvloop.run(bounded())

    return run


class App:
    """An application whose `respond` is one function; what it was told is kept."""

    def __init__(self, respond: Callable[[Request], Flow[Response]], policy: CorsPolicy | None = POLICY) -> None:
        self._respond = respond
        self.policy = policy
        self.requests: list[Request] = []
        self.finished: list[tuple[int, int]] = []
        self.upstream = "strip"

    @property
    def upstream_mode(self) -> Any:
        return self.upstream

    def route(self, request: Request) -> "App":
        return self

    def decide(self, request: Request, route: "App") -> Decision | None:
        return self.policy.decide(request.method, request.fields) if self.policy else None

    def respond(self, request: Request) -> Flow[Response]:
        self.requests.append(request)
        return self._respond(request)

    def finish(
        self,
        request: Request,
        route: "App | None",
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
        /,
    ) -> None:
        assert seconds >= 0
        self.finished.append((status, body_bytes))


async def echo(request: Request) -> Response:
    """What came in, in a few words."""
    body = request.body if isinstance(request.body, bytes) else await request.body.read_all(1 << 30)
    text = b"%b %b %b %d" % (request.method, request.path, request.host, len(body))
    return Response(200, [(b"content-type", b"text/plain")], text)


@contextlib.asynccontextmanager
async def serving(
    respond: Callable[[Request], Flow[Response]] = echo,
    *,
    limits: LimitsConfig = LIMITS,
    timers: Timers | None = None,
    policy: CorsPolicy | None = POLICY,
    log: logging.Logger | None = None,
) -> AsyncIterator[tuple[Server, App]]:
    """A server on a free port."""
    app = App(respond, policy)
    if timers is None:
        timers = Timers(asyncio.get_running_loop().time)
    server = await start_server(app, limits=limits, timers=timers, log=log)
    try:
        yield server, app
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def proxying(
    authority: str, *, limits: LimitsConfig = LIMITS, upstream: UpstreamConfig = UPSTREAM, **other: Any
) -> AsyncIterator[tuple[Server, App, Client]]:
    """A server that passes every request on to one backend and its answer back, as a no-op endpoint does."""
    timers = Timers(asyncio.get_running_loop().time)
    client = Client(upstream, timers)

    async def respond(request: Request) -> Response:
        kept = (b"x-test", b"content-type")
        fields = [(name, value) for name, value in request.fields if name in kept]
        target = request.path + (b"?" + request.query if request.query is not None else b"")
        length = request.first(b"content-length")
        try:
            answer = await client.send(
                UpstreamRequest(
                    request.method,
                    "http",
                    authority,
                    target,
                    fields,
                    request.body,
                    int(length) if length is not None else None,
                )
            )
        except Exception as error:  # a gateway's own answer to a failed backend
            return Response(502, [], str(error).encode())
        return Response(answer.status, answer.fields, answer.body, from_backend="backend-0")

    try:
        async with serving(respond, limits=limits, timers=timers, **other) as (server, app):
            yield server, app, client
    finally:
        await client.close()


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def backend(handler: Handler) -> AsyncIterator[str]:
    """A backend that does what `handler` does on each connection. Gives its authority."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            with contextlib.suppress(ConnectionError):
                writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(handle(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=1 << 24)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def answering(data: bytes, *, close: bool = False) -> Handler:
    """A handler that answers every request head with the same bytes."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(data)
            await writer.drain()
            if close:
                return

    return handler


class Answer(NamedTuple):
    """A response as a raw client reads it."""

    status: int
    fields: Fields
    body: bytes

    def all(self, name: bytes) -> list[bytes]:
        return [value for known, value in self.fields if known == name]

    def one(self, name: bytes) -> bytes | None:
        values = self.all(name)
        assert len(values) <= 1, values
        return values[0] if values else None


class Peer:
    """A raw client connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> "Peer":
        self.writer.write(data)
        return self

    async def answer(self, *, to_head: bool = False) -> Answer:
        """The next response."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        start, *lines = head[:-4].split(b"\r\n")
        fields = []
        for line in lines:
            name, _, value = line.partition(b": ")
            fields.append((name.lower(), value))
        answer = Answer(int(start.split(b" ")[1]), fields, b"")
        if to_head or answer.status in (204, 304) or answer.status < 200:
            return answer
        if answer.one(b"transfer-encoding") == b"chunked":
            body = b""
            while size := int(await self.reader.readuntil(b"\r\n"), 16):
                body += await self.reader.readexactly(size)
                assert await self.reader.readexactly(2) == b"\r\n"
            assert await self.reader.readexactly(2) == b"\r\n"
        elif (length := answer.one(b"content-length")) is not None:
            body = await self.reader.readexactly(int(length))
        else:
            body = await self.reader.read()
        return answer._replace(body=body)

    async def ended(self) -> bool:
        """Whether the server ends the connection without a further byte."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True

    async def rest(self) -> bytes:
        """All that comes until the end."""
        with contextlib.suppress(ConnectionResetError):
            return await self.reader.read()
        return b""


@contextlib.asynccontextmanager
async def connected(port: int) -> AsyncIterator[Peer]:
    """A raw client connection to the server."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 24)
    try:
        yield Peer(reader, writer)
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that will come about."""
    while not condition():
        await asyncio.sleep(0.002)


def get(path: bytes = b"/", *lines: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    """A request with Host and Origin."""
    head = [b"%b %b HTTP/%b" % (method, path, version), b"Host: gateway.example", b"Origin: " + GRANT, *lines]
    return b"\r\n".join(head) + b"\r\n\r\n"
