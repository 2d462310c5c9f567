"""Requests through a complete gateway, the same however bytes are cut up, and what calls meet on connections."""

import asyncio
import contextlib
import gzip
import json
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.config.load import load_text
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from crossgate.http.chunked_body import ChunkedBody
from tests.support.dataplane import Peer, backend, connected, get, live, until

_END = b"404 page not found"
_SENTINEL = b"GET /nowhere HTTP/1.1\r\nHost: gateway.example\r\n\r\n"
_DATE = re.compile(rb"\r\nDate: [^\r\n]*GMT(?=\r\n)")
_CHUNKED = re.compile(rb"\r\nTransfer-Encoding: chunked((?:\r\n[^\r\n]+)*)\r\n\r\n")


def unchunked(told: bytes) -> bytes:
    """A response in chunks as one with a length: which it is depends on when the backend's bytes come."""
    head = _CHUNKED.search(told)
    if head is None:
        return told
    chunks = ChunkedBody()
    rest = chunks.feed(told[head.end() :])
    assert chunks.ended
    body = b"".join(chunks.take())
    before = told[: head.start()]
    return b"%b\r\nContent-Length: %d%b\r\n\r\n%b%b" % (before, len(body), head[1], body, rest)


def config(authority: str, **cors: Any) -> dict[str, Any]:
    def endpoint(path: str, target: str, **keys: Any) -> dict[str, Any]:
        method = keys.get("method", "GET")
        backend = {"url_pattern": target, "encoding": "no-op", "host": [f"http://{authority}"], "method": method}
        return {"endpoint": path, "output_encoding": "no-op", "backend": [backend], **keys}

    def decoded(path: str, target: str, cache_ttl: str = "", output: str = "json", **keys: Any) -> dict[str, Any]:
        backend = {"url_pattern": target, "host": [f"http://{authority}"], **keys}
        return {"endpoint": path, "cache_ttl": cache_ttl or "0s", "output_encoding": output, "backend": [backend]}

    def merged(path: str, *backends: dict[str, Any], **keys: Any) -> dict[str, Any]:
        return {"endpoint": path, "backend": [{"host": [f"http://{authority}"], **one} for one in backends], **keys}

    two = ({"url_pattern": "/first", "group": "a"}, {"url_pattern": "/second?x=1", "allow": ["a"]})
    details = {"backend/http": {"return_error_details": "d"}}
    return {
        "version": 3,
        "listen_ip": "127.0.0.1",
        "timeout": "20s",
        "extra_config": {
            "router": {"disable_access_log": True},
            "security/cors": {"allow_origins": ["https://app.example"], "allow_methods": ["GET", "POST"], **cors},
        },
        "endpoints": [
            endpoint("/plain", "/p"),
            endpoint("/chosen", "/c?x=1", input_headers=["X-One", "X-Two"], input_query_strings=["a"]),
            endpoint("/all", "/all", input_headers=["*"], input_query_strings=["*"]),
            endpoint("/agent", "/agent", input_headers=["User-Agent", "Accept-Encoding"]),
            endpoint("/named/{id}", "/n/{id}"),
            endpoint("/plain", "/posted", method="POST"),
            endpoint("/soon", "/s", timeout="60ms"),
            decoded("/json", "/j?x=1", cache_ttl="5s"),
            decoded("/grouped/{id}", "/g/{id}", group="g", allow=["a"]),
            decoded("/collection", "/l", is_collection=True),
            decoded("/text", "/t", encoding="string"),
            decoded("/detailed", "/d", extra_config={"backend/http": {"return_error_details": "d"}}),
            decoded("/coded", "/d", extra_config={"backend/http": {"return_error_code": True}}),
            decoded("/chosen-type", "/n", output="negotiate"),
            merged("/merged", *two, input_query_strings=["a"], cache_ttl="5s"),
            merged("/merged/{id}", *two, {"url_pattern": "/third/{id}", "encoding": "string"}, output_encoding="xml"),
            merged("/merged-details", *two, {"url_pattern": "/third", "extra_config": details}),
            merged("/merged-posted", {**two[0], "method": "POST"}, two[1]),
            merged("/merged-soon", *two, timeout="100ms"),
        ],
    }


