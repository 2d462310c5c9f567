"""One entry of `allow_origins`, compiled: exact text, or a pattern and what it can match.

Two grammars. KrakenD's has one wildcard that stands for any text; the safe one has whole labels and whole ports only.
Knows nothing of lists and of requests beyond the Origin's text.
"""

import re
from typing import NamedTuple, Protocol

from crossgate.cors.origin import (
    DEFAULT_PORTS,
    Origin,
    ascii_host,
    host_defect,
    is_ip_address,
    parse_serialized_origin,
)

_SURROGATES = re.compile("[\ud800-\udfff]")
_ENTRY = re.compile(r"([a-z][a-z0-9+.-]*)://(\*\.)?(\[[^\[\]/?#@*]*\]|[^\[\]:/?#@*\s\\]+)(?::(\*|[0-9]+))?")
_ANY_PORT = "*"


class OriginPattern(Protocol):
    """Decides about an Origin that is lower-case ASCII of bounded length."""

    def matches(self, origin: bytes) -> bool: ...


class PrefixSuffix(NamedTuple):
    """KrakenD's wildcard: anything between a prefix and a suffix. Source: rs/cors 1.6.0 and 1.11.1, `utils.go`."""

    prefix: bytes
    suffix: bytes

    def matches(self, origin: bytes) -> bool:
        """Whether the origin starts and ends so, the two not overlapping."""
        return (
            len(origin) >= len(self.prefix) + len(self.suffix)
            and origin.startswith(self.prefix)
            and origin.endswith(self.suffix)
        )


class WholeParts(NamedTuple):
    """The safe pattern. `subdomains`: one or more whole labels before `host`. `port` `*`: any port, none included."""

    scheme: str
    subdomains: bool
    host: str
    port: str

    def matches(self, origin: bytes) -> bool:
        """Whether the origin is well formed and has these parts."""
        parsed = parse_serialized_origin(origin.decode("latin-1"))
        if parsed is None or parsed.scheme != self.scheme or self.port not in (_ANY_PORT, parsed.port):
            return False
        if self.subdomains:
            # The dot belongs to the comparison: `evilexample.com` ends in `example.com` too.
            return parsed.host.endswith("." + self.host) and not is_ip_address(parsed.host)
        return parsed.host == self.host


class EntryError(ValueError):
    """An entry that the safe grammar does not have. `str()` says why; `hint` has what to write instead, or nothing."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def as_go_text(text: str) -> bytes:
    """UTF-8, with U+FFFD for a surrogate without its other half, which is what Go makes of it in JSON."""
    return _SURROGATES.sub("\ufffd", text).encode()


def compile_krakend_entry(entry: str) -> bytes | PrefixSuffix:
    """The exact origin or the pattern that KrakenD makes of an entry other than `*`: a second `*` is literal.

    DEVIATION(DEV-CORS-5): letter case is folded for ASCII only.
    """
    text = as_go_text(entry).lower()
    prefix, star, suffix = text.partition(b"*")
    return PrefixSuffix(prefix, suffix) if star else text


def compile_safe_entry(entry: str) -> bytes | WholeParts:
    """The exact origin or the pattern of an entry other than `*`. Raises EntryError.

    Hosts in Unicode are taken for their ASCII form.
    """
    if entry == "null":
        raise EntryError(
            "`null` is the origin of every sandboxed frame, so whoever allows it allows everybody",
            "give the page an origin of its own and list that",
        )
    match = _ENTRY.fullmatch(entry)
    if match is None:
        raise EntryError(*_why_no_entry(entry))
    scheme, stars, host, port = match.groups(default="")
    if not host.isascii():
        host = _ascii_or_refuse(host)
    if scheme in DEFAULT_PORTS and port == DEFAULT_PORTS[scheme]:
        raise EntryError(f"browsers leave out the default port {port}", f"write {scheme}://{stars}{host}")
    if port not in ("", _ANY_PORT) and (port.startswith("0") or int(port[:6]) > 65535):
        raise EntryError(f"{port} is not a port number", "write a port from 1 to 65535")
    _check_host(host, scheme, stars, port)
    if stars and is_ip_address(host):
        raise EntryError("an IP address has no subdomains", "remove the `*.`")
    if stars or port == _ANY_PORT:
        return WholeParts(scheme, bool(stars), host, port)
    return str(Origin(scheme, host, port)).encode()


def _check_host(host: str, scheme: str, stars: str, port: str) -> None:
    defect = host_defect(host.lower())
    if defect is not None:
        raise EntryError(f"the host {host} {defect}")
    if host != host.lower():
        written = f"{scheme}://{stars}{host.lower()}" + (f":{port}" if port else "")
        raise EntryError("browsers send hosts in lower case", f"write {written}")


def _ascii_or_refuse(host: str) -> str:
    found = ascii_host(host)
    if found is None:
        raise EntryError(f"the host {host} has no unambiguous ASCII form", "write the host as browsers send it: xn--…")
    return found


def _why_no_entry(entry: str) -> tuple[str, str]:
    """The likeliest mistake, and what to write instead."""
    if entry != entry.strip():
        return "there is white space around the origin", f"write {entry.strip()}"
    if "://" not in entry:
        return "an origin begins with a scheme", f"write https://{entry}" if entry and "*" not in entry else ""
    lowered = entry.lower()
    if lowered != entry and _ENTRY.fullmatch(lowered):
        return "browsers send schemes and hosts in lower case", f"write {lowered}"
    scheme, _, rest = entry.partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if authority != rest and _ENTRY.fullmatch(f"{scheme}://{authority}"):
        return "an origin ends after the host and the port", f"write {scheme}://{authority}"
    if "*" in entry:
        return (
            "a wildcard stands for whole labels (`https://*.example.com`) or for any port (`https://example.com:*`)",
            "list the origins one by one if neither of these is enough",
        )
    return "this is not an origin", "write scheme://host or scheme://host:port"
