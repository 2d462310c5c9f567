"""What holds for all tests."""

import logging
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.unexplained import every_refusal_has_a_reason

__all__ = ["every_refusal_has_a_reason"]

# Each run tries the same examples, so that a failure is a change's and not the day's; CROSSGATE_RANDOM=1 looks for new
# ones. A slow machine is no fault.
settings.register_profile(
    "crossgate",
    derandomize=os.environ.get("CROSSGATE_RANDOM") != "1",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("crossgate")


@pytest.fixture(autouse=True)
def _lines_reach_the_next_test_too() -> Iterator[None]:
    """What a test, or a command that it runs in this process, makes of the package's logger ends with it."""
    logger = logging.getLogger("crossgate")
    level, propagates, handlers = logger.level, logger.propagate, list(logger.handlers)
    yield
    for handler in logger.handlers:
        if handler not in handlers:
            handler.close()
    logger.handlers[:] = handlers
    logger.propagate = propagates
    logger.setLevel(level)
