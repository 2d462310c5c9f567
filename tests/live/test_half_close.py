"""Clients that end their side of the connection while they wait: cancelled, or answered where the file says so."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

import pytest

from crossgate.config.load import load_text
from crossgate.config.model import LimitsConfig
from crossgate.gateway.running import ServeOptions, start_gateway
from crossgate.server.serve import Server
from tests.support.dataplane import GRANT, backend, connected, get, live, proxying, until

ANSWER = LimitsConfig(half_close="answer")
OK = b"HTTP/1.1 200 OK\r\n"
BODIES = {
    "whole": OK + b"Content-Length: 3\r\n\r\nabc",
    "chunked": OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
    "until close": OK + b"\r\nabc",
}


class Waiting:
    """A backend that answers when it is told to."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            self.asked.set()
            await self.go.wait()
            writer.write(self.answer)
            if self.answer == BODIES["until close"]:
                return


async def half_closed(server: Server) -> None:
    """Wait until the server knows that its clients send no more."""
    await until(lambda: all(connection._half_closed for connection in server._connections))


@pytest.mark.parametrize("name", BODIES)
@live
async def test_half_closed_client_is_answered_where_that_is_asked_for(name: str) -> None:
    waiting = Waiting(BODIES[name])
    async with backend(waiting) as authority, proxying(authority, limits=ANSWER) as (server, app, _):
        async with connected(server.port) as peer:
            peer.send(get())
            await waiting.asked.wait()
            peer.writer.write_eof()
            await half_closed(server)
            waiting.go.set()
            answer = await peer.answer()
            assert (answer.status, answer.body) == (200, b"abc")
            assert answer.one(b"access-control-allow-origin") == GRANT
            assert answer.one(b"connection") == b"close"
            assert await peer.ended()
        await until(lambda: server.connection_count == 0)
        assert app.finished == [(200, 3)]


@contextlib.asynccontextmanager
async def gateway(authority: str, **server: object) -> AsyncIterator[int]:
    """A whole gateway with one endpoint; its port."""
    one = {"url_pattern": "/x", "encoding": "no-op", "host": [f"http://{authority}"]}
    text = {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "timeout": "20s",
        "extra_config": {"router": {"disable_access_log": True}, "crossgate/server": server},
        "endpoints": [{"endpoint": "/x", "output_encoding": "no-op", "backend": [one]}],
    }
    loaded = load_text(json.dumps(text).encode())
    assert loaded.config is not None, loaded.diagnostics
    logger = logging.getLogger("crossgate.test.half_close")
    running = await start_gateway(loaded.config, ServeOptions(port=0), environ={}, logger=logger)
    try:
        yield running.port
    finally:
        await running.close()


@live
async def test_the_file_says_whether_a_half_closed_client_is_answered() -> None:
    """On a connection to the backend that is new, and on one that was used before."""
    waiting = Waiting(BODIES["whole"])
    async with backend(waiting) as authority, gateway(authority, half_close="answer") as port:
        for _ in range(2):
            waiting.asked.clear()
            waiting.go.clear()
            async with connected(port) as peer:
                peer.send(get(b"/x"))
                await waiting.asked.wait()
                peer.writer.write_eof()
                waiting.go.set()
                assert (await peer.answer()).body == b"abc"
                assert await peer.ended()


@live
async def test_half_closed_client_is_cancelled_unless_the_file_says_otherwise() -> None:
    ended = asyncio.Event()
    asked = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        ended.set()

    for server in ({}, {"half_close": "cancel"}):
        asked.clear()
        ended.clear()
        async with backend(handler) as authority, gateway(authority, **server) as port, connected(port) as peer:
            peer.send(get(b"/x"))
            await asked.wait()
            peer.writer.write_eof()
            await ended.wait()
            assert await peer.rest() == b""


@live
async def test_all_requests_that_arrived_whole_are_answered_and_what_broke_off_is_not() -> None:
    waiting = Waiting(BODIES["whole"])
    async with backend(waiting) as authority, proxying(authority, limits=ANSWER) as (server, app, _):
        for rest in (b"", b"GET /3 HTTP/1.1\r\nHost: a", b"POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"):
            waiting.asked.clear()
            waiting.go.clear()
            app.requests.clear()
            async with connected(server.port) as peer:
                peer.send(get(b"/1") + get(b"/2") + rest)
                await waiting.asked.wait()
                peer.writer.write_eof()
                await half_closed(server)
                waiting.go.set()
                assert (await peer.answer()).body == b"abc"
                last = await peer.answer()
                assert (last.body, last.one(b"connection")) == (b"abc", b"close")
                assert await peer.ended()
            assert [request.path for request in app.requests] == [b"/1", b"/2"]


@live
async def test_request_whose_body_breaks_off_is_cancelled_whatever_the_file_says() -> None:
    async with backend(Waiting(b"")) as authority, proxying(authority, limits=ANSWER) as (server, app, client):
        async with connected(server.port) as peer:
            peer.send(get(b"/", b"Content-Length: 5", method=b"POST") + b"ab")
            await until(lambda: app.requests != [])
            peer.writer.write_eof()
            assert await peer.rest() == b""
        await until(lambda: client.connection_count == 0 and server.connection_count == 0)
        assert app.finished == [(499, 0)]


@pytest.mark.parametrize("way", ["close", "reset"])
@live
async def test_client_that_is_really_gone_is_noticed_when_it_is_written_to(way: str) -> None:
    waiting = Waiting(OK + b"Content-Length: 300000000\r\n\r\n" + b"x" * 3_000_000)
    async with backend(waiting) as authority, proxying(authority, limits=ANSWER) as (server, app, client):
        async with connected(server.port) as peer:
            peer.send(get())
            await waiting.asked.wait()
            if way == "close":
                peer.writer.close()
            else:
                peer.writer.transport.abort()
            waiting.go.set()
            await until(lambda: client.connection_count == 0 and server.connection_count == 0)
        assert len(app.finished) == 1
