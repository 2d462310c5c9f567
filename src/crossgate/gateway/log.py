"""Where the gateway's own log lines go: standard error, one line each, in UTC.

Knows the form of a line; does not know who writes them.
"""

import logging
import sys
import time

LOGGER_NAME = "crossgate"


class _UtcFormatter(logging.Formatter):
    @staticmethod
    def converter(seconds: float | None) -> time.struct_time:
        return time.gmtime(seconds)


def configure_logging(*, debug: bool, cors_debug: bool) -> logging.Logger:
    """The gateway's logger. `cors_debug` shows the `[CORS]` lines even where other debug lines are not shown."""
    logger = logging.getLogger(LOGGER_NAME)
    logger.propagate = False
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    logger.getChild("cors").setLevel(logging.DEBUG if debug or cors_debug else logging.INFO)
    logger.handlers.clear()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_UtcFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S"))
    logger.addHandler(handler)
    return logger
