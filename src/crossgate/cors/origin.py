"""Serialized origins: the one spelling that browsers send.

Knows the grammar and nothing of policies. Sources: HTML standard, "serialization of an origin"; URL standard, "host
serializer"; RFC 6454, section 6.2.
"""

import ipaddress
import re
import unicodedata
from typing import NamedTuple

DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21"}
MAX_HOST_CHARACTERS = 253  # RFC 1035: 255 octets on the wire

# No two parts can match the same text in two ways, so that matching is linear.
_LABELS = r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*"
_SERIALIZED = re.compile(rf"([a-z][a-z0-9+.-]*)://({_LABELS}|\[[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}}))?")
_DOMAIN = re.compile(_LABELS)
_LOOKS_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
# The WSGI and ASGI servers' word for a host field: host, optional port.
_HOST_FIELD = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#@\s]+)(?::([0-9]{0,5}))?")


class Origin(NamedTuple):
    """A tuple origin. `host` is as serialized, IPv6 in brackets; `port` is empty where it is the scheme's default."""

    scheme: str
    host: str
    port: str

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}" + (f":{self.port}" if self.port else "")


def parse_serialized_origin(text: str) -> Origin | None:
    """The origin that this is the serialization of; None for anything a browser would spell otherwise. Linear."""
    match = _SERIALIZED.fullmatch(text)
    if match is None:
        return None
    scheme, host, port = match.groups(default="")
    if DEFAULT_PORTS.get(scheme) == port or int(port or "1") > 65535:
        return None
    return Origin(scheme, host, port) if host_defect(host) is None else None


def host_defect(host: str) -> str | None:
    """Why no browser serializes a host like this, in words that go on after "the host"; None if one does."""
    if host.startswith("["):
        try:
            canonical = f"[{serialize_ipv6(ipaddress.IPv6Address(host[1:-1]))}]"
        except ValueError:
            return "is no IPv6 address"
        return None if host == canonical else f"is spelt {canonical} by browsers"
    if len(host) > MAX_HOST_CHARACTERS:
        return f"is longer than {MAX_HOST_CHARACTERS} characters"
    if _DOMAIN.fullmatch(host) is None:
        return "has an empty label or characters that no host name has"
    if _LOOKS_NUMERIC.fullmatch(host):
        try:
            ipaddress.IPv4Address(host)
        except ValueError:
            return "ends in a number but is no IPv4 address"
    return None


def is_ip_address(host: str) -> bool:
    """Whether a host without defects is an address and so has no labels."""
    return host.startswith("[") or _LOOKS_NUMERIC.fullmatch(host) is not None


def serialize_ipv6(address: ipaddress.IPv6Address) -> str:
    """As the URL standard does: the longest run of zeros compressed, never a dotted quad at the end."""
    pieces = [int(piece, 16) for piece in address.exploded.split(":")]
    best_start, best_length, start = -1, 1, 0
    while start < 8:
        end = start
        while end < 8 and pieces[end] == 0:
            end += 1
        if end - start > best_length:
            best_start, best_length = start, end - start
        start = max(end, start + 1)
    if best_start < 0:
        return ":".join(f"{piece:x}" for piece in pieces)
    head = ":".join(f"{piece:x}" for piece in pieces[:best_start])
    tail = ":".join(f"{piece:x}" for piece in pieces[best_start + best_length :])
    return f"{head}::{tail}"


def ascii_host(host: str) -> str | None:
    """The ASCII form that browsers send for a host written in Unicode; None where that is not certain.

    Mapped as by UTS 46, non-transitional, for hosts of letters, marks, digits and hyphens; symbols, joiners and
    unassigned characters give None: the standard library has no table of them, and guessing would allow another host.
    """
    mapped = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", host).lower().replace("\u3002", "."))
    labels: list[str] = []
    for label in mapped.split("."):
        if label.isascii():
            labels.append(label)
            continue
        if not _plain_unicode_label(label):
            return None
        labels.append("xn--" + label.encode("punycode").decode("ascii"))
        if len(labels[-1]) > 63:
            return None
    return ".".join(labels)


def _plain_unicode_label(label: str) -> bool:
    if label[2:4] == "--" or label[0] == "-" or label[-1] == "-" or unicodedata.category(label[0])[0] == "M":
        return False
    return all(char == "-" or unicodedata.category(char) in ("Ll", "Lo", "Lm", "Mn", "Mc", "Nd") for char in label)


def origin_of_target(scheme: str, host_field: bytes) -> bytes | None:
    """The serialized origin of a request with that Host, as its client sees it; None where Host is unusable.

    `ws` and `wss` count as `http` and `https`: a page's origin has those.
    """
    scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    match = _HOST_FIELD.fullmatch(host_field.decode("latin-1"))
    if match is None:
        return None
    host, port = match[1].lower(), (match[2] or "").lstrip("0")
    if not port or DEFAULT_PORTS.get(scheme) == port:
        return f"{scheme}://{host}".encode("latin-1")
    return f"{scheme}://{host}:{port}".encode("latin-1")
