"""What names a client: its address, a field, a parameter, a claim of its token.

DEVIATION(DEV-RATE-5): KrakenD compares addresses as they are written, and an IPv6 client, who has a network of 2^64 of
them, by all of its address.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crossgate.components.rate_limit.model import ClientLimit
from crossgate.golang.print_form import print_form
from crossgate.http.gate import GateView
from crossgate.pipeline.addresses import bare, client_of, packed, packed_bare

NameOf = Callable[[GateView], bytes]
"""The name of a request's client; empty where it has none, and then it is refused."""


def naming(limit: ClientLimit | None) -> tuple[NameOf, frozenset[bytes]]:
    """What names a client, and the fields that it looks at."""
    if limit is None:
        return _nobody, frozenset()
    field = limit.key.lower().encode("latin-1", "replace")
    if limit.strategy == "param":
        key = limit.key
        return (lambda view: view.value(key) or b""), frozenset()
    if limit.strategy == "jwt":
        path = limit.key
        return (lambda view: _claim(view.claims, path)), frozenset()
    if limit.strategy == "header":
        if field in (b"", b"host"):  # Go takes Host out of the fields
            return _nobody, frozenset()
        return (lambda view: view.first(field) or b""), frozenset((field,))
    if not field:
        return _address, frozenset()
    return (lambda view: _address_in(view.first(field)) or _address(view)), frozenset((field,))


def _nobody(view: GateView) -> bytes:  # noqa: ARG001
    return b""


def _address(view: GateView) -> bytes:
    """As it is where it is none: whoever was let through to here has a name."""
    text = view.client_ip
    if ":" not in text:  # IPv4 has one form
        return text.encode("latin-1", "replace")
    return client_of(packed_bare(text)) or text.encode("latin-1", "replace")


def _address_in(value: bytes | None) -> bytes:
    """The client of the first address of a list; empty where that is none."""
    return client_of(packed(bare(value.partition(b",")[0].decode("latin-1")))) if value else b""


def _claim(claims: Mapping[str, Any] | None, path: str) -> bytes:
    """A claim as text: that of the whole name, else the one that its dots lead to."""
    found: Any = claims or {}
    if path in found:
        found = found[path]
    else:
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    return b"" if found is None or found == "" else print_form(found).encode("utf-8", "surrogatepass")
