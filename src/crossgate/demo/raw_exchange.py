"""One HTTP/1.1 exchange on a connection of its own, heads kept as they travelled: the demo's view without a browser.

Bounded in time and bytes. Does not know CORS.
"""

import asyncio
import contextlib
from dataclasses import dataclass

from crossgate.http.message import Fields

TIMEOUT_SECONDS = 5.0
MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 65_536


class ExchangeError(Exception):
    """There was no answer that could be shown."""


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response as it came. `body` is cut at MAX_BODY_BYTES and left in its transfer coding."""

    status: int
    line: str
    fields: Fields
    body: bytes


async def exchange(host: str, port: int, method: str, target: str, fields: Fields, body: bytes = b"") -> RawResponse:
    """Send one request and read the answer. Raises ExchangeError."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            return await _exchange(host, port, render_request_line(method, target), fields, body)
    except TimeoutError:
        raise ExchangeError("No answer came in time.") from None
    except (OSError, EOFError) as error:
        raise ExchangeError(f"The connection failed: {error}") from None
    except ValueError as error:
        raise ExchangeError(f"This is not an HTTP/1.1 answer: {error}") from None


def render_request_line(method: str, target: str) -> str:
    """The request line without its end."""
    return f"{method} {target} HTTP/1.1"


async def _exchange(host: str, port: int, line: str, fields: Fields, body: bytes) -> RawResponse:
    lines = [line.encode("ascii"), *(name + b": " + value for name, value in fields), b"Connection: close"]
    if body:
        lines.append(b"Content-Length: %d" % len(body))
    if any(b"\r" in item or b"\n" in item or b"\0" in item for item in lines):
        raise ExchangeError("A line break cannot be part of a request's head.")
    reader, writer = await asyncio.open_connection(host, port, limit=MAX_HEAD_BYTES)
    try:
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        await writer.drain()
        return await _read_response(reader)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _read_response(reader: asyncio.StreamReader) -> RawResponse:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise ExchangeError("The answer's head is too long.") from None
    status_line, *lines = head[:-4].split(b"\r\n")
    parts = status_line.split(b" ", 2)
    if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not parts[1].isdigit():
        raise ExchangeError("This is not an HTTP/1.1 answer.")
    fields: Fields = []
    for item in lines:
        name, _, value = item.partition(b":")
        fields.append((name, value.strip()))
    body = b""
    with contextlib.suppress(EOFError, OSError):
        while len(body) < MAX_BODY_BYTES:
            piece = await reader.read(MAX_BODY_BYTES - len(body))
            if not piece:
                break
            body += piece
    return RawResponse(int(parts[1]), status_line.decode("latin-1"), fields, body)
