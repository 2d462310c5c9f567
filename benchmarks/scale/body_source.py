"""A backend of one very long body: `python body_source.py PORT BYTES`.

GET gives it; POST takes one and tells its length and checksum. Every block is different, so that one that is lost,
doubled or out of its place changes the checksum.
"""

import json
import random
import socketserver
import sys
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

BLOCK_BYTES = 1 << 20
_NOISE = random.Random(7).randbytes(BLOCK_BYTES)


def blocks(total_bytes: int) -> Iterator[bytes]:
    """The body."""
    for begin in range(0, total_bytes, BLOCK_BYTES):
        yield (begin.to_bytes(8, "big") + _NOISE[8:])[: total_bytes - begin]


def checksum(pieces: Iterator[bytes]) -> int:
    """Of all the pieces as one."""
    value = 0
    for piece in pieces:
        value = zlib.crc32(piece, value)
    return value


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    total_bytes = 0

    def do_GET(self) -> None:
        self._begin(self.total_bytes)
        for block in blocks(self.total_bytes):
            self.wfile.write(block)

    def do_POST(self) -> None:
        left = length = int(self.headers["Content-Length"])
        value = 0
        while left:
            piece = self.rfile.read(min(left, BLOCK_BYTES))
            if not piece:
                return
            left -= len(piece)
            value = zlib.crc32(piece, value)
        told = json.dumps({"bytes": length, "checksum": value}).encode()
        self._begin(len(told))
        self.wfile.write(told)

    def _begin(self, length: int) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(length))
        self.end_headers()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if __name__ == "__main__":
    _Handler.total_bytes = int(sys.argv[2])
    with _Server(("127.0.0.1", int(sys.argv[1])), _Handler) as server:
        server.serve_forever()
