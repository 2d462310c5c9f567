"""The profile, in small: each workload is answered in process, and calls are counted."""

import asyncio
import contextlib
import sys

import pytest
import uvloop

from benchmarks.gateway.workloads import BODY, WORKLOADS
from benchmarks.profile import __main__ as profile
from benchmarks.profile.null_gateway import Client, Upstream
from benchmarks.profile.sockets import asked, table


def test_each_workload_is_answered_right_and_its_calls_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profile, "ROUNDS", 1)
    few = [workload for workload in WORKLOADS if workload.can_be_paced]
    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(profile.profile(few, profile.row))
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines()]
    assert [row[0].removeprefix("| ") for row in rows] == [workload.name for workload in few]
    assert all(int(row[2]) > 10 for row in rows)
    assert sys.getprofile() is None


def test_what_neither_the_kernel_nor_the_gateway_takes_alone_is_what_remains() -> None:
    assert table({"plain": (40.0, 14.5)}, {"plain": 18.25}) == ["| plain | 40.0 | 14.5 | 18.2 | 7.2 |"]
    assert {"plain", "merge3", "preflight"} <= {workload.name for workload in asked(WORKLOADS)}


async def _null_gateway_answers(calls: int) -> bytes:
    loop = asyncio.get_running_loop()
    idle: list[Upstream] = []

    async def backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(BODY), BODY))
        writer.close()

    async with await asyncio.start_server(backend, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with await loop.create_server(lambda: Client(port, calls, idle), "127.0.0.1", 0) as gateway:
            reader, writer = await asyncio.open_connection("127.0.0.1", gateway.sockets[0].getsockname()[1])
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(len(BODY)) if calls else b""
            assert len(idle) == calls
            writer.close()
            await writer.wait_closed()
            for upstream in idle:
                upstream.transport.close()
            while idle:  # they go as their connections end
                await asyncio.sleep(0)
    return head + body


def test_a_gateway_that_does_nothing_passes_an_answer_on_once_all_backends_have_given_it() -> None:
    assert uvloop.run(_null_gateway_answers(0)).startswith(b"HTTP/1.1 204 ")
    for calls in (1, 3):
        assert uvloop.run(_null_gateway_answers(calls)).endswith(BODY)
