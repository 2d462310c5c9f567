"""A backend that does what the path says, `/which/kind/number`, and notes how often it was asked for each number."""

import asyncio


def body_of(kind: str, number: int) -> bytes:
    """The body that belongs to a number: JSON, unless it is mangled."""
    pad = ', "pad": "%s"' % ("x" * 100_000) if kind == "large" else ""
    body = f'{{"number": {number}{pad}}}'.encode()
    return body[:-1] if kind == "mangled" else body


class FaultyBackend:
    """Handles connections. `asked` counts requests by number: of the endpoints' first or only backend, and second.

    `repeated` are the numbers of POSTs that came more than once.
    """

    def __init__(self, count: int) -> None:
        self.asked = {"a": bytearray(count), "b": bytearray(count)}
        self.repeated: list[int] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        staying = True
        while staying:
            head = await reader.readuntil(b"\r\n\r\n")
            sent = await _request_body(reader, head)
            _, which, kind, told = head.split(b" ")[1].decode().split("/")
            number = int(told)
            self.asked[which][number] += 1
            if head.startswith(b"POST") and self.asked[which][number] > 1:
                self.repeated.append(number)
            body = body_of(kind, number if sent is None else int(sent))
            staying = await _answer(writer, kind, body)
            await writer.drain()
        if kind == "silent":
            await reader.read()


async def _request_body(reader: asyncio.StreamReader, head: bytes) -> bytes | None:
    if b"\r\nTransfer-Encoding: chunked" in head:
        whole = await reader.readuntil(b"0\r\n\r\n")
        return b"".join(whole.split(b"\r\n")[1:-3:2])
    _, found, after = head.partition(b"\r\nContent-Length: ")
    return await reader.readexactly(int(after.split(b"\r\n")[0])) if found else None


async def _answer(writer: asyncio.StreamWriter, kind: str, body: bytes) -> bool:
    """Whether the connection goes on."""
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    if kind == "chunked":
        pieces = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % pieces)
    elif kind == "slow":
        writer.write(whole[:-1])
        await asyncio.sleep(0.002)
        if writer.is_closing():
            return False  # the client left, and the gateway with it
        writer.write(whole[-1:])
    elif kind == "extra":
        writer.write(whole + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
    elif kind == "garbage":
        writer.write(b"\x00garbage\r\n\r\n")
    elif kind == "short":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body) + 9, body))
        return False
    elif kind == "until-close":
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        return False
    elif kind == "close":
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + whole[17:])
        return False
    elif kind == "abort":
        writer.transport.abort()
        return False
    elif kind in ("silent", "no-answer"):
        return False
    else:
        writer.write(whole)
        return kind != "leaves"
    return True
