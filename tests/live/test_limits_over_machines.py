"""Three gateways on one Redis, as if they were three machines: the limit is one, and Redis may die.

What may pass is computed from the times at which requests were sent and answered, so that it holds however slow the
machine is.
"""

import asyncio
from pathlib import Path

import pytest

from benchmarks.machines import Asked, Load, gateways, least_altogether, most_in_any_window, with_an_outage
from tests.support.redis_server import needs_redis, redis_server

RATE, CAPACITY = 50, 200
DEADLINE_SECONDS = 10
"""That of the endpoint, `timeout` in the file."""


@needs_redis
def test_together_they_let_through_what_is_written_and_lose_nothing_when_redis_dies(tmp_path: Path) -> None:
    async def until_passed(load: Load, count: int) -> None:
        """Until so many were let through and the limit has bitten, which it does late where a machine is slow."""
        running = asyncio.create_task(load.run())
        async with asyncio.timeout(60):
            while sum(each.status == 200 for each in load.asked) < count or load.asked[-1].status != 503:
                await asyncio.sleep(0.05)
        load.end()
        await running

    with redis_server(tmp_path) as redis, gateways(tmp_path, redis, RATE, CAPACITY) as running:
        ports = [each.port for each in running]
        load = Load(ports)
        asyncio.run(until_passed(load, CAPACITY + 3 * RATE))
        assert {each.status for each in load.asked} == {200, 503}
        assert most_in_any_window(load.asked, RATE, CAPACITY) <= 1.01
        assert least_altogether(load.asked, RATE, CAPACITY) >= 0.97

        outage = asyncio.run(with_an_outage(Load(ports), redis, before=0.3, away=0.5, after=0.3))
        assert {each.status for each in outage.asked} == {200, 503}, "no request is lost"
        assert max(each.answered - each.sent for each in outage.asked) < DEADLINE_SECONDS
        meanwhile = [each for each in outage.asked if outage.killed < each.sent < outage.started]
        assert any(each.status == 200 for each in meanwhile), "each counts for itself"
        assert any(each.status == 503 for each in meanwhile)
        for each in running:
            each.wait_for_log("it is back")
            assert (each.count("it is away"), each.count("it is back")) == (1, 1)


def test_the_bound_itself_can_fail() -> None:
    together = [Asked(0.0, 0.1, 200)] * 5 + [Asked(1.0, 1.1, 503)]
    assert most_in_any_window(together, rate=0, capacity=4) == pytest.approx(1.25)
    assert least_altogether(together, rate=0, capacity=10) == pytest.approx(0.5)
