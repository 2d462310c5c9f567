"""Addresses in one form: what is one, how it is printed, and which networks it is in."""

from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crossgate.pipeline.addresses import Networks, bare, packed, parse_network, printed


def as_go(text: str) -> str:
    """What Go's ParseIP and String make of it, by the standard library's parser; empty where that takes none."""
    try:
        address = ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return "" if address.scope_id is not None else str(address.ipv4_mapped or address)
    return str(address)


near_addresses = (
    st.ip_addresses().map(str)
    | st.ip_addresses(v=6).map(lambda address: address.exploded.upper())
    | st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}")
    | st.lists(st.sampled_from(["0", "1", "ff", "FFFF", "", "1.2.3.4", "00001", "g"]), max_size=10).map(":".join)
    | st.lists(st.sampled_from(["0", "1", "255", "256", "01", "", " 1", "+1"]), max_size=6).map(".".join)
    | st.text(max_size=20)
)


@given(near_addresses)
@example("::1.2.3.4")
@example("::1")
@example("::")
@example("::ffff:0:1.2.3.4")
@example("1:2:3:4:5:6:7::")
@example("::2:3:4:5:6:7:8")
@example("1:0:0:2:0:0:0:3")
@example("1:0:2:0:3:0:4:0")
@example("fe80::1%eth0")
@example("192.0.2.1\0")
@example("\u0661.2.3.4")
@example("\udc80")
def test_an_address_is_what_goes_parser_takes_and_is_printed_as_there(text: str) -> None:
    address = packed(text)
    assert (printed(address) if address else "") == as_go(text)


@pytest.mark.parametrize(
    "text",
    ["192.0.2.1", "192.0.2.1:80", " 192.0.2.1 ", "::ffff:192.0.2.1", "[::ffff:192.0.2.1]:80", "::FFFF:C000:201"],
)
def test_what_proxies_write_around_an_address_is_no_part_of_it(text: str) -> None:
    assert packed(bare(text)) == bytes((192, 0, 2, 1))


@given(st.ip_addresses(), st.lists(st.tuples(st.ip_addresses(), st.integers(0, 32)), max_size=4))
def test_an_address_is_in_the_networks_that_hold_it(address: object, written: list[tuple[object, int]]) -> None:
    networks = [parse_network(f"{base}/{length}") for base, length in written]
    mine = packed(str(address))
    expected = any(ip_address(printed(mine)) in network for network in networks)
    assert Networks(networks).have(mine) == expected


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("::ffff:10.0.0.0/104", "10.1.2.3", "11.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1", "10.0.0.2"),
        ("10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"),
        ("::/0", "2001:db8::1", "192.0.2.1"),
        ("0.0.0.0/0", "::ffff:192.0.2.1", "::1"),
        ("2001:DB8::/32", "2001:db8:ffff::", "2001:db9::"),
    ],
)
def test_ipv4_within_ipv6_is_ipv4_in_networks_as_in_addresses(network: str, inside: str, outside: str) -> None:
    networks = Networks([parse_network(network)])
    assert networks.have(packed(inside))
    assert not networks.have(packed(outside))
