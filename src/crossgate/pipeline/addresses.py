"""Addresses in one form, however they are written. Knows no request, and nobody who is trusted.

An address is its bytes: 4 of IPv4, 16 of IPv6; IPv4 within IPv6 (`::ffff:192.0.2.1`) is the 4. What Go's ParseIP would
not take is none: leading zeros, zones, ports, blanks. Each takes a fraction of a microsecond, and remembers nothing.
"""

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Final

Network = IPv4Network | IPv6Network

_MAPPED: Final = bytes(10) + b"\xff\xff"
_COMPATIBLE: Final = bytes(12)
_NETWORK_BYTES: Final = 8


def packed(text: str) -> bytes:
    """The bytes of an address; empty where it is none."""
    try:
        if ":" not in text:
            return inet_pton(AF_INET, text)
        found = inet_pton(AF_INET6, text)
    except (OSError, ValueError):
        return b""
    return found[12:] if found.startswith(_MAPPED) else found


def printed(address: bytes) -> str:
    """The text of an address, as Go and RFC 5952 have it."""
    if len(address) == 4:
        return inet_ntop(AF_INET, address)
    if address.startswith(_COMPATIBLE):  # which the system prints with dots
        return str(IPv6Address(address))
    return inet_ntop(AF_INET6, address)


def bare(text: str) -> str:
    """The address in what proxies write: without blanks, brackets, port and zone."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return text.partition("%")[0]


def packed_bare(text: str) -> bytes:
    """`packed` of an address as proxies may write it, see `bare`."""
    return packed(text) or packed(bare(text))


def client_of(address: bytes) -> bytes:
    """What tells one client from others: the address, of IPv6 the network of 64 bits. It is printable."""
    if len(address) == 4:
        return b"%d.%d.%d.%d" % (address[0], address[1], address[2], address[3])
    return address[:_NETWORK_BYTES].hex().encode()


def parse_network(text: str) -> Network:
    """A network or a single address, IPv4 within IPv6 as IPv4. Raises ValueError."""
    network = ip_network(text, strict=False)
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:
            return IPv4Network((mapped, network.prefixlen - 96))
    return network


class Networks:
    """Which addresses are in any of some networks."""

    def __init__(self, networks: "list[Network]") -> None:
        self._four = [_masked(one) for one in networks if isinstance(one, IPv4Network)]
        self._six = [_masked(one) for one in networks if isinstance(one, IPv6Network)]

    def have(self, address: bytes) -> bool:
        """Whether the address is in one. Cost is linear in the networks of its kind."""
        number = int.from_bytes(address, "big")
        for mask, network in self._four if len(address) == 4 else self._six:  # noqa: SIM110 # a generator costs more
            if number & mask == network:
                return True
        return False


def _masked(network: Network) -> tuple[int, int]:
    return int(network.netmask), int(network.network_address)
