"""A complete gateway beside the plain one of tests/support/reference_gateway.py: random configurations, requests one
behind the other on one connection, answers of backends, all of it cut anywhere."""

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Iterator
from random import Random

import uvloop
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from crossgate.config.load import load_text
from crossgate.config.model import ServiceConfig
from crossgate.gateway.running import RunningGateway, ServeOptions, start_gateway
from tests.support.dataplane import connected
from tests.support.gateway_situations import AUTHORITY, Situation, first_segment, situation_of
from tests.support.reference_calls import Call, by_name
from tests.support.reference_data import yaml_meaning
from tests.support.reference_gateway import Exchange, ReferenceGateway
from tests.support.reference_http import Fields, read_fields

VERSION = "2.13.8"
SILENT = logging.getLogger("crossgate.test.reference")
SILENT.propagate = False
SILENT.addHandler(logging.NullHandler())
FRAMING = (b"content-length", b"transfer-encoding", b"connection", b"keep-alive")
PATIENCE_SECONDS = 30


class Backend:
    """Answers as a situation has it, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}
        self.cut = 0
        self.calls: list[Call] = []
        self.authority = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request. Gives whether another may follow."""
        head = await reader.readuntil(b"\r\n\r\n")
        start, *lines = head[:-4].split(b"\r\n")
        method, target, _ = start.decode("latin-1").split(" ")
        fields = read_fields(lines)
        known = dict(fields)
        body, framing = b"", "none"
        if b"content-length" in known:
            body, framing = await reader.readexactly(int(known[b"content-length"])), "length"
        elif b"transfer-encoding" in known:
            body, framing = await read_chunked(reader), "chunked"
        kept = [field for field in fields if field[0] not in (b"host", b"content-length", b"transfer-encoding")]
        url = f"http://{known[b'host'].decode()}{target}"
        self.calls.append(Call(method, url, by_name(kept), body, framing))
        answer = self.bytes_for(self.calls[-1])
        head_only, mark, _ = answer.partition(b"\r\n\r\n")
        cut = self.cut % len(answer)
        answer = head_only + mark if method == "HEAD" else answer
        if cut:
            writer.write(answer[:cut])
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(answer[cut:])
        lower = head_only.lower()
        is_framed = b"\r\ncontent-length:" in lower or b"\r\ntransfer-encoding:" in lower
        return b"\r\nconnection: close" not in lower and (
            is_framed or method == "HEAD" or b" 204 " in lower or b" 304 " in lower
        )

    def bytes_for(self, call: Call) -> bytes:
        return self.answers[first_segment(call.target)].replace(AUTHORITY.encode(), self.authority.encode())


async def read_chunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    assert await reader.readexactly(2) == b"\r\n"
    return body


async def read_response(reader: asyncio.StreamReader, *, is_head: bool) -> tuple[int, Fields, bytes]:
    """One final response; interim ones are passed over."""
    while True:
        start, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        status, fields = int(start.split(b" ")[1]), read_fields(lines)
        if status >= 200:
            break
    known = dict(fields)
    if is_head or status in (204, 304):
        body = b""
    elif b"content-length" in known:
        body = await reader.readexactly(int(known[b"content-length"]))
    elif b"transfer-encoding" in known:
        body = await read_chunked(reader)
    else:
        body = await reader.read()
    return status, fields, body


@contextlib.asynccontextmanager
async def gateway(config: ServiceConfig) -> AsyncIterator[RunningGateway]:
    environ = {"CROSSGATE_KRAKEND_VERSION": VERSION}
    running = await start_gateway(config, ServeOptions(port=0), environ=environ, logger=SILENT)
    try:
        yield running
    finally:
        await running.close()


async def compare(said: Backend, situation: Situation) -> None:
    text = json.dumps(situation.config).replace(AUTHORITY, said.authority)
    loaded = load_text(text.encode())
    assert loaded.config is not None, loaded.diagnostics
    own = {(one.path, one.method): one.cors for one in loaded.config.endpoints if one.cors is not None}
    said.answers, said.cut = situation.answers, situation.answer_cut
    said.calls.clear()
    reference = ReferenceGateway(json.loads(text), loaded.config.cors, own, said.bytes_for, VERSION)
    expected = reference.serve(situation.requests)
    async with gateway(loaded.config) as running, connected(running.port) as peer:
        # What follows the last request that is answered comes with the end of that: behind it, nobody may be there.
        end = expected[-1].asked.end
        edges = [0, *sorted(cut % end for cut in situation.request_cuts), len(situation.requests)]

        async def send() -> None:
            for begin, end in itertools.pairwise(edges):
                peer.writer.write(situation.requests[begin:end])
                await asyncio.sleep(0.001)

        sending = asyncio.get_running_loop().create_task(send())
        answered = []
        for exchange in expected:
            response = await read_response(peer.reader, is_head=exchange.asked.method == b"HEAD")
            if exchange.asked.refusal is not None and len(edges) > 2:
                # What is wrong with a request may be known, and told, before its Origin is.
                exchange.fields = without_cors(exchange.fields)
                response = (response[0], without_cors(response[1]), response[2])
            answered.append(exchange)
            if not check_response(exchange, *response):
                break
        await sending
        if len(answered) == len(expected) and answered[-1].stays is False:
            with contextlib.suppress(ConnectionError):
                assert await peer.reader.read() == b""
    check_calls(answered, iter(said.calls))


def without_cors(fields: Fields) -> Fields:
    return [field for field in fields if field[0] != b"vary" and not field[0].startswith(b"access-control-")]


def check_response(exchange: Exchange, status: int, fields: Fields, body: bytes) -> bool:
    """Gives whether another response is to follow."""
    stays = (b"connection", b"close") not in fields
    told = {name for name, _ in exchange.fields}
    kept = [field for field in fields if field[0] not in FRAMING and (field[0] != b"date" or b"date" in told)]
    assert status == exchange.status
    assert by_name(kept) == by_name(exchange.fields)
    if exchange.bodies is not None and exchange.asked.method != b"HEAD":
        assert (yaml_meaning(body) if exchange.is_yaml else body) in exchange.bodies
    assert exchange.stays in (None, stays)
    return stays


def check_calls(exchanges: list[Exchange], calls: Iterator[Call]) -> None:
    """Calls for one request may come in any order, those for the next come behind them."""

    def order(call: Call) -> tuple[str, str, Fields]:
        return call.url, call.method, call.fields

    for exchange in exchanges:
        expected = sorted(exchange.calls, key=order)
        real = sorted(itertools.islice(calls, len(expected)), key=order)
        for call, known in zip(real, expected, strict=False):
            if not known.framing and not call.body:
                known.framing = call.framing
        assert real == expected
    assert not list(calls)


def test_gateway_is_the_plain_one() -> None:
    said = Backend()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:

        async def start() -> asyncio.Server:
            return await asyncio.start_server(said, "127.0.0.1", 0, limit=1 << 24)

        server = runner.run(start())
        said.authority = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"

        async def within_bounds(situation: Situation) -> None:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await compare(said, situation)

        # Drawn by Hypothesis piece by piece, a situation takes longer than the gateway does, and has less in it.
        @settings(max_examples=600, phases=[Phase.explicit, Phase.generate])
        @given(st.integers(0, 1 << 64))
        def same(seed: int) -> None:
            situation = situation_of(Random(seed))
            note(str(situation))
            runner.run(within_bounds(situation))

        try:
            same()
        finally:
            server.close()
            runner.run(server.wait_closed())
