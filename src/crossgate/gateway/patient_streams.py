"""`sys.stdout` and `sys.stderr` of a gateway that serves: whoever writes there never waits for a reader.

That is the gateway's own log, what it says of mistakes in a configuration, and what plugins print. Does not know who
writes what.
"""

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any, Self

from crossgate.gateway.standard_output import StandardOutput

RETRY_SECONDS = 0.1
"""How soon a process without an event loop tries again to write what waits."""


class PatientStream:
    """Stands for a stream that has a descriptor, and is like it in everything but writing.

    Lines go at once; what follows the last line's end waits for `flush`.
    """

    def __init__(self, stream: Any, name: str, log: logging.Logger) -> None:
        """Raises AttributeError, OSError or ValueError where the stream has no descriptor."""

        def tell(left_out: int) -> None:
            if left_out:  # before, there is no use in saying it here
                log.warning("standard %s is read again: %d lines were left out", name, left_out)

        self._stream = stream
        self.output = StandardOutput(stream.fileno(), tell)
        self._rest = ""
        self._lock = threading.RLock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Raises OSError where nobody reads any more."""
        with self._lock:
            lines, end, self._rest = (self._rest + text).rpartition("\n")
        if end:
            self.output.write(_encodable(lines + end))
        return len(text)

    def writelines(self, texts: Any) -> None:
        """One after another."""
        for text in texts:
            self.write(text)

    def flush(self) -> None:
        """Does not wait for a reader either."""
        with self._lock:
            rest, self._rest = self._rest, ""
        if rest:
            self.output.write(_encodable(rest))

    def forget(self) -> None:
        """In a process that was forked: what waits is its parent's to write."""
        self._lock, self._rest = threading.RLock(), ""
        self.output.forget()


class PatientStreams:
    """Both, in the place of this process's own until the end of the block."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._patient: list[PatientStream] = []

    def __enter__(self) -> Self:
        self._before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._instead_of(sys.stdout, "output"), self._instead_of(sys.stderr, "error")
        return self

    def __exit__(self, *_: object) -> None:
        sys.stdout, sys.stderr = self._before
        self.linger()

    def linger(self) -> None:
        """What waits has a moment more. Nothing is closed: threads of plugins may still have something to say."""
        for stream in self._patient:
            with contextlib.suppress(OSError):
                stream.flush()
            stream.output.linger()

    def catch_up(self) -> bool:
        """Write as far as there is room; whether something waits still."""
        still = [stream.output.catch_up() for stream in self._patient]  # of each
        return any(still)

    @contextlib.contextmanager
    def of_child(self) -> Iterator[None]:
        """In a process that was forked, until its end."""
        for stream in self._patient:
            stream.forget()
        try:
            yield
        finally:
            self.linger()

    def _instead_of(self, stream: Any, name: str) -> Any:
        try:
            stream.flush()
            patient = PatientStream(stream, name, self._log)
        except (AttributeError, OSError, ValueError):  # closed, or something in this process
            return stream
        self._patient.append(patient)
        return patient


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
