"""Whether scheme, host and port are written as browsers write them, where they cannot be mistaken for anything else.

Knows the parts of a serialized origin; does not know entries or wildcards beyond leaving them alone.
Sources: HTML standard, "serialization of an origin"; URL standard, "host parsing", "IPv4 parser", "IPv6 serializer".
"""

import ipaddress
import re
from typing import NamedTuple

_PAGE_SCHEME = {"ws": "http", "wss": "https"}
_OPAQUE_SCHEMES = frozenset({"file", "data", "blob", "about", "javascript"})
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_CANONICAL_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f<>^|%\[\]]")  # blanks have a rule of their own


class Defect(NamedTuple):
    """Why no browser writes the parts so, and what it writes instead, None where that is anybody's guess."""

    why: str
    instead: tuple[str, str, str | None] | None = None


def find_defect(scheme: str, host: str, port: str | None) -> Defect | None:
    """What is wrong with the parts of an origin, in lower case; `port` is None without a colon."""
    if scheme in _OPAQUE_SCHEMES:
        why = f"pages opened from {scheme}: have no origin of their own, and browsers send `null`"
        return Defect(why, ("http", "localhost", "8000"))  # where local files can be served instead
    if scheme in _PAGE_SCHEME:
        why = f"a {scheme}: connection has the origin of its page, which is {_PAGE_SCHEME[scheme]}:"
        return Defect(why, (_PAGE_SCHEME[scheme], host, port))
    if not host:
        return Defect("an origin needs a host")
    return _port_defect(scheme, host, port) or _host_defect(scheme, host, port)


def _port_defect(scheme: str, host: str, port: str | None) -> Defect | None:
    if port is None or "*" in port:
        return None
    if not port:
        return Defect("there is no port after the colon", (scheme, host, None))
    if not (port.isascii() and port.isdigit()):
        return Defect(f"`{port}` is not a port number")
    if len(port.lstrip("0")) > 5 or int(port) > 65_535:
        return Defect("the highest port is 65535")
    if port != str(int(port)):
        return Defect("browsers write ports without leading zeros", (scheme, host, str(int(port))))
    return None


def _host_defect(scheme: str, host: str, port: str | None) -> Defect | None:
    if "*" in host or not host.isascii():
        return None
    if host.startswith("[") and host.endswith("]"):
        return _ipv6_defect(scheme, host[1:-1], port)
    if ":" in host:
        # A last group of digits looks like a port: only one of the readings need be an address.
        whole = f"{host}:{port}" if port else host
        instead = (scheme, f"[{host}]", port) if _ipv6(host) else (scheme, f"[{whole}]", None)
        return Defect("an IPv6 address needs brackets", instead if _ipv6(instead[1][1:-1]) else None)
    if found := _FORBIDDEN.search(host):
        return Defect(f"a host cannot contain `{found[0]}`")
    last = host.removesuffix(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not _CANONICAL_IPV4.fullmatch(host):
        return Defect("browsers write IPv4 addresses as four decimal numbers")
    return None


def _ipv6_defect(scheme: str, text: str, port: str | None) -> Defect | None:
    address = _ipv6(text)
    if address is None:
        return Defect(f"`{text}` is not an IPv6 address")
    written = address.compressed
    if address.ipv4_mapped is not None:
        low = int(address) & 0xFFFF_FFFF  # browsers write these as the others, whatever Python does
        written = f"::ffff:{low >> 16:x}:{low & 0xFFFF:x}"
    if written == text:
        return None
    return Defect("browsers write IPv6 addresses in their shortest form", (scheme, f"[{written}]", port))


def _ipv6(text: str) -> ipaddress.IPv6Address | None:
    try:
        return None if "%" in text else ipaddress.IPv6Address(text)
    except ValueError:
        return None
