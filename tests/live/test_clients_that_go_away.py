"""Clients that go away, stall, flood or trickle, while others are served."""

import asyncio

import pytest

from crossgate.config.model import LimitsConfig
from crossgate.flow.fiber import Signal
from crossgate.http.message import Request, Response
from tests.support.dataplane import GRANT, Peer, backend, connected, echo, get, live, proxying, serving, until

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("way", ["reset", "close", "half-close"])
@live
async def test_client_that_goes_away_cancels_the_backend_call(way: str) -> None:
    ended = asyncio.Event()

    asked = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        try:
            await reader.read()
        finally:
            ended.set()

    async with backend(handler) as authority, proxying(authority) as (server, app, client):
        async with connected(server.port) as peer:
            peer.send(get())
            await asked.wait()
            if way == "half-close":
                peer.writer.write_eof()
            elif way == "close":
                peer.writer.close()
            else:
                peer.writer.transport.abort()
            await ended.wait()
        await until(lambda: client.connection_count == 0 and server.connection_count == 0)
        assert app.finished == [(499, 0)]


@live
async def test_client_that_goes_away_mid_response_cancels_the_backend_call() -> None:
    ended = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 1000\r\n\r\nabc")
        try:
            await reader.read()
        finally:
            ended.set()

    async with backend(handler) as authority, proxying(authority) as (server, app, client):
        async with connected(server.port) as peer:
            peer.send(get())
            await peer.reader.readuntil(b"abc")
        await ended.wait()
        await until(lambda: client.connection_count == 0 and server.connection_count == 0)
        assert app.finished == [(200, 3)]


@live
async def test_half_closed_client_still_gets_what_needs_no_waiting() -> None:
    async with serving() as (server, _), connected(server.port) as peer:
        peer.send(get(b"/1") + get(b"/2"))
        peer.writer.write_eof()
        assert (await peer.answer()).body == b"GET /1 gateway.example 0"
        assert (await peer.answer()).body == b"GET /2 gateway.example 0"
        assert await peer.ended()


@live
async def test_cancelled_application_runs_its_finally_blocks() -> None:
    cleaned = []

    async def respond(request: Request) -> Response:
        try:
            await Signal()
        finally:
            cleaned.append(request.path)
        raise AssertionError

    async with serving(respond) as (server, app):
        async with connected(server.port) as peer:
            peer.send(get(b"/x"))
            await until(lambda: bool(app.requests))
        await until(lambda: cleaned == [b"/x"])


@live
async def test_hundreds_of_slow_heads_and_bodies_do_not_keep_others_waiting() -> None:
    limits = LimitsConfig(header_timeout_seconds=0.6, idle_timeout_seconds=0.6)
    async with serving(limits=limits) as (server, app):
        slow: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        for index in range(300):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            slow.append((reader, writer))
            writer.write(
                get(b"/", b"X: y")[:-3] if index % 2 else get(b"/", b"Content-Length: 9", method=b"POST") + b"abc"
            )
        loop = asyncio.get_running_loop()
        for _ in range(20):
            began = loop.time()
            async with connected(server.port) as peer:
                assert (await peer.send(get(b"/quick")).answer()).status == 200
            assert loop.time() - began < 0.5
        for reader, writer in slow:
            data = await reader.read()
            assert data.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
            assert b"Access-Control-Allow-Origin: " + GRANT in data
            writer.close()
        await until(lambda: server.connection_count == 0)
        assert sorted({status for status, _ in app.finished}) == [200, 408]
        assert len(app.finished) == 320


@live
async def test_trickling_head_does_not_extend_its_time() -> None:
    async with serving(limits=LimitsConfig(header_timeout_seconds=0.4)) as (server, _), connected(server.port) as peer:

        async def trickle() -> None:
            for byte in get() + b"x" * 1000:
                peer.send(bytes((byte,)))
                await asyncio.sleep(0.02)

        task = asyncio.get_running_loop().create_task(trickle())
        assert (await peer.answer()).status == 408
        task.cancel()


@live
async def test_idle_connection_is_closed_without_a_word() -> None:
    async with serving(limits=LimitsConfig(idle_timeout_seconds=0.3)) as (server, app):
        async with connected(server.port) as fresh, connected(server.port) as used:
            assert (await used.send(get()).answer()).status == 200
            assert await fresh.ended()
            assert await used.ended()
        assert len(app.finished) == 1


@live
async def test_slow_body_that_keeps_moving_is_not_cut_off() -> None:
    async with serving(limits=LimitsConfig(idle_timeout_seconds=0.4)) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Content-Length: 10", method=b"POST"))
        for _ in range(10):
            peer.send(b"x")
            await asyncio.sleep(0.1)
        assert (await peer.answer()).status == 200


@live
async def test_read_timeout_bounds_a_body_as_a_whole() -> None:
    limits = LimitsConfig(read_timeout_seconds=0.5)
    async with serving(limits=limits) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Content-Length: 1000", method=b"POST"))

        async def trickle() -> None:
            while True:
                peer.send(b"x")
                await asyncio.sleep(0.05)

        task = asyncio.get_running_loop().create_task(trickle())
        assert (await peer.answer()).status == 408
        task.cancel()


