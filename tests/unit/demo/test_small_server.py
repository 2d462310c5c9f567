import asyncio
from collections.abc import Awaitable, Callable

import pytest

from crossgate.demo.raw_exchange import ExchangeError, RawResponse, exchange
from crossgate.demo.small_server import SmallServer, start_small_server
from crossgate.http.message import Request, Response


async def echo(request: Request) -> Response:
    body = request.body if isinstance(request.body, bytes) else b"?"
    return Response(200, [(b"x-seen", request.method + b" " + request.path)], body)


def serve(check: Callable[[SmallServer], Awaitable[None]]) -> None:
    async def run() -> None:
        server = await start_small_server(echo, 0)
        try:
            await check(server)
        finally:
            await server.close()

    asyncio.run(run())


async def converse(port: int, sent: bytes, *, answers: int = 1) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        received = b""
        while received.count(b"HTTP/1.1 ") < answers or not received.endswith(b"\n"):
            piece = await asyncio.wait_for(reader.read(65_536), 5)
            if not piece:
                break
            received += piece
        return received
    finally:
        writer.close()
        await writer.wait_closed()


def test_body_by_length_is_read_whole() -> None:
    async def check(server: SmallServer) -> None:
        answer = await exchange("127.0.0.1", server.port, "POST", "/a", [(b"Host", b"x")], b"hello")

        assert (answer.status, answer.body) == (200, b"hello")

    serve(check)


def test_body_in_chunks_is_read_whole() -> None:
    async def check(server: SmallServer) -> None:
        chunks = b"3;ext=1\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n"
        sent = b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks

        assert (await converse(server.port, sent)).endswith(b"\r\n\r\nhello")

    serve(check)


def test_connection_serves_one_request_after_another() -> None:
    async def check(server: SmallServer) -> None:
        sent = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        received = await converse(server.port, sent, answers=2)

        assert [line for line in received.split(b"\r\n") if line.startswith(b"x-seen")] == [
            b"x-seen: GET /a",
            b"x-seen: GET /b",
        ]

    serve(check)


def test_answer_to_head_has_a_length_and_no_body() -> None:
    async def check(server: SmallServer) -> None:
        received = await converse(server.port, b"HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")

        assert b"content-length: 0" in received
        assert received.endswith(b"\r\n\r\n")

    serve(check)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET a HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nName : x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n", 413),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n", 413),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    ],
)
def test_malformed_request_is_refused_and_the_connection_closed(sent: bytes, status: int) -> None:
    async def check(server: SmallServer) -> None:
        received = await converse(server.port, sent)

        assert received.startswith(b"HTTP/1.1 %d " % status)
        assert b"connection: close" in received

    serve(check)


def test_mistake_of_a_handler_is_a_500_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def stumble(_: Request) -> Response:
        raise KeyError("x")

    async def run() -> RawResponse:
        server = await start_small_server(stumble, 0)
        try:
            return await exchange("127.0.0.1", server.port, "GET", "/a", [(b"Host", b"x")])
        finally:
            await server.close()

    assert asyncio.run(run()).status == 500
    assert "answering GET /a failed" in caplog.text


def test_port_that_is_taken_is_an_error() -> None:
    async def check(server: SmallServer) -> None:
        with pytest.raises(OSError, match="address already in use"):
            await start_small_server(echo, server.port)

    serve(check)


def test_server_is_not_reachable_but_by_loopback() -> None:
    async def check(server: SmallServer) -> None:
        addresses = {address for listener in server.listeners for address in _addresses(listener)}

        assert addresses <= {"127.0.0.1", "::1"}

    serve(check)


def _addresses(listener: asyncio.Server) -> list[str]:
    return [socket.getsockname()[0] for socket in listener.sockets]


def test_exchange_with_nobody_says_so() -> None:
    async def run() -> None:
        server = await start_small_server(echo, 0)
        await server.close()
        with pytest.raises(ExchangeError, match="connection failed"):
            await exchange("127.0.0.1", server.port, "GET", "/", [])

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b"", "connection failed"),
        (b"SSH-2.0-x\r\n\r\n", "not an HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "not an HTTP"),
        (b"HTTP/1.1 200 OK\r\nA: " + b"a" * 70_000, "too long"),
    ],
)
def test_exchange_with_a_strange_server_says_so(answer: bytes, told: str) -> None:
    async def strange(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()
        await writer.wait_closed()

    async def run() -> None:
        server = await asyncio.start_server(strange, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(ExchangeError, match=told):
                await exchange("127.0.0.1", port, "GET", "/", [(b"Host", b"x")])

    asyncio.run(run())


def test_exchange_reads_no_endless_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crossgate.demo.raw_exchange.MAX_BODY_BYTES", 1000)

    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                writer.write(b"x" * 65_536)
                await writer.drain()
        except OSError:
            writer.close()

    async def run() -> RawResponse:
        server = await asyncio.start_server(endless, "127.0.0.1", 0)
        async with server:
            return await exchange("127.0.0.1", server.sockets[0].getsockname()[1], "GET", "/", [(b"Host", b"x")])

    assert asyncio.run(run()).body == b"x" * 1000


def test_line_break_cannot_be_smuggled_into_a_head() -> None:
    async def check(server: SmallServer) -> None:
        with pytest.raises(ExchangeError, match="line break"):
            await exchange("127.0.0.1", server.port, "GET", "/", [(b"A", b"b\r\nC: d")])

    serve(check)
