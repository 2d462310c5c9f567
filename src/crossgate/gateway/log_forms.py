"""The forms of the gateway's own log lines: crossgate's, KrakenD's, Logstash's, and formats in go-logging's notation.

Source: op/go-logging `format.go`; krakend-gologging v2 `gologging.go` (DefaultPattern); krakend-logstash v2.
Secrets in URLs that a message shows are not written, whatever the form.
"""

import logging
import re
import socket
import time
from collections.abc import Callable
from datetime import datetime

import msgspec

from crossgate.http.secret_query import hide_secrets

DEFAULT_FORMAT = " %{time:2006/01/02 - 15:04:05.000} ▶ %{level:.6s} %{message}"
_MODULE = "KRAKEND"
_VERB = re.compile(r"%\{([a-z]+)(?::([^}]*))?\}")
_LAYOUT = re.compile(r"2006|01|02|15|04|05|\.0+|\.9+|-07:00|Z07:00|-0700|MST|Jan|Mon|PM|03|06")
_STRFTIME = {
    "2006": "%Y", "06": "%y", "01": "%m", "02": "%d", "15": "%H", "03": "%I", "04": "%M", "05": "%S", "PM": "%p",
    "Jan": "%b", "Mon": "%a", "MST": "%Z", "-0700": "%z",
}  # fmt: skip


class _Form(logging.Formatter):
    """What all forms have in common: messages without secrets, errors with what led to them."""

    def message(self, record: logging.LogRecord) -> str:
        message = hide_secrets(record.getMessage())
        if record.exc_info:
            message += "\n" + hide_secrets(self.formatException(record.exc_info))
        return message


class OwnForm(_Form):
    """crossgate's: the time in UTC, the level, the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        return f"{stamp}.{int(record.msecs):03d}Z {record.levelname} {self.message(record)}"


class GoForm(_Form):
    """A format in go-logging's notation. Colours are left out; so is what only Go has."""

    def __init__(self, text: str, prefix: str = "") -> None:
        super().__init__()
        self._prefix = prefix
        parts = _VERB.split(text)
        self._texts = parts[::3]
        self._verbs = [self._verb(name, option or "") for name, option in zip(parts[1::3], parts[2::3], strict=True)]

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        values = [verb(record) for verb in self._verbs]
        line = "".join([text + value for text, value in zip(self._texts, [*values, ""], strict=True)])
        return self._prefix + line

    def _verb(self, name: str, option: str) -> Callable[[logging.LogRecord], str]:
        if name == "time":
            return go_time(option or "2006-01-02T15:04:05.999Z-07:00")
        width = re.fullmatch(r"(-?\d*)(?:\.(\d+))?s?", option)
        padding, limit = (int(width[1] or 0) if width[1] != "-" else 0, width[2]) if width else (0, None)

        def shown(record: logging.LogRecord) -> str:
            text = self._text(name, record)
            text = text if limit is None else text[: int(limit)]
            return text.ljust(-padding) if padding < 0 else text.rjust(padding)

        return shown

    def _text(self, name: str, record: logging.LogRecord) -> str:
        if name == "message":
            return self.message(record)
        known = {"level": record.levelname, "module": _MODULE, "pid": str(record.process), "program": "crossgate"}
        return known.get(name, "")


def go_time(layout: str) -> Callable[[logging.LogRecord], str]:
    """A record's local time in a layout of Go's `time.Format`."""

    def shown(record: logging.LogRecord) -> str:
        local = datetime.fromtimestamp(record.created).astimezone()

        def piece(match: re.Match[str]) -> str:
            token = match[0]
            if token[0] == ".":
                digits = f"{local.microsecond:06d}"[: len(token) - 1].ljust(len(token) - 1, "0")
                return "." + digits
            if token in ("-07:00", "Z07:00"):
                return local.isoformat()[-6:]
            return local.strftime(_STRFTIME[token])

        return _LAYOUT.sub(piece, layout)

    return shown


class LogstashForm(_Form):
    """One JSON object a line, as Logstash reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._host = socket.gethostname()

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        local = datetime.fromtimestamp(record.created).astimezone()
        members = {
            "@version": 1,
            "@timestamp": local.isoformat(timespec="milliseconds"),
            "module": _MODULE,
            "host": self._host,
            "level": record.levelname,
            "message": self.message(record),
        }
        return msgspec.json.encode(members).decode("utf-8")
