"""The access log: one line a response, in the form that KrakenD users know (gin's).

Lines are gathered and written together, since a write per request would cost more than answering it. Does not know
where lines go or what time it is: both are passed in.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from crossgate.golang.duration import format_duration
from crossgate.http.printable import printable

MAX_PENDING_LINES = 512

_METHODS = {
    method: f"{method.decode():<7}" for method in (b"DELETE", b"GET", b"HEAD", b"OPTIONS", b"PATCH", b"POST", b"PUT")
}


class AccessLog:
    """Gathers lines until `flush`, or until MAX_PENDING_LINES wait.

    A reader that has gone away (a closed pipe) ends the log, not the gateway: `on_lost` is told once.
    """

    __slots__ = ("_now", "_on_lost", "_pending", "_second", "_skipped", "_stamp", "_write")

    def __init__(
        self,
        write: Callable[[str], object],
        now: Callable[[], float],
        skipped_paths: tuple[str, ...],
        on_lost: Callable[[OSError], object],
    ) -> None:
        self._write: Callable[[str], object] | None = write
        self._on_lost = on_lost
        self._now = now  # seconds since the epoch
        self._skipped = frozenset(path.encode() for path in skipped_paths)
        self._pending: list[str] = []
        self._second = -1
        self._stamp = ""

    def record(
        self, *, method: bytes, path: bytes, query: bytes | None, client: str, status: int, seconds: float
    ) -> None:
        """One response was written."""
        if self._write is None or path in self._skipped:
            return
        second = int(self._now())
        if second != self._second:
            self._second = second
            self._stamp = datetime.fromtimestamp(second, UTC).strftime("%Y/%m/%d - %H:%M:%S")
        target = path if query is None else b"%b?%b" % (path, query)
        latency = format_duration(int(seconds * 1e9))
        verb = _METHODS.get(method) or f"{printable(method):<7}"
        self._pending.append(
            f'[GIN] {self._stamp} | {status:3d} | {latency:>13} | {client:>15} | {verb}  "{printable(target)}"\n'
        )
        if len(self._pending) >= MAX_PENDING_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what was gathered."""
        if self._pending and self._write is not None:
            lines, self._pending = "".join(self._pending), []
            try:
                self._write(lines)
            except OSError as error:
                self._write = None
                self._on_lost(error)
