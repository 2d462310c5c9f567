"""How a gateway begins: what it needs first, then the requests."""

import asyncio
import json
import logging
import socket

import pytest
import uvloop

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.gateway.generation import Generation, ServeOptions
from crossgate.gateway.running import start_gateway
from tests.support.recorded import ask

FILE = json.dumps({"version": 3, "listen_ip": "127.0.0.1", "endpoints": []}).encode()
TURNS = 50
"""So many turns of the loop are more than enough to accept a connection and to answer on it."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def test_nobody_is_served_before_what_a_configuration_needs_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the first requests would get past limits and revocations that gateways share by a Redis."""
    config = load_text(FILE, components=COMPONENTS).config
    assert config is not None
    port, order = free_port(), []
    answers: list[asyncio.Task[None]] = []
    start = Generation.start

    async def early() -> None:
        answer = await ask(port, {"method": "GET", "target": "/__health"})
        order.append(answer["status"])

    async def slow(generation: Generation) -> None:
        answers.append(asyncio.ensure_future(early()))
        for _ in range(TURNS):
            await asyncio.sleep(0)
        await start(generation)
        order.append("started")

    async def life() -> None:
        options = ServeOptions(port=port, components=COMPONENTS)
        gateway = await start_gateway(config, options, environ={}, logger=logging.getLogger("test"))
        await answers[0]
        await gateway.close()

    monkeypatch.setattr(Generation, "start", slow)
    uvloop.run(life())
    assert order == ["started", 200]


def test_a_start_that_fails_leaves_the_port_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_text(FILE, components=COMPONENTS).config
    assert config is not None
    port = free_port()

    async def fails(generation: Generation) -> None:
        raise OSError("taken")

    async def life() -> None:
        options = ServeOptions(port=port, components=COMPONENTS)
        with pytest.raises(OSError, match="taken"):
            await start_gateway(config, options, environ={}, logger=logging.getLogger("test"))

    monkeypatch.setattr(Generation, "start", fails)
    uvloop.run(life())
    socket.create_server(("127.0.0.1", port)).close()
