"""Processes for scripts: ended when they take too much, replaced, and nobody else's trouble."""

import asyncio
import os
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
import uvloop

from crossgate.flow.fiber import Cancelled, Fiber, Flow
from crossgate.lua import host, hosts
from crossgate.lua.hosts import Hosts, HostsGoneError
from crossgate.lua.session import DIED, TOOK_TOO_LONG, ScriptFailedError, Session
from crossgate.lua.wire import Answer, Ask, Changes, RequestParts, ResponseParts, Script

QUICK = Script((), b"local r = request.load(); r:headers('X-Out', r:method())", b"", False, False)


def request() -> RequestParts:
    return RequestParts(False, b"GET", b"/", b"", b"", {}, {}, [])


async def fetched(ask: Ask) -> Answer:
    return Answer(b"{}" if ask.what == "data" else b"body")


async def settled(fiber: "Fiber[Any]") -> Any:
    """The result of a fiber, awaited as a task of the loop."""
    arrived = asyncio.Event()
    fiber.done.wait_with(arrived.set)
    await arrived.wait()
    return fiber.done.result()


async def run(pool: Hosts, script: Script, fetch: Callable[[Ask], Flow[Answer]] = fetched) -> Changes:
    session = Session(pool, pool.key_of(script), script, fetch)

    async def ran() -> Changes:
        try:
            return await session.begin(request())
        finally:
            session.close()

    result: Changes = await settled(Fiber(ran()).start())
    return result


def with_hosts(test: Callable[[Hosts], Coroutine[Any, Any, None]]) -> None:
    async def main() -> None:
        pool = Hosts()
        await pool.start()
        try:
            async with asyncio.timeout(60):
                await test(pool)
        finally:
            await pool.stop()

    uvloop.run(main())


HOSTILE = {
    "loop": b"while true do end",
    "loop in pcall": b"while true do pcall(function() while true do end end) end",
    "loop in a coroutine": b"coroutine.wrap(function() while true do end end)()",
    "loop in many coroutines": b"while true do coroutine.wrap(function() end)() end",
    "pattern": b"string.find(('a'):rep(300), ('a?'):rep(300) .. ('a'):rep(300) .. 'b')",
    "gsub": b"while true do (('a'):rep(1e5)):gsub('a', 'b') end",
    "sort": b"table.sort({1, 2, 3, 4}, function() while true do end end)",
    "metamethod": b"local t = setmetatable({}, {__index = function(t, k) while true do end end}) local x = t.a",
    "gc": b"local p = newproxy(true) getmetatable(p).__gc = function() while true do end end p = nil collectgarbage()",
    "format": b"while true do string.format('%99d', 1) end",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_script_that_does_not_end_is_ended_and_the_next_one_runs(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(pool: Hosts) -> None:
        with pytest.raises(ScriptFailedError) as caught:
            await run(pool, Script((), HOSTILE[name], b"", False, True))
        assert str(caught.value) == TOOK_TOO_LONG
        assert (await run(pool, QUICK)).headers == [(b"X-Out", b"GET")]

    monkeypatch.setenv(host.CPU_VARIABLE, "0.2")
    with_hosts(test)


async def all_idle(pool: Hosts) -> list[int]:
    """The hosts, once none of them has anything to do."""
    while pool._forking or len(pool._idle) < len(pool._hosts):
        await asyncio.sleep(0)
    return [one.pid for one in pool._hosts]


LEFT_BEHIND = {
    "loop": b"local p = newproxy(true) getmetatable(p).__gc = function() while true do end end",
    "loop of a file": b"getmetatable(io.stdout).__gc = function() while true do end end",
    "globals": b"setmetatable(_G, {__index = error, __newindex = error})",
}


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_a_script_leaves_to_be_run_at_its_end_meets_no_other_request(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(pool: Hosts) -> None:
        for _ in range(3):
            await run(pool, Script((), LEFT_BEHIND[name], b"local x", False, True))
            assert (await run(pool, QUICK)).headers == [(b"X-Out", b"GET")]

    monkeypatch.setenv(host.CPU_VARIABLE, "0.2")
    with_hosts(test)


def test_a_host_keeps_nothing_of_the_requests_before() -> None:
    """Python and Lua hold on to each other unless a state is ended."""

    def pages(pid: int) -> int:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])

    async def test(pool: Hosts) -> None:
        script = Script((), b"kept = ('x'):rep(100000)", b"", False, True)
        for _ in range(50):
            await run(pool, script)
        before = {pid: pages(pid) for pid in await all_idle(pool)}
        for _ in range(300):
            await run(pool, script)
        grown = [pages(pid) - before[pid] for pid in await all_idle(pool) if pid in before]
        assert grown
        assert sum(grown) * 4096 < 10_000_000  # 300 states with 100 kB each would be 30 MB

    with_hosts(test)


def test_a_script_whose_request_is_over_is_killed_where_it_is() -> None:
    async def test(pool: Hosts) -> None:
        script = Script((), b"while true do end", b"", False, False)
        session = Session(pool, pool.key_of(script), script, fetched)
        fiber = Fiber(session.begin(request())).start()
        while session._host is None:
            await asyncio.sleep(0)
        pid = session._host.pid
        fiber.cancel()
        session.close()
        with pytest.raises(Cancelled):
            await settled(fiber)
        await run(pool, QUICK)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)

    with_hosts(test)


