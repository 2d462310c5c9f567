"""`python -m benchmarks.lua`: what a request's scripts cost in a process of their own, and in the worker itself.

Each row is the best of short turns of runs one after the other, each in a new state. What a run in a process costs is
the time until its answer is there; the state for the next one is made meanwhile. Without a process there is no such
time, and nothing bounds a script.
"""

import asyncio
import json
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop

from crossgate.flow.fiber import Fiber
from crossgate.lua.hosts import Hosts
from crossgate.lua.session import Session
from crossgate.lua.state import State
from crossgate.lua.wire import Answer, Ask, RequestParts, ResponseParts, Script

HEADING = ("| script | in a process µs | in the worker µs |", "|---|---|---|")
_DATA = json.dumps({f"key{number}": {"id": number, "name": "a name"} for number in range(30)}).encode()
_SET_FIELD = b"local r = request.load(); r:headers('X-Role', r:headers('X-A') .. r:params('Id'))"
_SET_DATA = b"local d = response.load():data(); d:set('sum', d:get('key1'):get('id') + d:get('key2'):get('id'))"
SCRIPTS = {
    "nothing": (b"local x", b""),
    "a field read, a field set": (_SET_FIELD, b""),
    "1.3 kB of JSON: two values read, one set": (b"", _SET_DATA),
    "both, `pre` and `post`": (_SET_FIELD, _SET_DATA),
}


def main() -> None:
    print("\n".join(rows(turns=40)))


def rows(turns: int) -> list[str]:
    """The table, and a line on memory."""
    found = [*HEADING]
    for name, (pre, post) in SCRIPTS.items():
        script = Script((), pre, post, live=False, opens_libs=False)
        apart, memory = uvloop.run(_apart(script, turns))
        within = min(_turn_within(script) for _ in range(turns))
        found.append(f"| {name} | {apart:.0f} | {within:.0f} |")
    return [*found, "", f"A process that has run scripts takes {memory:.1f} MiB of its own."]


def _parts() -> tuple[RequestParts, ResponseParts]:
    request = RequestParts(False, b"GET", b"/a", b"", b"", {}, {b"Id": b"7"}, [(b"X-A", b"1"), (b"Accept", b"*/*")])
    return request, ResponseParts(True, 0, [], _DATA)


async def _nothing(_ask: Ask) -> Answer:
    return Answer(b"")


async def _apart(script: Script, turns: int) -> tuple[float, float]:
    hosts = Hosts()
    await hosts.start()
    key = hosts.key_of(script)

    async def once() -> None:
        request, response = _parts()
        session = Session(hosts, key, script, _nothing)
        try:
            if script.pre:
                await session.begin(request)
            if script.post:
                await (session.go_on(response) if script.pre else session.begin(request, response))
        finally:
            session.close()

    try:
        best = min([await _turn_apart(once) for _ in range(turns)])
        return best, _own_mib(hosts)
    finally:
        await hosts.stop()


async def _turn_apart(once: Callable[[], Coroutine[Any, Any, None]]) -> float:
    took = []
    for _ in range(25):
        arrived = asyncio.Event()
        began = time.perf_counter()
        Fiber(once()).start().done.wait_with(arrived.set)
        await arrived.wait()
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.001)  # the state for the next one is made
    return sorted(took)[len(took) // 2] * 1e6


def _turn_within(script: Script) -> float:
    began = time.perf_counter()
    for _ in range(25):
        request, response = _parts()
        state = State(lambda _: Answer(b""), opens_libs=False)
        state.begin(request)
        if script.pre:
            state.run(script.pre, ())
        if script.post:
            state.answered(response)
            state.run(script.post, ())
        state.api.take_changes()
        state.close()
    return (time.perf_counter() - began) / 25 * 1e6


def _own_mib(hosts: Hosts) -> float:
    text = Path(f"/proc/{hosts._idle[0].pid}/smaps_rollup").read_text(encoding="ascii")
    lines = [line.split() for line in text.splitlines() if line.startswith(("Private_Clean", "Private_Dirty"))]
    return sum(int(line[1]) for line in lines) / 1024


if __name__ == "__main__":
    main()
