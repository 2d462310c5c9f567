"""A log file on a disk that is full for a while."""

import errno
import json
import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from crossgate.gateway.log_file import LogFile
from crossgate.gateway.standard_output import StandardOutput


def a_disk_with(room: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """`room` has the bytes that it takes yet."""
    write: Callable[[int, bytes], int] = os.write

    def into_room(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(descriptor, bytes(data[: room[0]]))
        room[0] -= taken
        return taken

    monkeypatch.setattr(os, "write", into_room)


def test_a_line_that_found_no_room_spoils_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, room = tmp_path / "log", [13]
    file = LogFile(str(path), logging.getLogger("test"))
    a_disk_with(room, monkeypatch)
    file.write('{"n":1}\n')
    file.write('{"n":2}\n')
    room[0] = 1000
    file.write('{"n":3}\n')
    file.write('{"n":4}\n')
    file.close()
    first, torn, *others = path.read_text().splitlines()
    assert json.loads(first) == {"n": 1}
    assert torn == '{"n":'
    assert list(map(json.loads, others)) == [{"n": 3}, {"n": 4}]


def test_standard_output_on_a_full_disk_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, room = tmp_path / "log", [13]
    with path.open("wb") as file:
        output = StandardOutput(file.fileno(), print)
        a_disk_with(room, monkeypatch)
        output.write('{"n":1}\n')
        output.write('{"n":2}\n')
        room[0] = 1000
        output.write('{"n":3}\n')
        output.close()
    assert [json.loads(line)["n"] for line in path.read_text().splitlines()] == [1, 2, 3]