@contextlib.asynccontextmanager
async def gateway(text: dict[str, Any]) -> AsyncIterator[RunningGateway]:
    loaded = load_text(json.dumps(text).encode())
    assert loaded.config is not None, loaded.diagnostics
    logger = logging.getLogger("crossgate.test.calls")
    running = await start_gateway(loaded.config, ServeOptions(port=0), environ={}, logger=logger)
    try:
        yield running
    finally:
        await running.close()


class Backend:
    """Answers each request with `answer`, cut in two at `cut`; `drops` next ones end the connection instead.

    The target `silent` gets no answer; where it `ends`, the connection does so with the answer.
    """

    def __init__(self) -> None:
        self.heads: list[bytes] = []
        self.answer = b""
        self.cut = 0
        self.drops = 0
        self.ends = False
        self.silent = b"/nothing"  # the target that gets no answer

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.heads.append(await reader.readuntil(b"\r\n\r\n"))
            if self.drops:
                self.drops -= 1
                return
            if self.heads[-1].split(b" ")[1] == self.silent:
                continue
            if self.cut:
                writer.write(self.answer[: self.cut])
                await writer.drain()
                await asyncio.sleep(0.001)
            writer.write(self.answer[self.cut :])
            if self.ends:
                return


async def bytes_to(port: int, pieces: list[bytes]) -> bytes:
    """What a client gets for a request that it sends in pieces, and for that of a path that leads nowhere."""
    async with connected(port) as peer:
        *first, last = pieces
        for piece in first:
            peer.send(piece)
            await asyncio.sleep(0.001)
        peer.send(last + _SENTINEL)
        try:
            told = await peer.reader.readuntil(_END)
        except asyncio.IncompleteReadError as error:
            told = error.partial
        except ConnectionResetError:
            return b"broken off"  # how much arrives before a reset is the network's business
        return _DATE.sub(b"\r\nDate: now", told)


FIELDS = st.lists(
    st.sampled_from(
        [
            b"Origin: https://app.example",
            b"Origin: https://evil.example",
            b"Origin: null",
            b"Connection: keep-alive",
            b"Connection: x-one",
            b"Cookie: a=b",
            b"X-One: 1",
            b"X-Two: two",
            b"x-one: again ",
            b"Content-Type: text/plain",
            b"User-Agent: curl",
            b"Accept-Encoding: br",
            b"X-Forwarded-For: 203.0.113.7",
            b"X-Forwarded-Host: other.example",
            b"Access-Control-Request-Method: GET",
            b"Content-Length: 0",
            b"Accept: application/xml",
        ]
    ),
    max_size=5,
)
REQUESTS = st.builds(
    lambda method, path, query, fields: (
        b"%b %b%b HTTP/1.1\r\nHost: gateway.example\r\n%b\r\n"
        % (method, path, query, b"".join(field + b"\r\n" for field in fields))
    ),
    st.sampled_from([b"GET", b"GET", b"GET", b"POST", b"HEAD", b"OPTIONS"]),
    st.sampled_from(
        b"/plain /chosen /all /agent /named/a /named/a%20b /named/%252e /named/%3f //"
        b" /json /grouped/a /collection /text /detailed /coded /chosen-type"
        b" /merged /merged /merged/a /merged-details /merged-posted".split()
    ),
    st.sampled_from([b"", b"", b"?", b"?a=1", b"?a=%zz&b=2", b"?a=1&a=2"]),
    FIELDS,
)
ANSWER_FIELDS = st.lists(
    st.sampled_from(
        [
            b"Content-Type: text/plain",
            b"Date: Sun, 01 Nov 2026 00:00:00 GMT",
            b"date: yesterday",
            b"Vary: Accept",
            b"VARY: origin",
            b"Access-Control-Allow-Origin: *",
            b"Access-Control-Expose-Headers: X-A",
            b"Connection: keep-alive",
            b"Connection: X-A",
            b"Keep-Alive: timeout=5",
            b"Proxy-Authenticate: Basic",
            b"X-A: b",
            b"X-Krakend: none",
            b"Server: s",
            b"Location: /elsewhere",
            b"Content-Encoding: gzip",
            b"Content-Encoding: br",
        ]
    ),
    max_size=4,
)


