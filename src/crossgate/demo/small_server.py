"""A small HTTP/1.1 server for the demo's own pages and backend: whole requests in, whole responses out.

It listens on loopback addresses and nowhere else. It is not the gateway's server: it knows nothing of streaming,
pipelining limits or speed, so that what the demo shows of the gateway is the gateway's own doing.
"""

import asyncio
import contextlib
import errno
import http
import logging
import ssl
from collections.abc import Awaitable, Callable

from crossgate.http.message import Fields, Request, Response
from crossgate.http.printable import printable

Handler = Callable[[Request], Awaitable[Response]]

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 1_048_576
IDLE_TIMEOUT_SECONDS = 75.0

_EPHEMERAL_ATTEMPTS = 20
_LOG = logging.getLogger("crossgate.demo")


class BadRequestError(Exception):
    """A request that this server does not take; `status` is its answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class SmallServer:
    """A listener on 127.0.0.1 and, where the machine has it, ::1, both on the same port."""

    def __init__(self, handler: Handler, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._handler = handler
        self._max_body_bytes = max_body_bytes
        self.listeners: list[asyncio.Server] = []
        self._connections: set[asyncio.Task[None]] = set()
        self.port = 0

    async def listen(self, port: int, tls: ssl.SSLContext | None) -> None:
        """Begin to listen. Port 0 asks for one that is free on both addresses. Raises OSError when it is taken."""
        for attempt in range(_EPHEMERAL_ATTEMPTS):
            first = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls, limit=MAX_HEAD_BYTES)
            self.port = first.sockets[0].getsockname()[1]
            try:
                second = await asyncio.start_server(self._serve, "::1", self.port, ssl=tls, limit=MAX_HEAD_BYTES)
            except OSError as error:
                taken = error.errno == errno.EADDRINUSE
                if taken:
                    first.close()
                    await first.wait_closed()
                    if port == 0 and attempt < _EPHEMERAL_ATTEMPTS - 1:
                        continue
                    raise
                self.listeners = [first]  # a machine without IPv6
            else:
                self.listeners = [first, second]
            return

    async def close(self) -> None:
        """Stop listening and drop the connections."""
        for listener in self.listeners:
            listener.close()
        tasks = [*self._connections]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for listener in self.listeners:
            await listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        try:
            with contextlib.suppress(OSError, EOFError, ValueError, asyncio.CancelledError):
                while await self._serve_one(reader, writer):
                    pass
        finally:
            if task is not None:
                self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection goes on."""
        keep_alive = True
        method = b""
        try:
            async with asyncio.timeout(IDLE_TIMEOUT_SECONDS):
                request = await read_request(reader, self._max_body_bytes)
            method = request.method
            keep_alive = (request.first(b"connection") or b"").lower() != b"close" and request.version == b"1.1"
            response = await self._answer(request)
        except BadRequestError as error:
            keep_alive = False
            response = Response(error.status, [(b"content-type", b"text/plain")], f"{error}\n".encode())
        writer.write(render_response(response, method, keep_alive=keep_alive))
        await writer.drain()
        return keep_alive

    async def _answer(self, request: Request) -> Response:
        try:
            return await self._handler(request)
        except Exception:  # noqa: BLE001 # whatever it is, the client is told and the next request served
            _LOG.exception("answering %s %s failed", printable(request.method), printable(request.path))
            return Response(500, [(b"content-type", b"text/plain")], b"This server made a mistake.\n")


async def start_small_server(
    handler: Handler, port: int, *, tls: ssl.SSLContext | None = None, max_body_bytes: int = MAX_BODY_BYTES
) -> SmallServer:
    """Serve on the loopback addresses. Port 0: a free one, see `.port`. Raises OSError when the port is taken."""
    server = SmallServer(handler, max_body_bytes)
    await server.listen(port, tls)
    return server


async def read_request(reader: asyncio.StreamReader, max_body_bytes: int = MAX_BODY_BYTES) -> Request:
    """One request, its body whole. Raises BadRequestError, and EOFError when the client has gone."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise BadRequestError(431, "the head is too long") from None
    request_line, *lines = head[:-4].split(b"\r\n")
    parts = request_line.split(b" ")
    if len(parts) != 3 or not parts[2].startswith(b"HTTP/1.") or not parts[1].startswith((b"/", b"*")):
        raise BadRequestError(400, "this is not an HTTP/1.1 request")
    fields: Fields = []
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise BadRequestError(400, "a field line is malformed")
        fields.append((name.lower(), value.strip()))
    path, question_mark, query = parts[1].partition(b"?")
    request = Request(parts[0], path, query if question_mark else None, fields, version=parts[2][5:])
    request.host = request.first(b"host") or b""
    request.body = await _read_body(reader, request, max_body_bytes)
    request.has_body = bool(request.body)
    return request


async def _read_body(reader: asyncio.StreamReader, request: Request, max_body_bytes: int) -> bytes:
    if request.first(b"transfer-encoding") is not None:
        return await _read_chunks(reader, max_body_bytes)
    declared = request.first(b"content-length") or b"0"
    if not declared.isdigit() or len(request.values(b"content-length")) > 1:
        raise BadRequestError(400, "the content length is malformed")
    if int(declared) > max_body_bytes:
        raise BadRequestError(413, "the body is too long")
    return await reader.readexactly(int(declared))


async def _read_chunks(reader: asyncio.StreamReader, max_body_bytes: int) -> bytes:
    pieces: list[bytes] = []
    total_bytes = 0
    while True:
        try:
            line = await reader.readline()
            size = int(line.split(b";")[0], 16)
        except ValueError:  # also an endless line
            raise BadRequestError(400, "a chunk size is malformed") from None
        total_bytes += size
        if size < 0 or total_bytes > max_body_bytes:
            raise BadRequestError(413, "the body is too long")
        if size == 0:
            while (await reader.readline()).strip():  # trailers
                pass
            return b"".join(pieces)
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(2)


def render_response(response: Response, method: bytes, *, keep_alive: bool) -> bytes:
    """The response's bytes. A response to HEAD keeps its length and loses its body."""
    body = response.body if isinstance(response.body, bytes) else b""
    try:
        reason = http.HTTPStatus(response.status).phrase.encode()
    except ValueError:
        reason = b""
    lines = [b"HTTP/1.1 %d %s" % (response.status, reason)]
    lines += [name + b": " + value for name, value in response.fields]
    if response.status not in {204, 304}:
        lines.append(b"content-length: %d" % len(body))
    if not keep_alive:
        lines.append(b"connection: close")
    head = b"\r\n".join(lines) + b"\r\n\r\n"
    return head if method == b"HEAD" or response.status in {204, 304} else head + body
