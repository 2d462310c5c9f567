"""Bodies on their way through: streamed, held back where one side is slow, cut off where they must be."""

import asyncio

import pytest

from crossgate.config.model import LimitsConfig
from crossgate.flow.body import Body
from crossgate.http.message import Request, Response
from tests.support.dataplane import (
    GRANT,
    answering,
    backend,
    connected,
    echo,
    get,
    live,
    proxying,
    serving,
    until,
)

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("chunked", [True, False])
@live
async def test_large_bodies_pass_both_ways_unchanged(chunked: bool) -> None:
    piece = bytes(range(256)) * 256

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Sends back what it gets, framed the same way."""
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + (b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % (len(piece) * 64)))
        writer.write(b"\r\n\r\n")
        assert (b"Transfer-Encoding: chunked" in head) is chunked
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        line = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % (len(piece) * 64)
        peer.send(get(b"/", line, method=b"PUT"))

        async def upload() -> None:
            for _ in range(64):
                peer.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                await peer.writer.drain()
            if chunked:
                peer.send(b"0\r\n\r\n")

        sending = asyncio.get_running_loop().create_task(upload())
        assert (await peer.answer()).body == piece * 64
        await sending


@live
async def test_slow_client_holds_the_backend_back() -> None:
    sent = 0
    ended = False

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent, ended
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 67108864\r\n\r\n")
        while sent < 1 << 26:
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()
        ended = True

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        peer.writer.transport.pause_reading()
        peer.send(get())
        before = -1
        while before != sent:  # until nothing moves any more
            before = sent
            await asyncio.sleep(0.3)
        assert 0 < sent < 1 << 25
        assert not ended
        peer.writer.transport.resume_reading()
        assert len((await peer.answer()).body) == 1 << 26


@live
async def test_slow_backend_holds_the_client_back() -> None:
    gate = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()
        await gate.wait()
        writer.transport.resume_reading()
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(1 << 26)
        writer.write(OK + b"Content-Length: 2\r\n\r\nok")

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, _),
        connected(server.port) as peer,
    ):
        peer.send(get(b"/", b"Content-Length: 67108864", method=b"POST"))
        sent = 0

        async def upload() -> None:
            nonlocal sent
            while sent < 1 << 26:
                peer.send(b"x" * 65536)
                sent += 65536
                await peer.writer.drain()

        sending = asyncio.get_running_loop().create_task(upload())
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.3)
        assert 0 < sent < 1 << 25
        gate.set()
        assert (await peer.answer()).body == b"ok"
        await sending


@live
async def test_body_that_nobody_reads_is_held_back_and_the_connection_ends_after_the_answer() -> None:
    async def respond(request: Request) -> Response:
        return Response(200, [], b"not interested")

    async with serving(respond) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Content-Length: 100000000", method=b"POST") + b"x" * 1000)
        answer = await peer.answer()
        assert (answer.body, answer.one(b"connection")) == (b"not interested", b"close")
        peer.send(b"x" * 100_000)
        assert await peer.ended()


@live
async def test_short_rest_of_a_body_nobody_reads_is_dropped_for_the_sake_of_the_connection() -> None:
    async def respond(request: Request) -> Response:
        return Response(200, [], request.path)

    async with serving(respond) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/1", b"Content-Length: 1000", method=b"POST") + b"x" * 10)
        answer = await peer.answer()
        assert (answer.body, answer.one(b"connection")) == (b"/1", None)
        peer.send(b"y" * 990 + get(b"/2"))
        assert (await peer.answer()).body == b"/2"


@live
async def test_continue_is_sent_once_the_body_is_wanted() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        for _ in range(2):
            peer.send(get(b"/", b"Expect: 100-Continue", b"Content-Length: 3", method=b"POST"))
            assert (await peer.answer()).status == 100
            peer.send(b"abc")
            assert (await peer.answer()).body == b"POST / gateway.example 3"


@live
async def test_continue_is_not_sent_where_the_body_is_not_wanted() -> None:
    async def respond(request: Request) -> Response:
        return Response(403, [], b"no")

    async with serving(respond) as (server, _), connected(server.port) as peer:
        answer = await peer.send(get(b"/", b"Expect: 100-continue", b"Content-Length: 3", method=b"POST")).answer()
        # Whether the three bytes will come is unknown, so nothing can follow.
        assert (answer.status, answer.one(b"connection")) == (403, b"close")
        assert await peer.ended()


@live
async def test_continue_is_not_sent_where_the_body_is_there_or_absent_or_the_version_is_old() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Expect: 100-continue", b"Content-Length: 3", method=b"POST") + b"abc")
        assert (await peer.answer()).status == 200
        assert (await peer.send(get(b"/", b"Expect: 100-continue")).answer()).status == 200
        peer.send(get(b"/", b"Expect: 100-continue", b"Content-Length: 3", method=b"POST", version=b"1.0"))
        peer.send(b"abc")
        assert (await peer.answer()).status == 200


@live
async def test_other_expectations_fail() -> None:
    async with serving() as (server, app), connected(server.port) as peer:
        answer = await peer.send(get(b"/", b"Expect: 200-ok")).answer()
        assert (answer.status, answer.one(b"access-control-allow-origin")) == (417, GRANT)
        assert not app.requests


@pytest.mark.parametrize("framing", [b"Content-Length: 11", b"Transfer-Encoding: chunked"])
@live
async def test_body_over_the_limit_is_refused_with_cors_fields(framing: bytes) -> None:
    async with serving(limits=LimitsConfig(max_body_bytes=10)) as (server, app), connected(server.port) as peer:
        peer.send(get(b"/", framing, method=b"POST"))
        peer.send(b"6\r\nabcdef\r\n" if b"chunked" in framing else b"abcdef")
        if b"chunked" in framing:
            await until(lambda: bool(app.requests))
            peer.send(b"6\r\nabcdef\r\n0\r\n\r\n")
        answer = await peer.answer()
        assert (answer.status, answer.one(b"access-control-allow-origin")) == (413, GRANT)
        assert answer.one(b"connection") == b"close"
        assert await peer.ended()
        assert [status for status, _ in app.finished] == [413]


@live
async def test_body_at_the_limit_passes() -> None:
    async with serving(limits=LimitsConfig(max_body_bytes=10)) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Content-Length: 10", method=b"POST") + b"x" * 10)
        peer.send(get(b"/", b"Transfer-Encoding: chunked", method=b"POST") + b"a\r\n0123456789\r\n0\r\n\r\n")
        assert (await peer.answer()).status == 200
        assert (await peer.answer()).status == 200


@live
async def test_chunks_that_are_mostly_framing_are_refused() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Transfer-Encoding: chunked", method=b"POST"))
        for _ in range(40):
            peer.send(b"1;" + b"e" * 8000 + b"\r\nx\r\n")
            await asyncio.sleep(0.001)
        assert (await peer.answer()).status == 400
        assert await peer.ended()


@live
async def test_one_byte_chunks_are_not_refused() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Transfer-Encoding: chunked", method=b"POST"))
        peer.send(b"1\r\nx\r\n" * 100_000 + b"0\r\n\r\n")
        assert (await peer.answer()).body.endswith(b" 100000")


@live
async def test_bad_chunk_after_the_response_began_breaks_it_off() -> None:
    async def respond(request: Request) -> Response:
        assert isinstance(request.body, Body)
        return Response(200, [], request.body)

    async with serving(respond) as (server, app), connected(server.port) as peer:
        peer.send(get(b"/", b"Transfer-Encoding: chunked", method=b"POST"))
        peer.send(b"3\r\nabc\r\n")
        assert (await peer.reader.readuntil(b"abc\r\n")).startswith(b"HTTP/1.1 200")
        peer.send(b"zz\r\n")
        assert await peer.ended()
        assert app.finished == [(200, 3)]


@live
async def test_client_that_breaks_off_its_upload_does_not_complete_the_backends_request() -> None:
    received = b""
    reset = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal received
        await reader.readuntil(b"\r\n\r\n")
        try:
            while data := await reader.read(65536):
                received += data
        finally:
            reset.set()

    async with backend(handler) as authority, proxying(authority) as (server, app, client):
        async with connected(server.port) as peer:
            peer.send(get(b"/", b"Transfer-Encoding: chunked", method=b"POST") + b"3\r\nabc\r\n")
            await until(lambda: received == b"3\r\nabc\r\n")
        await reset.wait()
        assert received == b"3\r\nabc\r\n"
        await until(lambda: client.connection_count == 0)
        assert app.finished == [(499, 0)]


@live
async def test_early_answer_of_a_backend_reaches_the_client_while_it_still_uploads() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoo big")
        await writer.drain()
        await reader.read()

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        peer.send(get(b"/", b"Content-Length: 10000000", method=b"POST") + b"x" * 1000)
        answer = await peer.answer()
        assert (answer.status, answer.body, answer.one(b"connection")) == (413, b"too big", b"close")
        await until(lambda: client.connection_count == 0)


@live
async def test_request_bodies_are_framed_as_the_pipeline_asks() -> None:
    heads = []

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            heads.append(head)
            if b"chunked" in head:
                await reader.readuntil(b"0\r\n\r\n")
            elif b"Content-Length: 3" in head:
                await reader.readexactly(3)
            writer.write(OK + b"Content-Length: 0\r\n\r\n")

    async with (
        backend(handler) as authority,
        proxying(authority) as (server, _, client),
        connected(server.port) as peer,
    ):
        peer.send(get(b"/a", b"Content-Length: 3", method=b"POST") + b"abc")
        peer.send(get(b"/b", b"Transfer-Encoding: chunked", method=b"POST") + b"3\r\nabc\r\n0\r\n\r\n")
        peer.send(get(b"/c", method=b"POST"))
        peer.send(get(b"/d"))
        for _ in range(4):
            assert (await peer.answer()).status == 200
        assert b"\r\nContent-Length: 3\r\n" in heads[0]
        assert b"\r\nTransfer-Encoding: chunked\r\n" in heads[1]
        assert b"\r\nContent-Length: 0\r\n" in heads[2]
        assert b"Content-Length" not in heads[3]
        assert b"Transfer-Encoding" not in heads[3]
        assert client.connection_count == 1


@live
async def test_streamed_response_to_an_old_client_ends_with_the_connection() -> None:
    chunked = OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(chunked)
            await asyncio.sleep(0.05)  # so that head and end are two reads
            writer.write(b"2\r\nde\r\n0\r\nTrailer: x\r\n\r\n")

    async with backend(handler) as authority, proxying(authority) as (server, _, _):
        for version in (b"1.0", b"1.1"):
            async with connected(server.port) as peer:
                assert (await peer.send(get(version=version)).answer()).body == b"abcde"


@live
async def test_many_exchanges_leave_no_connection_behind() -> None:
    handler = answering(OK + b"Content-Length: 2\r\n\r\nok")
    async with backend(handler) as authority, proxying(authority) as (server, app, client):
        for _ in range(20):
            async with connected(server.port) as peer:
                peer.send(get() * 10)
                for _ in range(10):
                    assert (await peer.answer()).body == b"ok"
        await until(lambda: server.connection_count == 0)
        assert client.connection_count == 1
        assert len(app.finished) == 200


def test_echo_reads_whole_bodies() -> None:
    from crossgate.flow.fiber import run_to_end

    body = Body()
    body.feed(b"abc")
    body.end()
    assert run_to_end(echo(Request(b"PUT", b"/", None, [], body))).body.endswith(b" 3")  # type: ignore[union-attr]
