"""One configuration after another in one process: what is shared goes on, what is not ends, nothing is left behind."""

import asyncio
import contextlib
import gc
import json
import logging
import weakref

import pytest

from crossgate.components import COMPONENTS
from crossgate.config import load_text
from crossgate.gateway.generation import ServeOptions, plan_of
from crossgate.gateway.heap import settle
from crossgate.gateway.running import start_gateway
from tests.support.dataplane import connected, get, live, until

OPTIONS = ServeOptions(port=0, components=COMPONENTS)


def config_of(**keys):
    endpoint = {
        "endpoint": "/a",
        "backend": [{"url_pattern": "/", "host": ["http://127.0.0.1:10"]}],
        "extra_config": {"proxy": {"static": {"strategy": "always", "data": {"is": "there"}}}},
    }
    text = {"version": 3, "listen_ip": "127.0.0.1", "endpoints": [endpoint], **keys}
    loaded = load_text(json.dumps(text).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    return loaded.config


@pytest.fixture
def settled_heap():
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


@contextlib.asynccontextmanager
async def started(settled=lambda: None, **keys):
    logger = logging.getLogger("crossgate.test.generations")
    running = await start_gateway(config_of(**keys), OPTIONS, environ={}, logger=logger, settled=settled)
    try:
        yield running
    finally:
        await running.close()


async def adopt(running, **keys):
    config = config_of(**keys)
    running.adopt(await running.prepare(config, plan_of(config, OPTIONS, {})))


@live
async def test_nothing_of_a_former_configuration_is_left_behind():
    async with started() as running, connected(running.port) as peer:
        former = []
        for number in range(5):
            assert (await peer.send(get(b"/a")).answer()).status == 200
            former.append(weakref.ref(running._current))
            await adopt(running, idle_connection_timeout=f"{number + 1}s")
        await until(lambda: running.former_count == 0)
        await asyncio.sleep(0)
        gc.collect()
        assert [reference() for reference in former] == [None] * 5
        assert (await peer.send(get(b"/a")).answer()).status == 200


@live
async def test_what_serves_is_left_alone_by_the_collector_and_what_has_ended_goes_at_once(settled_heap):
    left, frozen = [], []

    def settled():
        settle()
        left.append([reference() is not None for reference in former])
        frozen.append(gc.get_freeze_count())

    former = []
    async with started(settled) as running:
        for number in range(3):
            former.append(weakref.ref(running._current))
            await adopt(running, idle_connection_timeout=f"{number + 1}s")
            await until(lambda: len(left) == 2 + number)  # noqa: B023 - awaited at once
        assert left == [[], [False], [False] * 2, [False] * 3]
        assert min(frozen) > 1000


@live
async def test_what_is_prepared_and_discarded_changes_nothing():
    async with started() as running:
        config = config_of(dialer_timeout="9s")
        generation = await running.prepare(config, plan_of(config, OPTIONS, {}))
        prepared = weakref.ref(generation)
        await running.discard(generation)
        del generation
        gc.collect()
        assert prepared() is None
        async with connected(running.port) as peer:
            assert (await peer.send(get(b"/a")).answer()).status == 200


@live
async def test_limits_change_for_connections_that_are_there():
    async with started() as running, connected(running.port) as peer:
        long = b"/a?" + b"x" * 2000
        assert (await peer.send(get(long)).answer()).status == 200
        await adopt(running, extra_config={"crossgate/server": {"max_target_bytes": 1000}})
        assert (await peer.send(get(long)).answer()).status == 414


@live
async def test_connections_of_a_client_count_from_when_they_are_limited():
    async with started() as running, connected(running.port) as one, connected(running.port) as two:
        for peer in (one, two):
            assert (await peer.send(get(b"/a")).answer()).status == 200
        await adopt(running, extra_config={"crossgate/server": {"max_connections_per_client": 2}})
        async with connected(running.port) as third:
            assert (await third.send(get(b"/a")).answer()).status == 503
        for peer in (one, two):
            assert (await peer.send(get(b"/a")).answer()).status == 200


@live
async def test_counters_go_on():
    cors = {"security/cors": {"allow_origins": ["https://app.example"]}}
    async with started(extra_config=cors) as running:
        counters = running.application.counters
        await adopt(running, extra_config=cors)
        assert running.application.counters is counters
