"""Where the gateway's own log lines go: standard error, or wherever the configuration says.

Knows places and levels; does not know who writes lines.
"""

import logging
import logging.handlers
import sys
from pathlib import Path

from crossgate.config.log_model import LogConfig
from crossgate.gateway.gelf import GelfHandler, GelfSender
from crossgate.gateway.log_forms import DEFAULT_FORMAT, GoForm, LogstashForm, OwnForm

LOGGER_NAME = "crossgate"
_SYSLOG = Path("/dev/log")
_NOTHING = LogConfig()


def configure_logging(*, debug: bool, cors_debug: bool, config: LogConfig = _NOTHING) -> logging.Logger:
    """The gateway's logger. `cors_debug` shows the `[CORS]` lines even where other debug lines are not shown."""
    logger = logging.getLogger(LOGGER_NAME)
    logger.propagate = False
    set_levels(logger, debug=debug, cors_debug=cors_debug, config=config)
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    form = form_of(config)
    for handler in _handlers(config):
        handler.setFormatter(form)
        logger.addHandler(handler)
    if config.gelf is not None:
        graylog = GelfHandler(GelfSender(config.gelf))
        graylog.setFormatter(GoForm("%{message}"))
        logger.addHandler(graylog)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger


def set_levels(logger: logging.Logger, *, debug: bool, cors_debug: bool, config: LogConfig) -> None:
    """What is written from now on. `debug` is the command line's word, and the last."""
    level = logging.DEBUG if debug else logging.getLevelNamesMapping()[config.level or "INFO"]
    logger.setLevel(level)
    logger.getChild("cors").setLevel(logging.DEBUG if cors_debug else level)


def writes_to_stderr(logger: logging.Logger) -> bool:
    """Whether lines of level INFO are seen by who looks at standard error."""
    handlers = [handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler)]
    return logger.isEnabledFor(logging.INFO) and any(handler.stream is sys.stderr for handler in handlers)


class SystemLog(logging.handlers.SysLogHandler):
    """The machine's. A line that it does not take at once is lost: no request waits for it."""

    def _connect_unixsocket(self, address: str) -> None:
        super()._connect_unixsocket(address)  # type: ignore[misc]
        self.socket.setblocking(False)  # type: ignore[attr-defined]

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 # the base's name
        """Others than that are told."""
        if not isinstance(sys.exception(), BlockingIOError):
            super().handleError(record)


def form_of(config: LogConfig) -> logging.Formatter:
    """The form of its lines."""
    if config.form == "crossgate":
        return OwnForm()
    if config.form == "logstash":
        return LogstashForm()
    if config.form == "custom" and config.custom_format:
        return GoForm(config.custom_format, config.prefix)
    return GoForm(DEFAULT_FORMAT, config.prefix)


def _handlers(config: LogConfig) -> list[logging.Handler]:
    handlers: list[logging.Handler] = []
    if config.stderr:
        handlers.append(logging.StreamHandler(sys.stderr))
    if config.stdout:
        handlers.append(logging.StreamHandler(sys.stdout))
    if config.syslog_facility and _SYSLOG.exists():
        handlers.append(SystemLog(str(_SYSLOG), facility=config.syslog_facility))
    elif config.syslog_facility and not handlers:
        handlers.append(logging.StreamHandler(sys.stderr))  # a machine without a system log: better there than nowhere
    return handlers
