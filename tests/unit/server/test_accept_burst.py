"""Connections that pile up are taken at once; a few are left to the event loop."""

import asyncio
import socket
from collections.abc import Iterator

import pytest

from crossgate.server.accept_burst import FEW, AcceptBurst
from tests.support.dataplane import live

CLIENTS = 40


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=CLIENTS) as listening:
        listening.setblocking(False)
        yield listening


class Taken(asyncio.Protocol):
    """Counts."""

    count = 0
    all_came: asyncio.Event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        Taken.count += 1
        transport.close()
        if Taken.count == CLIENTS:
            Taken.all_came.set()


def clients(listener: socket.socket) -> list[socket.socket]:
    return [socket.create_connection(listener.getsockname()) for _ in range(CLIENTS)]


@live
async def test_all_that_wait_are_taken_once_several_have_come(listener: socket.socket) -> None:
    Taken.count, Taken.all_came = 0, asyncio.Event()
    connected = clients(listener)
    burst = AcceptBurst(asyncio.get_running_loop(), Taken)
    burst.listen(listener)
    for _ in range(FEW + 1):
        burst.came()
    await Taken.all_came.wait()
    with pytest.raises(BlockingIOError):
        listener.accept()
    for client in connected:
        client.close()


@live
async def test_a_few_between_two_ticks_are_left_to_the_event_loop(listener: socket.socket) -> None:
    Taken.count = 0
    connected = clients(listener)
    burst = AcceptBurst(asyncio.get_running_loop(), Taken)
    burst.listen(listener)
    for _ in range(3):
        for _ in range(FEW):
            burst.came()
        burst.tick()
    for _ in range(10):
        await asyncio.sleep(0)
    taken, _ = listener.accept()  # nobody was taken: the first is still there
    taken.close()
    assert Taken.count == 0
    for client in connected:
        client.close()


@live
async def test_none_is_taken_any_more_after_the_stop(listener: socket.socket) -> None:
    Taken.count = 0
    connected = clients(listener)
    burst = AcceptBurst(asyncio.get_running_loop(), Taken)
    burst.listen(listener)
    for _ in range(FEW + 1):
        burst.came()
    burst.stop()
    for _ in range(10):
        await asyncio.sleep(0)
    assert Taken.count == 0
    for client in connected:
        client.close()
