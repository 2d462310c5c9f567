"""Where the access log's text goes: standard output or a file, and Graylog beside it.

Knows places; does not know lines.
"""

import logging
import sys
from collections.abc import Callable

from crossgate.config.log_model import LogConfig
from crossgate.gateway.gelf import GelfSender
from crossgate.gateway.log_file import LogFile
from crossgate.gateway.standard_output import StandardOutput


class AccessOutlet:
    """The places of one process. `write` raises OSError where standard output has been closed."""

    def __init__(self, config: LogConfig, log: logging.Logger) -> None:
        """Raises OSError where the file cannot be opened."""
        self._file = LogFile(config.file, log) if config.file and config.access != "off" else None
        self._graylog = GelfSender(config.gelf) if config.gelf is not None else None
        self._stdout = None if self._file is not None or config.access == "off" else _standard_output(log)
        written = self._file or self._stdout
        self._write: Callable[[str], object] = _write_to_stdout if written is None else written.write

    @staticmethod
    def is_same(one: LogConfig, other: LogConfig) -> bool:
        """Whether both write to the same places."""
        return (one.file, one.gelf, one.access == "off") == (other.file, other.gelf, other.access == "off")

    def write(self, text: str) -> None:
        """Whole lines."""
        self._write(text)
        if self._graylog is not None:
            for line in text.removesuffix("\n").split("\n"):  # and nowhere else
                self._graylog.send(line)

    def reopen(self) -> None:
        """The file may have been moved away."""
        if self._file is not None:
            self._file.reopen()

    def close(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
        if self._stdout is not None:
            self._stdout.close()
        if self._graylog is not None:
            self._graylog.close()


def _standard_output(log: logging.Logger) -> StandardOutput | None:
    """None where something in this process stands in its place."""

    def tell(left_out: int) -> None:
        if left_out:
            log.warning("standard output is read again: %d lines of the access log were left out", left_out)
        else:
            log.warning("standard output is read too slowly: lines of the access log are left out")

    try:
        return StandardOutput(sys.stdout.fileno(), tell)
    except (AttributeError, OSError, ValueError):
        return None


def _write_to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
