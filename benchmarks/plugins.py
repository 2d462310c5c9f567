"""`python -m benchmarks.plugins`: what plugins in Python add to a request, in process.

Gateways with one plugin each and one with none are asked the same in short turns, one after another; of each the
quickest turn counts, since what else the machine does only ever adds. The plugins are plain functions, which is what
runs on the event loop; what an async one costs is asyncio's to say. It takes ten seconds.
"""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import uvloop

from benchmarks.switches import file_with, turns_of
from crossgate.plugins import Answer, Plugin, Request, Response, Setup

HEADING = ["| plugin | µs a request | of the whole | aim |", "|---|---|---|---|"]
NONE = "none (the whole request)"
GATE_AIM_US = 5
ROUNDS = 400
REQUESTS_A_TURN = 40
_SERVER, _MODIFIER = "plugin/http-server", "plugin/req-resp-modifier"


def looking(setup: Setup) -> Plugin:
    """A gate that looks at a field."""
    refused = Response(403)

    def gate(request: Request) -> Response | None:
        return refused if request.headers.get("X-Blocked") else None

    return Plugin(gate=gate)


def setting(setup: Setup) -> Plugin:
    """A gate that sets one."""

    def gate(request: Request) -> None:
        request.headers["X-Tenant"] = "blue"

    return Plugin(gate=gate)


def changing(setup: Setup) -> Plugin:
    """A modifier of requests."""

    def modify_request(request: Request) -> None:
        request.headers["X-Tenant"] = "blue"

    return Plugin(modify_request=modify_request)


def answering(setup: Setup) -> Plugin:
    """A modifier of answers that looks at the status."""

    def modify_response(answer: Answer) -> None:
        answer.is_complete = answer.is_complete and answer.status < 500

    return Plugin(modify_response=modify_response)


def _given(name: str) -> dict[str, Any]:
    return {"crossgate/plugins": {"modules": {name: f"benchmarks.plugins:{name}"}}}


def files() -> Mapping[str, dict[str, Any]]:
    """The configurations, the one without plugins first."""
    filters = {"CIDR": ["10.0.0.0/8"], "allow": False, "trusted_proxies": ["192.0.2.0/24"]}
    rewrites = {"regexp": [["^/v1/(.*)$", "/${1}"]]}
    return {
        NONE: file_with({}),
        "a gate that looks at a field": file_with({**_given("looking"), _SERVER: {"name": ["looking"]}}),
        "a gate that sets a field": file_with({**_given("setting"), _SERVER: {"name": ["setting"]}}),
        "ip-filter": file_with({_SERVER: {"name": ["ip-filter"], "ip-filter": filters}}),
        "url-rewrite, one pattern": file_with({_SERVER: {"name": ["url-rewrite"], "url-rewrite": rewrites}}),
        "a request modifier at the endpoint": file_with(_given("changing"), {_MODIFIER: {"name": ["changing"]}}),
        "a response modifier at the endpoint": file_with(_given("answering"), {_MODIFIER: {"name": ["answering"]}}),
    }


async def quickest_us(rounds: int) -> dict[str, float]:
    """Microseconds of a request with each file."""
    best: dict[str, float] = {}
    async with AsyncExitStack() as stack:
        turns = await turns_of(stack, files())
        for _ in range(rounds):
            for name, once in turns.items():
                begin = time.thread_time_ns()
                for _ in range(REQUESTS_A_TURN):
                    once()
                taken = (time.thread_time_ns() - begin) / REQUESTS_A_TURN / 1000
                best[name] = min(best.get(name, taken), taken)
    return best


def plugins(rounds: int) -> list[str]:
    """The table."""
    logging.getLogger("crossgate").setLevel(logging.CRITICAL)  # where a busy machine looks like a slow plugin
    best = asyncio.Runner(loop_factory=uvloop.new_event_loop).run(quickest_us(rounds))
    whole = best.pop(NONE)
    rows = []
    for name, all_us in best.items():
        us = all_us - whole
        aim = f"under {GATE_AIM_US}" if name == "a gate that looks at a field" else ""
        rows.append(f"| {name} | {us:.1f} | {us / whole:.0%} | {aim} |")
    return [*HEADING, f"| {NONE} | {whole:.1f} | | |", *rows]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plugins", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"of turns of each gateway ({ROUNDS})")
    print("\n".join(plugins(parser.parse_args(arguments).rounds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
