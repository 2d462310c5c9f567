"""A log file that is opened anew when it was moved away. Does not know what is written to it."""

import contextlib
import logging
import os

_LINE_END = 0x0A


class LogFile:
    """Appends text to a file. Writes of several processes to one file do not mix: each is one append.

    A write that fails (a full disk) loses what it was to write, no more: what is written next begins a line of its own.
    `log` hears of the first in a row.
    """

    def __init__(self, path: str, log: logging.Logger) -> None:
        """Raises OSError where it cannot be opened."""
        self._path = path
        self._log = log
        self._failing = self._is_torn = False
        self._descriptor = self._open()

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

    def write(self, text: str) -> None:
        """Append it."""
        data = text.encode("utf-8", "surrogateescape")
        if self._is_torn:
            data = b"\n" + data
        try:
            while data:
                taken = os.write(self._descriptor, data)
                self._is_torn = data[taken - 1] != _LINE_END
                data = data[taken:]
        except OSError as error:
            if not self._failing:
                self._log.error("cannot write to %s: %s", self._path, error.strerror or error)
            self._failing = True
        else:
            self._failing = False

    def reopen(self) -> None:
        """Go on in the file that has the name now; in the old one where that cannot be opened."""
        try:
            fresh = self._open()
        except OSError as error:
            self._log.error("cannot open %s anew: %s", self._path, error.strerror or error)
            return
        old, self._descriptor, self._is_torn = self._descriptor, fresh, False
        os.close(old)

    def close(self) -> None:
        """No more is written."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)
