"""The fixture that pytest finds by itself where crossgate is installed. Knows pytest; costs nothing until it is asked
for."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from crossgate.testing.gateway import Gateway

OPTION = "crossgate_config"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which configuration is tested."""
    parser.addini(OPTION, "the configuration that crossgate_gateway is built from", default="krakend.json")


@pytest.fixture
def crossgate_gateway(request: pytest.FixtureRequest) -> "Iterator[Gateway]":
    """A gateway for one test, on a stand without sockets: see crossgate.testing.Gateway.

    It is built from the file that `crossgate_config` names in pytest's configuration, relative to that (krakend.json);
    where the fixture is parametrized (`indirect=True`), from the parameter: such a file, or a configuration.
    """
    from crossgate.testing.gateway import Gateway

    given = getattr(request, "param", None) or str(request.config.getini(OPTION))
    with Gateway(given if isinstance(given, Mapping) else request.config.rootpath / given) as gateway:
        yield gateway
