"""Origin that no browser sends.

## What it does

Looks for entries that have the shape of an origin but are not what a browser would write: an empty entry, an impossible
port, an IP address in another spelling, schemes that have no origin (`file`, `data`) or are never one of a page (`ws`).

## Why is this bad?

Origins are compared as text. Where the text is not the one form that browsers send, the entry never matches.

## Example

```json
{"allow_origins": ["wss://app.example.com", "https://app.example.com:08443", "http://[0:0::1]:3000"]}
```

## Use instead

```json
{"allow_origins": ["https://app.example.com", "https://app.example.com:8443", "http://[::1]:3000"]}
```

## KrakenD

Accepts it in silence; the entry never matches.

## Sources

HTML standard, "serialization of an origin". URL standard, "host parsing", "IPv4 parser", "IPv6 serializer".
"""

import ipaddress
import re
from collections.abc import Iterator

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.cors.rules.written_origin import WrittenOrigin
from crossgate.diagnostics import Diagnostic, Severity
from crossgate.diagnostics.rule import Rule

_PAGE_SCHEME = {"ws": "http", "wss": "https"}
_OPAQUE_SCHEMES = frozenset({"file", "data", "blob", "about", "javascript"})
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_CANONICAL_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f<>^|%\[\]]")  # blanks have a rule of their own


def check(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    """At the entry."""
    for origin in policy.krakend_origins:
        if found := _why_never(origin):
            why, instead = found
            yield Diagnostic(
                "COR313",
                Severity.WARNING,
                origin.path,
                f"`{origin.text}` never matches: {why}",
                hint=f'write "{instead}"' if instead else 'write scheme, host and port: "https://example.com:8443"',
                krakend="accepts it; the entry never matches",
            )


def _why_never(origin: WrittenOrigin) -> tuple[str, str] | None:
    """Why no browser sends the entry, and the origin that was likely meant, empty where that is anybody's guess."""
    if not origin.text.strip():
        return "the entry is empty", ""
    if origin.is_special or origin.scheme is None or origin.is_several:
        return None
    scheme = origin.scheme.lower()
    if scheme in _OPAQUE_SCHEMES:
        return f"pages of {scheme}: have no origin of their own, browsers send `null`", "http://localhost:8000"
    if scheme in _PAGE_SCHEME:
        page = origin.repaired().replace(scheme, _PAGE_SCHEME[scheme], 1)
        return f"the origin is the page's, also of a {scheme}: connection", page
    if not origin.host:
        return "it has no host", ""
    return _why_port_never(origin) or _why_host_never(origin)


def _why_port_never(origin: WrittenOrigin) -> tuple[str, str] | None:
    port = origin.port
    if port is None or "*" in port:
        return None
    if not port:
        return "a colon without a port", origin.repaired()
    if not (port.isascii() and port.isdigit()):
        return f"`{port}` is no port", ""
    if len(port.lstrip("0")) > 5 or int(port) > 65_535:
        return "ports end at 65535", ""
    if port != str(int(port)):
        return "browsers write ports without leading zeros", origin.repaired().replace(f":{port}", f":{int(port)}")
    return None


def _why_host_never(origin: WrittenOrigin) -> tuple[str, str] | None:
    host = origin.host.lower()
    if "*" in host or not host.isascii():
        return None
    if host.startswith("[") and host.endswith("]"):
        return _why_ipv6_never(origin, host[1:-1])
    if ":" in host:
        port = f":{origin.port}" if origin.port else ""
        bracketed = f"[{host}]{port}" if _ipv6(host) else f"[{host}{port}]"
        return "an IPv6 address stands in brackets", f"{(origin.scheme or '').lower()}://{bracketed}"
    if found := _FORBIDDEN.search(host):
        return f"a host has no `{found[0]}`", ""
    last = host.removesuffix(".").rpartition(".")[2]
    if _NUMBER.fullmatch(last) and not _CANONICAL_IPV4.fullmatch(host):
        return "browsers write IPv4 addresses as four decimal numbers", ""
    return None


def _why_ipv6_never(origin: WrittenOrigin, text: str) -> tuple[str, str] | None:
    address = _ipv6(text)
    if address is None:
        return f"`{text}` is no IPv6 address", ""
    written = address.compressed
    if address.ipv4_mapped is not None:
        low = int(address) & 0xFFFF_FFFF  # browsers write these as the others, whatever Python does
        written = f"::ffff:{low >> 16:x}:{low & 0xFFFF:x}"
    if written == text:
        return None
    return "browsers write IPv6 addresses in their shortest form", origin.repaired(f"[{written}]")


def _ipv6(text: str) -> ipaddress.IPv6Address | None:
    try:
        return None if "%" in text else ipaddress.IPv6Address(text)
    except ValueError:
        return None


RULE = Rule("COR313", check, __doc__)
