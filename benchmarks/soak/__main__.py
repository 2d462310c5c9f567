"""`python -m benchmarks.soak`: a million requests to a complete gateway while backends and clients misbehave.

Every request carries a number that its answer must repeat. Each is answered correctly, with a clean error, or visibly
broken off; none is lost, none answered twice or with another's answer; none but those that are harmless twice reach a
backend twice. They come in laps: after each the gateway is at rest with no connection, timer or task more than in the
beginning, and after the first with no more memory.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter

import uvloop

from benchmarks.soak.clients import client
from benchmarks.soak.faults import FaultyBackend
from benchmarks.soak.watched import AtRest, Watched, watched
from tests.support.dataplane import backend

# What is harmless twice goes out again, once and on a new connection, where an idle one had just ended.
MAX_CALLS_FOR_ONE = 2
# A leak of one object in ten requests is seen. So many come and go by themselves, and with what a policy remembers of
# preflights: here each is from another origin.
MAX_BLOCKS_PER_REQUEST = 0.1
FLUCTUATING_BLOCKS = 15_000
MAX_GROWTH_MB = 16


async def soak(count: int, clients: int, laps: int, seed: int) -> None:
    """Raise AssertionError, or another error, if anything is not as it should be."""
    told: Counter[str] = Counter()
    faulty = FaultyBackend(count)
    rests: list[AtRest] = []
    began_seconds = time.monotonic()
    async with backend(faulty) as authority, watched(authority) as gateway:
        for lap in range(laps):
            numbers = range(lap * count // laps, (lap + 1) * count // laps)
            await _lap(gateway.port, numbers, clients, random.Random(seed + lap), told)
            rests.append(await gateway.at_rest())
            print(f"{sum(told.values()):9} {dict(told)} {rests[-1].resident_mb:.0f} MB", file=sys.stderr)
        _check_numbers(count, told, gateway, faulty)
        _check_rests(rests, gateway.begun, count * (laps - 1) // laps)
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    assert not others, others
    told.pop("farewell")
    seconds = time.monotonic() - began_seconds
    print(f"{count} requests in {seconds:.0f} s: {dict(told)}")
    print(f"at rest: {rests[0]} after the first lap, {rests[-1]} after the last")


async def _lap(port: int, numbers: range, clients: int, dice: random.Random, told: Counter[str]) -> None:
    shares = [list(numbers[index::clients]) for index in range(clients)]
    async with asyncio.TaskGroup() as group:
        for share in shares:
            group.create_task(client(port, share, random.Random(dice.random()), told))


def _check_numbers(count: int, told: Counter[str], gateway: Watched, faulty: FaultyBackend) -> None:
    """Clients, gateway and backend have to agree."""
    assert not gateway.tracebacks, gateway.tracebacks[0]
    farewells = told["farewell"]
    assert sum(told.values()) - farewells == count, told
    # A request whose client left at once may not even have been read.
    unread = told["left"] + told["behind the last answer"]
    assert count - unread <= gateway.decision_count - farewells <= count, (count, gateway.decision_count, told)
    assert not faulty.repeated, faulty.repeated
    for which, asked in faulty.asked.items():
        assert max(asked) <= MAX_CALLS_FOR_ONE, (which, asked.index(max(asked)))


def _check_rests(rests: list[AtRest], begun: AtRest, requests: int) -> None:
    for rest in rests:
        for name in ("timers", "tasks", "descriptors"):
            assert getattr(rest, name) <= getattr(begun, name), (name, rest, begun)
    grown = rests[-1].blocks - rests[0].blocks
    assert grown < requests * MAX_BLOCKS_PER_REQUEST + FLUCTUATING_BLOCKS, (rests[0], rests[-1])
    assert rests[-1].resident_mb - rests[0].resident_mb < MAX_GROWTH_MB, (rests[0], rests[-1])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--laps", type=int, default=5, help="two or more (5)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is left to chance (0)")
    options = parser.parse_args()
    uvloop.run(soak(options.requests, options.clients, options.laps, options.seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