@live
async def test_client_that_does_not_read_is_cut_off() -> None:
    async def respond(request: Request) -> Response:
        return Response(200, [], b"x" * 50_000_000)

    limits = LimitsConfig(write_timeout_seconds=0.4)
    async with serving(respond, limits=limits) as (server, _), connected(server.port) as peer:
        peer.writer.transport.pause_reading()
        peer.send(get())
        await until(lambda: server.connection_count == 1)
        await until(lambda: server.connection_count == 0)


@live
async def test_backend_that_stalls_mid_body_is_cut_off() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"Content-Length: 1000\r\n\r\nabc")
        await reader.read()

    async with (
        backend(handler) as authority,
        proxying(authority, limits=LimitsConfig(write_timeout_seconds=0.4)) as (server, app, client),
        connected(server.port) as peer,
    ):
        peer.send(get())
        await peer.reader.readuntil(b"abc")
        assert await peer.ended()
        await until(lambda: client.connection_count == 0)
        assert app.finished == [(200, 3)]


@live
async def test_connections_over_the_limit_are_told_so_with_cors_fields() -> None:
    async with serving(limits=LimitsConfig(max_connections=3)) as (server, app):
        kept = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(3)]
        await until(lambda: server.connection_count == 3)
        async with connected(server.port) as peer:
            answer = await peer.send(get()).answer()
            assert (answer.status, answer.one(b"access-control-allow-origin")) == (503, GRANT)
            assert await peer.ended()
        await until(lambda: server.connection_count == 3)
        first = Peer(*kept[0])
        assert (await first.send(get()).answer()).status == 200
        kept[1][1].close()
        await until(lambda: server.connection_count == 2)
        async with connected(server.port) as peer:
            assert (await peer.send(get()).answer()).status == 200
        for _, writer in kept:
            writer.close()
        assert [status for status, _ in app.finished] == [503, 200, 200]


@live
async def test_one_client_cannot_take_all_connections() -> None:
    async with serving(limits=LimitsConfig(max_connections_per_client=2)) as (server, _):
        async with connected(server.port) as one, connected(server.port) as two, connected(server.port) as three:
            await until(lambda: server.connection_count == 3)
            answers = [(await peer.send(get()).answer()).status for peer in (one, two, three)]
            assert answers == [200, 200, 503]
        await until(lambda: server.connection_count == 0)
        async with connected(server.port) as peer:
            assert (await peer.send(get()).answer()).status == 200


@live
async def test_flood_of_connections_is_survived() -> None:
    async with serving(limits=LimitsConfig(max_connections=50)) as (server, _):
        held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(700)]
        await until(lambda: server.connection_count <= 50 + 256 + 1)
        assert (await Peer(*held[0]).send(get()).answer()).status == 200
        for _, writer in held:
            writer.transport.abort()
        await until(lambda: server.connection_count == 0)
        async with connected(server.port) as peer:
            assert (await peer.send(get()).answer()).status == 200


LARGE = {
    "target in one read": (get(b"/" + b"a" * 20_000), 414),
    "target that does not end": (b"GET /" + b"a" * 100_000, 414),
    "field": (get(b"/", b"X: " + b"y" * 70_000), 431),
    "field that does not end": (get(b"/", b"X: " + b"y" * 300_000)[:-4], 431),
    "name that does not end": (get(b"/")[:-2] + b"x" * 300_000, 431),
    "sum of fields": (get(b"/", *[b"X: " + b"y" * 1000] * 70), 431),
    "number of fields": (get(b"/", *[b"X: y"] * 130), 431),
    "number of fields that do not end": (get(b"/", *[b"X: y"] * 5000)[:-2], 431),
}


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("step", [1 << 20, 10_000])
@live
async def test_head_over_a_limit_is_refused_with_cors_fields(name: str, step: int) -> None:
    """DEV-HTTP-2."""
    data, status = LARGE[name]
    async with serving() as (server, app), connected(server.port) as peer:
        for begin in range(0, len(data), step):
            peer.send(data[begin : begin + step])
            await asyncio.sleep(0)
        answer = await peer.answer()
        assert answer.status == status
        if b"\r\nOrigin: " in data:
            assert answer.one(b"access-control-allow-origin") == GRANT
        assert await peer.ended()
        assert not app.requests


@live
async def test_heads_at_the_limits_pass() -> None:
    async with serving(respond=echo) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/" + b"a" * 16_383))
        peer.send(get(b"/", b"X: " + b"y" * 65_000))
        peer.send(get(b"/", *[b"X: y"] * 126))
        assert [(await peer.answer()).status for _ in range(3)] == [200, 200, 200]


@live
async def test_refusal_is_readable_though_the_client_is_still_sending() -> None:
    async with serving(limits=LimitsConfig(max_body_bytes=10)) as (server, _), connected(server.port) as peer:
        peer.send(get(b"/", b"Content-Length: 3000000", method=b"POST"))

        async def upload() -> None:
            for _ in range(30):
                peer.send(b"x" * 100_000)
                await peer.writer.drain()

        sending = asyncio.get_running_loop().create_task(upload())
        assert (await peer.answer()).status == 413
        await sending
