"""Networks of `ip-filter`, compared by the addresses in them. Knows what is written for the plugin; not the plugin."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from typing import Any

from crossgate.pipeline.addresses import parse_network

Network = IPv4Network | IPv6Network


def networks_of(told: Mapping[str, Any]) -> list[Network]:
    """Its networks, as few as there can be."""
    networks = [parse_network(text) for text in told.get("CIDR", ()) if isinstance(text, str)]
    four = collapse_addresses([one for one in networks if isinstance(one, IPv4Network)])
    six = collapse_addresses([one for one in networks if isinstance(one, IPv6Network)])
    return [*four, *six]


def beyond(these: Sequence[Network], those: Sequence[Network]) -> list[str]:
    """What of these is not in those; networks are parted where they are in part."""
    left = list(these)
    for other in those:
        left = [part for one in left for part in _without(one, other)]
    return [str(one) for one in left]


def _without(one: Network, other: Network) -> list[Network]:
    if not one.overlaps(other):
        return [one]
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return [*one.address_exclude(other)] if other.subnet_of(one) else []
    if isinstance(one, IPv6Network) and isinstance(other, IPv6Network):
        return [*one.address_exclude(other)] if other.subnet_of(one) else []
    return []
