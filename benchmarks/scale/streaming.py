"""One very long body through the gateway, both ways, with quick and slow readers; its checksum is compared."""

import http.client
import json
import time
import zlib
from collections.abc import Callable

from benchmarks.scale.body_source import BLOCK_BYTES, blocks, checksum

SLOW_BEGIN_SECONDS = 1.0
SLOW_PAUSE_SECONDS = 0.01  # after each MiB: at most 100 MB/s


def download(port: int, total_bytes: int, *, slowly: bool = False) -> None:
    """Raise AssertionError unless the whole body arrives as it was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", "/stream")
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        buffer = memoryview(bytearray(BLOCK_BYTES))
        value = received = 0
        if slowly:
            time.sleep(SLOW_BEGIN_SECONDS)
        while count := answer.readinto(buffer):
            received += count
            value = zlib.crc32(buffer[:count], value)
            if slowly:
                time.sleep(SLOW_PAUSE_SECONDS)
    finally:
        connection.close()
    assert received == total_bytes, (received, total_bytes)
    assert value == checksum(blocks(total_bytes)), "what arrived is not what was sent"


def download_slowly(port: int, total_bytes: int) -> None:
    """As `download`, by a reader that begins late and pauses after each MiB."""
    download(port, total_bytes, slowly=True)


def upload(port: int, total_bytes: int) -> None:
    """Raise AssertionError unless the backend gets the whole body as it was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/stream", blocks(total_bytes), {"Content-Length": str(total_bytes)})
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        told = json.loads(answer.read())
    finally:
        connection.close()
    assert told == {"bytes": total_bytes, "checksum": checksum(blocks(total_bytes))}, told


STREAMS: dict[str, Callable[[int, int], None]] = {
    "to a quick client": download,
    "to a slow client": download_slowly,
    "to the backend": upload,
}
