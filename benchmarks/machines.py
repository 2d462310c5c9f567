"""`python -m benchmarks.machines`: three gateways on one Redis, as if they were three machines.

How much passes the limit that they share, compared with what was written, in any window and in all; what a decision of
Redis costs a gateway and how long it takes; and what becomes of requests while Redis is killed and started again.
Needs redis-server.
"""

import asyncio
import json
import logging
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import uvloop

from crossgate.flow.fiber import Fiber
from crossgate.limits.bucket import bucket_of
from crossgate.limits.redis_buckets import RedisBuckets, bucket_words
from crossgate.metrics.registry import Registry
from crossgate.redis.client import RedisClient
from crossgate.redis.store import StoreConfig
from tests.support.process import Gateway, gateway
from tests.support.redis_server import RedisServer, redis_server
from tests.support.scripted_backend import scripted_backend

GATEWAYS = 3
RATE, CAPACITY = 200, 400
SECONDS = 10.0
_DECISIONS = 20_000
PATH = "/limited"
_REQUEST = b"GET %b HTTP/1.1\r\nHost: gateway\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when it was sent and answered, in seconds of this process's clock. Status 0: no answer."""

    sent: float
    answered: float
    status: int


def most_in_any_window(asked: Sequence[Asked], rate: float, capacity: int) -> float:
    """The largest share of what a window may let pass that was let pass, over all windows that begin with a request and
    end with an answer. A request counts that lies within the window: it was certainly let pass there.
    """
    passed = sorted([each for each in asked if each.status == 200], key=lambda each: each.answered)
    largest = 0.0
    for first in passed:
        began, count = first.sent, 0
        for each in passed:
            if each.sent >= began:
                count += 1
                largest = max(largest, count / (capacity + rate * (each.answered - began)))
    return largest


def least_altogether(asked: Sequence[Asked], rate: float, capacity: int) -> float:
    """The share of what may pass that was let pass until the last refusal.

    The bucket was empty then, so that nothing was left over; demand has to be greater than the rate all the time.
    """
    last = max([each for each in asked if each.status in (429, 503)], key=lambda each: each.sent)
    passed = [each for each in asked if each.status == 200 and each.sent <= last.answered]
    began = min(each.answered for each in asked)
    return len(passed) / (capacity + rate * (last.sent - began))


