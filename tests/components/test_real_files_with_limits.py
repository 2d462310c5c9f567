"""Real files with limits, circuit breakers and caches: what they say of those is run, and does what it is for.

What else they have is for other tests: of each file there is left what it routes, and what it says of limits.
"""

import asyncio
import json
import logging
import lzma
import re
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import uvloop

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.config.model import BackendConfig, EndpointConfig
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.running import start_gateway
from tests.support.recorded import ask
from tests.support.scripted_backend import dead_authority, scripted_backend

with lzma.open(Path(__file__).parents[1] / "data" / "corpus_limits.json.xz", "rt") as _file:
    FILES: dict[str, dict[str, Any]] = json.load(_file)
OURS = re.compile(r"rate-?limit|circuit-?breaker|http-?cache", re.IGNORECASE)
NAMES = ("rate_limit", "circuit_breaker", "http_cache")
AT_ONCE = 60
EACH = pytest.mark.parametrize("name", sorted(FILES))


class Cacheable(dict[str, Any]):
    """The script of a backend whose answers may be kept, whatever is asked for."""

    def get(self, key: str, default: Any = None) -> Any:
        headers = {"Date": formatdate(usegmt=True), "Cache-Control": "max-age=600", "Content-Type": "application/json"}
        return {"json": {"a": 1}, "headers": headers}


class Told(logging.Handler):
    """What a gateway logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())

    def text(self) -> str:
        return "\n".join(self.lines)


def only_limits(tree: dict[str, Any], authority: str) -> dict[str, Any]:
    """The file with nothing but routes and limits, whose backends are all one."""

    def kept(part: dict[str, Any]) -> dict[str, Any]:
        extra = {name: value for name, value in part.get("extra_config", {}).items() if OURS.search(name)}
        return {**part, "extra_config": extra}

    def backend(part: dict[str, Any]) -> dict[str, Any]:
        return {**kept(part), "host": [f"http://{authority}"], "disable_host_sanitize": False, "sd": "static"}

    endpoints = [
        {**kept(endpoint), "backend": [backend(part) for part in endpoint["backend"]]} for endpoint in tree["endpoints"]
    ]
    router = "router" if tree["version"] == 3 else "github_com/devopsfaith/krakend/router/gin"
    return {
        "version": tree["version"],
        "listen_ip": "127.0.0.1",
        "endpoints": endpoints,
        "extra_config": {router: {"return_error_msg": True, "disable_access_log": True}},
    }


def limited(endpoints: tuple[EndpointConfig, ...], name: str) -> Iterator[tuple[EndpointConfig, BackendConfig | None]]:
    for endpoint in endpoints:
        if name in endpoint.components:
            yield endpoint, None
        for backend in endpoint.backends:
            if name in backend.components:
                yield endpoint, backend


@EACH
def test_what_it_says_of_limits_prevents_no_start(name: str) -> None:
    loaded = load_text(json.dumps(FILES[name]).encode(), components=COMPONENTS)
    mine = [one for one in loaded.diagnostics if OURS.search(one.path)]
    assert [(one.code, one.path) for one in mine if one.severity == "error"] == []


@EACH
def test_it_starts_with_them_and_they_do_what_they_are_for(name: str) -> None:
    with scripted_backend(Cacheable()) as alive:
        done = uvloop.run(tried(only_limits(FILES[name], alive.authority), lambda: len(alive.received)))
        dead = uvloop.run(tried(only_limits(FILES[name], dead_authority()), lambda: 0, breakers=True))
    assert done + dead > 0


async def tried(tree: dict[str, Any], asked_so_far: Any, *, breakers: bool = False) -> int:
    """How many limits, caches or breakers were tried."""
    loaded = load_text(json.dumps(tree).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    logger, told = logging.Logger("limits"), Told()  # noqa: LOG001 # one of its own
    logger.addHandler(told)
    options = ServeOptions(port=0, components=COMPONENTS)
    count = 0
    async with asyncio.timeout(60):
        gateway = await start_gateway(loaded.config, options, environ={}, logger=logger)
        try:

            async def answer(endpoint: EndpointConfig) -> dict[str, Any]:
                target = re.sub(r"\{[^}]*\}", "1", endpoint.path)
                headers = [["Authorization", "one"], ["X-Api-Key", "one"]]
                return await ask(gateway.port, {"method": endpoint.method, "target": target, "headers": headers})

            for component in NAMES:
                for endpoint, backend in limited(loaded.config.endpoints, component):
                    if component == "circuit_breaker" and breakers and backend is not None:
                        errors = backend.components[component].max_errors
                        for _ in range(errors + 2):
                            assert (await answer(endpoint))["status"] == 500
                        assert f"[ENDPOINT: {endpoint.path}] circuit breaker is open" in told.text()
                        count += 1
                    elif component == "rate_limit" and not breakers and backend is None:
                        limits = endpoint.components[component]
                        buckets = [limit.client.bucket if limit.client else limit.total for limit in limits]
                        if min(bucket.capacity for bucket in buckets) <= AT_ONCE // 2:
                            found = await asyncio.gather(*[answer(endpoint) for _ in range(AT_ONCE)])
                            statuses = {one["status"] for one in found}
                            assert statuses & {429, 503}, (endpoint.path, statuses)
                        else:
                            assert (await answer(endpoint))["status"] == 200
                        count += 1
                    elif component == "http_cache" and not breakers and endpoint.method == "GET":
                        await answer(endpoint)
                        before = asked_so_far()
                        assert (await answer(endpoint))["status"] == 200
                        assert asked_so_far() - before < len(endpoint.backends), endpoint.path
                        count += 1
        finally:
            await gateway.close()
    return count
