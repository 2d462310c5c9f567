"""Standard output that is read slowly, not at all, or not any more."""

import asyncio
import os
import socket
from collections.abc import Callable

import pytest

from crossgate.gateway.standard_output import MAX_WAITING_BYTES, StandardOutput

LINE = "x" * 99 + "\n"


def pipe() -> tuple[int, int]:
    return os.pipe()


def stream() -> tuple[int, int]:
    reader, writer = socket.socketpair()
    return reader.detach(), writer.detach()


async def all_of(reader: int, byte_count: int) -> bytes:
    """So many bytes, read while the loop goes on."""
    found = b""
    os.set_blocking(reader, False)
    while len(found) < byte_count:
        try:
            found += os.read(reader, 65536)
        except BlockingIOError:
            await asyncio.sleep(0)
    return found


@pytest.mark.parametrize("place", [pipe, stream])
def test_what_a_slow_reader_does_not_take_waits_and_comes_whole(place: Callable[[], tuple[int, int]]) -> None:
    reader, writer = place()
    told: list[int] = []

    async def run() -> bytes:
        output = StandardOutput(writer, told.append)
        for _ in range(20):
            output.write(LINE * 1000)  # much more than any pipe holds: this would wait for ever
        text = await all_of(reader, 20 * 1000 * len(LINE))
        output.close()
        return text

    assert asyncio.run(run()) == LINE.encode() * 20000
    assert told == []
    assert os.get_blocking(writer)  # others who have it open see nothing of it


def test_what_nobody_reads_is_bounded_and_its_lines_are_counted() -> None:
    reader, writer = pipe()
    told: list[int] = []

    async def run() -> bytes:
        output = StandardOutput(writer, told.append)
        kept = 0
        while not told:
            output.write(LINE * 1000)
            kept += 1000
        output.write(LINE * 1000)
        assert kept * len(LINE) <= MAX_WAITING_BYTES + 4 * 1024 * 1024
        text = await all_of(reader, (kept - 1000) * len(LINE))
        output.close()
        return text

    text = asyncio.run(run())
    assert not text.replace(LINE.encode(), b"")
    assert told == [0, 2000]


def test_a_line_longer_than_a_piece_is_whole() -> None:
    reader, writer = pipe()
    text = "y" * 300_000 + "\n" + LINE

    async def run() -> bytes:
        output = StandardOutput(writer, print)
        output.write(text)
        found = await all_of(reader, len(text))
        output.close()
        return found

    assert asyncio.run(run()) == text.encode()


def test_a_reader_that_goes_away_while_lines_wait_is_told_with_the_next_line() -> None:
    reader, writer = pipe()

    async def run() -> None:
        output = StandardOutput(writer, print)
        output.write(LINE * 10_000)
        os.close(reader)
        for _ in range(10):
            await asyncio.sleep(0)
        with pytest.raises(BrokenPipeError):
            output.write(LINE)
        output.close()

    asyncio.run(run())