class Load:
    """Clients that ask without pause, some at each gateway, until told to end."""

    def __init__(self, ports: Sequence[int], clients: int = 2) -> None:
        self.asked: list[Asked] = []
        self._ports = [port for port in ports for _ in range(clients)]
        self._is_over = False

    async def run(self) -> None:
        """Until `end`."""
        await asyncio.gather(*[self._client(port) for port in self._ports])

    def end(self) -> None:
        """No more requests."""
        self._is_over = True

    async def _client(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not self._is_over:
            sent = time.monotonic()
            writer.write(_REQUEST % PATH.encode())
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                await reader.readexactly(int(length or 0))
            except (OSError, asyncio.IncompleteReadError):
                self.asked.append(Asked(sent, time.monotonic(), 0))
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            else:
                self.asked.append(Asked(sent, time.monotonic(), int(head.split(b" ", 2)[1])))
        writer.close()


@contextmanager
def gateways(folder: Path, redis: RedisServer, rate: float = RATE, capacity: int = CAPACITY) -> Iterator[list[Gateway]]:
    """Three of them with one limit, and one backend behind them."""
    with ExitStack() as stack:
        backend = stack.enter_context(scripted_backend({}))
        file = folder / "krakend.json"
        file.write_text(json.dumps(configuration(backend.authority, redis, rate, capacity)))
        yield [stack.enter_context(gateway(file)) for _ in range(GATEWAYS)]


def configuration(authority: str, redis: RedisServer, rate: float, capacity: int) -> dict[str, Any]:
    """The file of each gateway."""
    limit = {"max_rate": rate, "capacity": capacity}
    return {
        "version": 3,
        "timeout": "10s",
        "extra_config": {"crossgate/redis": {"url": redis.url}},
        "endpoints": [
            {
                "endpoint": PATH,
                "output_encoding": "no-op",
                "extra_config": {"qos/ratelimit/router": limit},
                "backend": [{"host": [f"http://{authority}"], "url_pattern": "/", "encoding": "no-op"}],
            }
        ],
    }


async def for_a_while(load: Load, seconds: float) -> None:
    """The load, for so long."""
    asyncio.get_running_loop().call_later(seconds, load.end)
    await load.run()


@dataclass(frozen=True, slots=True)
class Outage:
    """What became of a load while Redis was killed and started again. Times are seconds."""

    asked: list[Asked]
    killed: float
    started: float
    back: float


async def with_an_outage(load: Load, redis: RedisServer, *, before: float, away: float, after: float) -> Outage:
    """The load, with Redis killed without warning and started again on its port. It is back when a gateway counts."""
    running = asyncio.create_task(load.run())
    await asyncio.sleep(before)
    killed = time.monotonic()
    await asyncio.to_thread(redis.kill)
    await asyncio.sleep(away)
    await asyncio.to_thread(redis.start)
    started = time.monotonic()
    while not await asyncio.to_thread(redis.ask, "KEYS", "crossgate:limit:*"):
        await asyncio.sleep(0.01)
    back = time.monotonic()
    await asyncio.sleep(after)
    load.end()
    await running
    return Outage(load.asked, killed, started, back)


async def cost(redis: RedisServer, at_once: int) -> tuple[float, float]:
    """Microseconds of this process's CPU for one decision, and of time for a trip, with so many under way at once."""
    client = RedisClient(StoreConfig(port=redis.port, pool_size=1), logging.getLogger("cost"), Random(), Registry())
    await client.start()
    buckets, words = RedisBuckets(client, "cost"), bucket_words(bucket_of(1e6, 1 << 40))
    over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    rounds = max(1, _DECISIONS // at_once)

    async def one() -> None:
        for number in range(rounds):
            await buckets.take((buckets.key_of(b"%d" % (number % 1000)),), words)

    fibers = [Fiber(one()) for _ in range(at_once)]
    left = [len(fibers)]

    def ended() -> None:
        left[0] -= 1
        if not left[0]:
            over.set_result(None)

    cpu, began = time.process_time(), time.perf_counter()
    for fiber in fibers:
        fiber.start()
        fiber.done.wait_with(ended)
    await over
    used, took = time.process_time() - cpu, time.perf_counter() - began
    await client.stop()
    return used / rounds / at_once * 1e6, took / rounds * 1e6


def main() -> None:
    if shutil.which("redis-server") is None:
        print("Limits over several gateways: left out, there is no redis-server.")
        return
    with tempfile.TemporaryDirectory() as name, redis_server(Path(name)) as redis:
        print("| decisions at once | CPU of the gateway for one, µs | a trip, µs |\n|---|---|---|")
        for at_once in (1, 10, 100):
            used, took = uvloop.run(cost(redis, at_once))
            print(f"| {at_once} | {used:.0f} | {took:.0f} |")
        redis.ask("FLUSHALL")
        with gateways(Path(name), redis) as running:
            ports = [each.port for each in running]
            load = Load(ports)
            asyncio.run(for_a_while(load, SECONDS))
            _print_limit(load.asked)
            redis.ask("FLUSHALL")
            _print_outage(asyncio.run(with_an_outage(Load(ports), redis, before=2, away=2, after=2)))


def _print_limit(asked: Sequence[Asked]) -> None:
    passed = sum(each.status == 200 for each in asked)
    print(f"{GATEWAYS} gateways, one limit of {RATE}/s with room for {CAPACITY}, {SECONDS:.0f} s:")
    print(f"  asked {len(asked):,}, passed {passed:,}")
    print(f"  of what may pass in a window, at most {most_in_any_window(asked, RATE, CAPACITY):.1%} passed")
    print(f"  of what may pass in all, {least_altogether(asked, RATE, CAPACITY):.1%} passed")
    times = sorted([each.answered - each.sent for each in asked])
    median, late = statistics.median(times) * 1e3, times[-len(times) // 100] * 1e3
    print(f"  time of an answer: median {median:.1f} ms, p99 {late:.1f} ms")


def _print_outage(outage: Outage) -> None:
    away = [each for each in outage.asked if each.answered >= outage.killed and each.sent <= outage.back]
    lost = sum(each.status not in (200, 503) for each in outage.asked)
    print("Redis killed for two seconds and started again, under the same load:")
    print(f"  asked {len(outage.asked):,}, lost {lost}")
    print(f"  longest wait for an answer meanwhile {max(each.answered - each.sent for each in away) * 1e3:.0f} ms")
    print(f"  the limit was back {outage.back - outage.started:.2f} s after Redis")


if __name__ == "__main__":
    main()
