"""Sockets that listen: which address families a host stands for."""

import socket

import pytest

from crossgate.server.listen import open_listener


@pytest.mark.parametrize("host", ["", "::"])
def test_all_interfaces_are_those_of_both_families(host: str) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has one family only")
    with open_listener(host, 0) as listener:
        for address in ("127.0.0.1", "::1"):
            socket.create_connection((address, listener.getsockname()[1]), timeout=30).close()


def test_one_address_is_that_alone() -> None:
    with open_listener("127.0.0.1", 0) as listener:
        assert listener.family == socket.AF_INET
        assert listener.getsockname()[0] == "127.0.0.1"
