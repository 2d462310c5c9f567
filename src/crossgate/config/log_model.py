"""What a file says about logs, as values. Does not know how a line is written."""

from dataclasses import dataclass
from typing import Literal

LogForm = Literal["crossgate", "default", "logstash", "custom", "json"]


@dataclass(frozen=True, slots=True)
class GelfConfig:
    """A Graylog input: UDP, or TCP with frames that end in a NUL."""

    host: str
    port: int
    tcp: bool = False


@dataclass(frozen=True, slots=True)
class LogConfig:
    """Where lines go and what they look like.

    The gateway's own lines: `level` is one of logging's names, empty for the default; `form` "crossgate" is the form
    they have where nobody configures one, and then they go to standard error. `stdout`, `syslog_facility` (empty: none)
    and `gelf` are where they go otherwise. `custom_format` is in the notation of go-logging.

    The access log: `access` is "gin", "json", "off" or a format with `{names}`. It goes to `file` (empty: standard
    output), and to `gelf` as well. `request_id_header` empty: requests have no id.
    """

    level: str = ""
    form: LogForm = "crossgate"
    custom_format: str = ""
    prefix: str = ""
    stderr: bool = True
    stdout: bool = False
    syslog_facility: str = ""
    gelf: GelfConfig | None = None
    access: str = "gin"
    file: str = ""
    request_id_header: str = ""

    @property
    def own_lines(self) -> tuple[object, ...]:
        """Where the gateway's own lines go and what they look like; equal where that is the same."""
        return (
            self.form, self.custom_format, self.prefix, self.stderr, self.stdout, self.syslog_facility, self.gelf
        )  # fmt: skip
