"""What a service manager (systemd) is told of the gateway's state, where there is one that wants to know.

Source: sd_notify(3). Knows the protocol; does not know when what happens.
"""

import contextlib
import socket
import time
from collections.abc import Mapping


class ServiceManager:
    """The manager that NOTIFY_SOCKET names; without it nobody is told anything."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        name = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the zero byte that names in the abstract namespace begin with.
        self._address = "\0" + name[1:] if name.startswith("@") else name

    def ready(self, status: str) -> None:
        """Requests are served: from the start, or again after a reload."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The configuration is being read anew. `ready` follows, whatever comes of it."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._tell("RELOADING=1", f"MONOTONIC_USEC={microseconds}", "STATUS=reloading")

    def stopping(self) -> None:
        """No more requests are wanted."""
        self._tell("STOPPING=1", "STATUS=requests in flight finish")

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.sendto("\n".join(lines).encode(), self._address)
