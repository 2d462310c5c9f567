"""The bytes of a file, or of standard input. Knows how large a configuration may be; nothing of what it means."""

import errno
import sys
from collections.abc import Callable
from pathlib import Path

MAX_FILE_BYTES = 64 * 1024 * 1024
STANDARD_INPUT = "/dev/stdin"


def read_bytes(path: str) -> bytes:
    """All of it. Raises OSError, also for what is larger than MAX_FILE_BYTES, and ValueError for what is no path."""
    if path == STANDARD_INPUT:
        # Not opened by its name: that fails where it is a socket, as a parent may have made it.
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    else:
        with Path(path).open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, f"it is larger than {MAX_FILE_BYTES} bytes")
    return data


class NotedFiles:
    """A way to read files that notes which were asked for, and how often any was."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.read: dict[str, None] = {}
        self.count = 0

    def __call__(self, path: str) -> bytes:
        """What `read` gives or raises."""
        self.count += 1
        self.read[path] = None
        return self._read(path)