JSON = [b'{"a": 1.0, "b": [{"c": "<&>"}]}', b'{"b": null}', b"[1, {}]", b'{"a": 1']


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """A backend's answer, framed as it should be."""
    status = draw(st.sampled_from([200, 200, 200, 200, 201, 204, 299, 302, 304, 404, 503]))
    body = draw(st.sampled_from([b"", b"body", *JSON, b"\x00" * 70_000, gzip.compress(b"hello" * 50, mtime=0)]))
    lines = draw(ANSWER_FIELDS)
    if status in (204, 304):
        body = b""
    elif draw(st.booleans()) and body:
        lines.append(b"Transfer-Encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    else:
        lines.insert(0, b"content-length: %d" % len(body))
    return b"HTTP/1.1 %d Said So\r\n%b\r\n%b" % (status, b"".join(line + b"\r\n" for line in lines), body)


OWN_POLICIES = {
    "upstream": "prefer",
    "policies": {
        "evil": {"allow_origins": ["https://evil.example"], "allow_methods": ["GET"], "allow_credentials": True},
        "nobody": {"allow_origins": ["https://nobody.example"]},
    },
}
OWN = {"/plain": "evil", "/named/{id}": "nobody", "/json": "evil", "/merged": "nobody", "/merged/{id}": "evil"}


@pytest.mark.parametrize("cors", [{"upstream": "strip"}, OWN_POLICIES], ids=["one policy", "own policies"])
def test_nothing_depends_on_how_requests_and_answers_are_cut_up(cors: dict[str, Any]) -> None:
    logging.getLogger("crossgate.test.calls").setLevel(logging.CRITICAL)
    said = Backend()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, contextlib.ExitStack() as stack:

        async def start() -> tuple[contextlib.AsyncExitStack, int]:
            running = contextlib.AsyncExitStack()
            text = config(await running.enter_async_context(backend(said)))
            text["extra_config"]["crossgate/cors"] = cors
            for endpoint in text["endpoints"]:
                if "policies" in cors and endpoint["endpoint"] in OWN:
                    endpoint["extra_config"] = {"crossgate/cors": {"policy": OWN[endpoint["endpoint"]]}}
            return running, (await running.enter_async_context(gateway(text))).port

        running, port = runner.run(start())
        stack.callback(lambda: runner.run(running.aclose()))

        async def ask(request: bytes, answer: bytes, cuts: tuple[int, int]) -> None:
            at, said.cut = cuts[0] % len(request), 0
            said.answer = answer
            told = []
            for pieces, cut in (([request], 0), ([request[:at], request[at:]] if at else [request], cuts[1])):
                said.heads.clear()
                said.cut = cut % len(answer)
                async with asyncio.timeout(10):
                    told.append((await bytes_to(port, pieces), sorted(said.heads)))
            whole, in_pieces = told
            assert in_pieces[1] == whole[1]
            assert unchunked(in_pieces[0]) == unchunked(whole[0])

        @settings(max_examples=500, deadline=None)
        @given(REQUESTS, answers(), st.tuples(st.integers(0, 500), st.integers(0, 500)))
        def same(request: bytes, answer: bytes, cuts: tuple[int, int]) -> None:
            runner.run(ask(request, answer, cuts))

        same()


async def warm(port: int, said: Backend) -> None:
    """Leave one idle connection to the backend."""
    said.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with connected(port) as peer:
        assert (await peer.send(get(b"/plain")).answer()).body == b"ok"


@contextlib.asynccontextmanager
async def warmed(said: Backend) -> AsyncIterator[tuple[RunningGateway, Peer]]:
    """A gateway with one idle connection to the backend, and a client."""
    async with backend(said) as authority, gateway(config(authority)) as running:
        await warm(running.port, said)
        async with connected(running.port) as peer:
            yield running, peer


@live
async def test_idle_connection_that_ends_is_replaced_for_a_get_and_only_for_that() -> None:
    said = Backend()
    async with backend(said) as authority, gateway(config(authority)) as running:
        for method, status, times in ((b"GET", 200, 2), (b"POST", 500, 1)):
            await warm(running.port, said)
            said.heads.clear()

            async with connected(running.port) as peer:
                said.drops = 1
                answer = await peer.send(get(b"/plain", method=method)).answer()
                assert (answer.status, len(said.heads)) == (status, times)


@live
async def test_endpoint_time_ends_the_call_with_its_connection() -> None:
    said = Backend()
    async with warmed(said) as (running, peer):
        said.answer = b""
        answer = await peer.send(get(b"/soon")).answer()
        assert answer.status == 500
        assert answer.one(b"access-control-allow-origin") == b"https://app.example"
        await until(lambda: running.client.connection_count == 0)
        said.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        assert (await peer.send(get(b"/soon")).answer()).status == 200


@live
async def test_client_that_goes_ends_the_call_with_its_connection() -> None:
    said = Backend()
    async with warmed(said) as (running, peer):
        said.answer = b""
        said.heads.clear()
        peer.send(get(b"/plain"))
        await until(lambda: len(said.heads) == 1)
        peer.writer.write_eof()
        await until(lambda: running.client.connection_count == 0)
        assert not running._server.timers.queue(20.0)


OK = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a":[1]}'


@live
async def test_part_of_a_merge_that_is_not_there_in_time_is_left_out() -> None:
    said = Backend()
    async with backend(said) as authority, gateway(config(authority)) as running:
        for silent, body in ((b"/first", b'{"a":[1]}'), (b"/second?x=1", b'{"a":{"a":[1]}}')):
            said.silent = b"/nothing"
            said.answer = OK
            async with connected(running.port) as peer:
                for _ in range(2):
                    answer = await peer.send(get(b"/merged-soon")).answer()
                    assert answer.one(b"x-krakend-completed") == b"true"
                said.silent = silent
                answer = await peer.send(get(b"/merged-soon")).answer()
                assert (answer.status, answer.body) == (200, body)
                assert answer.one(b"x-krakend-completed") == b"false"
                assert answer.one(b"access-control-allow-origin") == b"https://app.example"
            await until(lambda: running.client.connection_count <= 1)
        assert not running._server.timers.queue(0.1 * 0.85)


@live
async def test_merge_whose_calls_met_connections_that_had_ended_makes_them_again_unless_it_must_not() -> None:
    said = Backend()
    async with backend(said) as authority, gateway(config(authority)) as running:
        for path, completed, times in ((b"/merged", b"true", 4), (b"/merged-posted", b"false", 3)):
            said.answer = OK
            async with connected(running.port) as peer:
                await peer.send(get(path)).answer()
                await peer.send(get(path)).answer()
                said.heads.clear()
                said.drops = 2
                answer = await peer.send(get(path)).answer()
                assert answer.one(b"x-krakend-completed") == completed
                assert len(said.heads) == times


@live
async def test_client_that_goes_ends_all_calls_of_a_merge_with_their_connections() -> None:
    said = Backend()
    async with backend(said) as authority, gateway(config(authority)) as running:
        said.answer = OK
        async with connected(running.port) as peer:
            for _ in range(2):
                await peer.send(get(b"/merged")).answer()
            said.heads.clear()
            said.silent = b"/second?x=1"
            peer.send(get(b"/merged"))
            await until(lambda: len(said.heads) == 2)
            peer.writer.write_eof()
            await until(lambda: running.client.connection_count <= 1)
        assert not running._server.timers.queue(20.0 * 0.85)


@live
async def test_post_to_a_backend_is_not_made_again_though_the_client_sent_get() -> None:
    said = Backend()
    async with backend(said) as authority:
        text = config(authority)
        text["endpoints"][0]["backend"][0]["method"] = "POST"
        async with gateway(text) as running:
            await warm(running.port, said)
            async with connected(running.port) as peer:
                said.heads.clear()
                said.drops = 1
                answer = await peer.send(get(b"/plain")).answer()
                assert (answer.status, len(said.heads)) == (500, 1)


def test_request_on_a_stale_connection_is_sent_once_more_and_no_oftener() -> None:
    heads: list[bytes] = []
    warm = asyncio.Event()

    async def drop_all_but_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heads.append(await reader.readuntil(b"\r\n\r\n"))
            if len(heads) >= 2:
                warm.set()
            if len(heads) > 2:
                return
            await warm.wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    @live
    async def run() -> None:
        async with (
            backend(drop_all_but_two) as authority,
            gateway(config(authority)) as running,
            connected(running.port) as one,
            connected(running.port) as other,
        ):
            one.send(get(b"/plain"))
            other.send(get(b"/plain"))
            await one.answer()
            await other.answer()
            assert (await one.send(get(b"/plain")).answer()).status == 500
            assert len(heads) - 2 == 2

    run()


@live
async def test_body_that_breaks_off_breaks_off_the_connection() -> None:
    said = Backend()
    async with warmed(said) as (_, peer):
        said.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhalf"
        said.ends = True
        told = await peer.send(get(b"/plain")).rest()
        assert told.count(b"HTTP/1.1 ") <= 1, told  # what came before the reset may be lost
