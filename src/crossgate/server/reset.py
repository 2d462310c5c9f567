"""What makes the end of a connection one that its client cannot take for a proper end. Ends nothing itself."""

import asyncio
import contextlib
import socket
import struct

_AT_ONCE = struct.pack("ii", 1, 0)


def end_with_reset(transport: asyncio.Transport) -> None:
    """Have it reset the connection once it is aborted; what was not sent is lost then."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
