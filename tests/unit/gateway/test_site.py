"""What an operator is told of a reload that does not take everything."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from crossgate.config.log_model import GelfConfig, LogConfig
from crossgate.config.model import ServiceConfig
from crossgate.gateway.generation import ServeOptions
from crossgate.gateway.site import Site
from crossgate.gateway.source import Source


@pytest.mark.parametrize(
    ("changed", "is_told"),
    [
        ({"stdout": True, "stderr": False}, True),
        ({"form": "logstash"}, True),
        ({"prefix": "[A]"}, True),
        ({"gelf": GelfConfig("127.0.0.1", 1)}, True),
        ({"level": "ERROR", "access": "json", "file": "a.log"}, False),
    ],
)
def test_a_reload_that_wants_the_gateways_lines_elsewhere_says_that_they_stay(
    changed: dict[str, Any], is_told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    before = ServiceConfig(3, log=LogConfig())
    Site(Source("a.json", {}), ServeOptions(), {}, logging.getLogger("test")).tell_what_stays(
        before, replace(before, log=replace(before.log, **changed))
    )
    assert [record.getMessage() for record in caplog.records] == (
        ["the gateway's own log lines go on as they are: another place or form for them needs a restart"]
        if is_told
        else []
    )
