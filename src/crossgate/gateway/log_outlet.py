"""Where the access log's text goes: standard output or a file, and Graylog beside it.

Knows places; does not know lines.
"""

import logging
import sys
from collections.abc import Callable

from crossgate.config.log_model import LogConfig
from crossgate.gateway.gelf import GelfSender
from crossgate.gateway.log_file import LogFile


class AccessOutlet:
    """The places of one process. `write` raises OSError where standard output has been closed."""

    def __init__(self, config: LogConfig, log: logging.Logger) -> None:
        """Raises OSError where the file cannot be opened."""
        self._file = LogFile(config.file, log) if config.file and config.access != "off" else None
        self._graylog = GelfSender(config.gelf) if config.gelf is not None else None
        self._write: Callable[[str], object] = self._file.write if self._file is not None else _write_to_stdout

    @staticmethod
    def is_same(one: LogConfig, other: LogConfig) -> bool:
        """Whether both write to the same places."""
        return (one.file, one.gelf, one.access == "off") == (other.file, other.gelf, other.access == "off")

    def write(self, text: str) -> None:
        """Whole lines."""
        self._write(text)
        if self._graylog is not None:
            for line in text.splitlines():
                self._graylog.send(line)

    def reopen(self) -> None:
        """The file may have been moved away."""
        if self._file is not None:
            self._file.reopen()

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
        if self._graylog is not None:
            self._graylog.close()


def _write_to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
