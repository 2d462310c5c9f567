"""A dozen of the recorded configurations through the complete gateway: from the file's text to the client's socket."""

import asyncio
import json
import logging
from collections import Counter

import pytest

from crossgate.config.load import load_text
from crossgate.gateway.running import ServeOptions, start_gateway
from tests.support import cors_fronts, cors_vectors, dataplane
from tests.support.cors_vectors import Outcome, Record

CONFIGURATIONS = 12
GATEWAYS_OWN = {"content-length", "content-type", "date", "connection", "x-krakend", "x-krakend-completed"}


def fits(case: dict) -> bool:
    """A GET, or a preflight that the layer answers itself: what one GET endpoint can serve as the record's handler."""
    if cors_vectors.is_refused_by_the_server(case):
        return False
    method = case["request"]["method"]
    return method == "GET" or (method == "OPTIONS" and not case["expect"]["reached_next"])


def sample(version: str) -> list[tuple[Record, list[dict]]]:
    """Configurations from all over the table, those with most cases that fit."""
    usable = [
        (record, cases)
        for record in cors_vectors.records(version)
        if record.well_typed and record.outcome == "ok" and len(cases := list(filter(fits, record.cases))) >= 4
    ]
    return usable[:: len(usable) // CONFIGURATIONS][:CONFIGURATIONS]


def configuration(record: Record, backend: str) -> bytes:
    backends = [{"host": [f"http://{backend}"], "url_pattern": "/", "encoding": "no-op"}]
    endpoint = {"endpoint": "/", "output_encoding": "no-op", "backend": backends}
    extra = {cors_vectors.NAMESPACES[record.version]: record.block}
    return json.dumps({"version": record.config_version, "endpoints": [endpoint], "extra_config": extra}).encode()


class Backend:
    """Answers as the case at hand wants it."""

    def __init__(self) -> None:
        self.case: dict = {}
        self.asked = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            lines = [b"%b: %b\r\n" % line for line in cors_fronts.next_fields(self.case)]
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + b"".join(lines) + b"\r\nok")


async def outcomes(record: Record, cases: list[dict]) -> list[tuple[dict, Outcome]]:
    answering = Backend()
    got = []
    async with dataplane.backend(answering) as authority:
        loaded = load_text(configuration(record, authority), name="krakend.json", environ={})
        assert loaded.config is not None, loaded.diagnostics
        gateway = await start_gateway(
            loaded.config, ServeOptions(port=0), environ={}, logger=logging.getLogger("crossgate.test")
        )
        try:
            for case in cases:
                answering.case = case
                before = answering.asked
                async with dataplane.connected(gateway.port) as peer:
                    values = [(name.encode(), value.encode()) for name, value in case["request"]["headers"]]
                    start = case["request"]["method"].encode() + b" / HTTP/1.1"
                    lines = [start, b"Host: gateway.example", *(b"%b: %b" % line for line in values)]
                    answer = await peer.send(b"\r\n".join(lines) + b"\r\n\r\n").answer()
                kept = [line for line in answer.fields if line[0].decode() not in GATEWAYS_OWN]
                outcome = Outcome.of(answer.status, answering.asked > before, cors_fronts.text(kept))
                got.append((case, outcome))
        finally:
            await gateway.close()
    return got


@pytest.mark.parametrize("version", ["1.4", "2.13"])
def test_a_dozen_configurations_are_answered_as_recorded_by_the_complete_gateway(version, capsys):
    counts: Counter[str] = Counter()
    for record, cases in sample(version):

        @dataplane.live
        async def run(record: Record = record, cases: list[dict] = cases) -> None:
            for case, outcome in await outcomes(record, cases):
                assert outcome == cors_vectors.expectation(record, case).outcome, case["id"]
                counts["cases"] += 1

        run()
        counts["configurations"] += 1
    with capsys.disabled():
        print(f"\nKrakenD {version} vectors through the complete gateway: {dict(counts)}")
    assert counts["configurations"] == CONFIGURATIONS
