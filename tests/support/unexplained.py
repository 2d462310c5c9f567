"""What a gateway refuses without saying why: a fixture that fails the test in which that happens.

Hears what gateways inside the tests' process say of themselves; those in processes of their own are read by
`tests.support.process`. What a backend answered is the backend's to explain.
"""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from crossgate.server.context import WITHOUT_REASON

SAID = "without a reason code"
assert SAID in WITHOUT_REASON


@pytest.fixture(autouse=True)
def every_refusal_has_a_reason() -> Iterator[list[str]]:
    """The refusals that had none, which have to be none at the end; a test of this fixture may take them away."""
    unexplained: list[str] = []
    make = logging.getLogRecordFactory()

    def noting(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = make(*arguments, **more)
        if record.msg == WITHOUT_REASON:
            unexplained.append(record.getMessage())
        return record

    logging.setLogRecordFactory(noting)
    yield unexplained
    logging.setLogRecordFactory(make)
    assert unexplained == [], "refused without a reason code"
