"""Whose connections are counted together where one client may have so many."""

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.server.serve import Server


class Connected:
    """As much of a connection as is counted."""

    def __init__(self, peer_host: str) -> None:
        self.peer_host = peer_host


@pytest.mark.parametrize(
    ("hosts", "admitted"),
    [
        (["192.0.2.1", "192.0.2.1", "192.0.2.2"], [True, False, True]),
        (["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::", "2001:db8:0:1::1"], [True, False, False, True]),
        (["fe80::1%eth0", "fe80::1%eth1"], [True, False]),
    ],
)
def test_connections_are_counted_by_client_and_of_ipv6_by_network(hosts: list[str], admitted: list[bool]) -> None:
    async def scenario() -> None:
        limits = LimitsConfig(max_connections_per_client=1)
        application: Any = SimpleNamespace()
        server = Server(application, limits, Timers(lambda: 0.0), logging.getLogger("t"), lambda: 0.0)
        connections: list[Any] = [Connected(host) for host in hosts]
        assert [server.admit(connection) is None for connection in connections] == admitted
        for connection in connections:
            server.forget(connection)
        assert server.admit(connections[0]) is None

    asyncio.run(scenario())