def test_innocent_requests_beside_a_loop_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(pool: Hosts) -> None:
        loops = [asyncio.create_task(run(pool, Script((), b"while true do end", b"", False, False))) for _ in range(3)]
        answers = await asyncio.gather(*[run(pool, QUICK) for _ in range(30)])
        assert all(answer.headers == [(b"X-Out", b"GET")] for answer in answers)
        ended = await asyncio.gather(*loops, return_exceptions=True)
        assert [str(one) for one in ended] == [TOOK_TOO_LONG] * 3

    monkeypatch.setenv(host.CPU_VARIABLE, "0.2")
    with_hosts(test)


@pytest.mark.parametrize(
    "script",
    [
        b"local s = ('x'):rep(4e7) request.load():body(s) request.load():headers('A', s) print(s .. s)",
        b"local l = {} for i = 1, 40 do l[i] = luaList.new(); l[i]:set(999999, 1) end",
        b"for i = 1, 60 do request.load():headers('X-' .. i, ('x'):rep(3e7)) end",
    ],
)
def test_what_a_script_makes_outside_of_lua_is_bounded_too(script: bytes) -> None:
    async def test(pool: Hosts) -> None:
        (ended,) = await asyncio.gather(run(pool, Script((), script, b"", False, True)), return_exceptions=True)
        if not isinstance(ended, Changes):  # it may have been just possible
            assert str(ended).startswith(("not enough memory", DIED))
        assert (await run(pool, QUICK)).headers == [(b"X-Out", b"GET")]

    with_hosts(test)


def test_more_requests_than_hosts_wait_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(pool: Hosts) -> None:
        running = most = 0

        async def slowly(_ask: Ask) -> Answer:
            nonlocal running, most
            running += 1
            most = max(most, running)
            running -= 1
            return Answer(b"x")

        script = Script((), b"request.load():body()", b"", False, False)
        await asyncio.gather(*[run(pool, script, slowly) for _ in range(40)])
        assert pool._alive <= 2
        assert not pool._waiting

    monkeypatch.setattr(hosts, "MAX_HOSTS", 2)
    with_hosts(test)


def test_a_host_that_dies_is_replaced() -> None:
    async def test(pool: Hosts) -> None:
        await run(pool, QUICK)
        for one in list(pool._idle):
            os.kill(one.pid, signal.SIGKILL)
        for _ in range(3):
            with_luck = await asyncio.gather(run(pool, QUICK), return_exceptions=True)
            if not isinstance(with_luck[0], BaseException):
                break
        assert (await run(pool, QUICK)).headers == [(b"X-Out", b"GET")]

    with_hosts(test)


def test_what_makes_hosts_is_begun_anew_when_it_dies() -> None:
    async def test(pool: Hosts) -> None:
        await run(pool, QUICK)
        process = pool._process
        assert process is not None
        process.kill()
        await asyncio.get_running_loop().run_in_executor(None, process.wait)
        while True:
            try:
                answer = await run(pool, QUICK)
            except (HostsGoneError, ScriptFailedError):
                continue
            break
        assert answer.headers == [(b"X-Out", b"GET")]

    with_hosts(test)


def test_nothing_is_left_when_the_hosts_are_stopped() -> None:
    pids: list[int] = []

    async def test(pool: Hosts) -> None:
        await asyncio.gather(*[run(pool, QUICK) for _ in range(8)])
        process = pool._process
        assert process is not None
        pids.extend([process.pid, *[one.pid for one in pool._hosts]])

    with_hosts(test)
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_pre_and_post_of_a_request_share_a_state_and_requests_do_not() -> None:
    script = Script(
        (), b"count = (count or 0) + 1", b"response.load():headers('X', tostring(count)); count = 7", False, False
    )

    async def test(pool: Hosts) -> None:
        async def both() -> Changes:
            session = Session(pool, pool.key_of(script), script, fetched)
            try:
                await session.begin(request())
                return await session.go_on(ResponseParts(True, 0, [], b"{}"))
            finally:
                session.close()

        for _ in range(5):
            changes = await settled(Fiber(both()).start())
            assert changes.response_headers == [(b"X", b"1")]

    with_hosts(test)


def test_a_request_given_up_between_pre_and_post_leaves_nothing_to_the_next_one() -> None:
    script = Script((), b"request.load():headers('X', tostring(kept)); kept = 1", b"local x", False, False)

    async def test(pool: Hosts) -> None:
        for _ in range(4):
            assert (await run(pool, script)).headers == [(b"X", b"nil")]

    with_hosts(test)
