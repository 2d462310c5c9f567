"""Opening a connection to a backend: name, address, TCP, TLS, and what each says when it fails.

The only place where an event loop's tasks are used towards backends: a connection is opened once for many requests.
Texts are those of Go's `net` and `crypto/tls`, as far as an operator would search for them.
"""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

from crossgate.http.reason import NAME_NOT_FOUND, TLS_FAILED, Reason
from crossgate.transport.connection import UpstreamConnection

TLS_HANDSHAKE_SECONDS = 10.0  # Go's default transport


class DialError(Exception):
    """The host could not be reached. `str()` is Go's text; `timed_out` where it just took too long."""

    def __init__(self, text: str, *, timed_out: bool = False, reason: Reason | None = None) -> None:
        super().__init__(text)
        self.timed_out = timed_out
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scheme and an authority lead. Raises ValueError if the authority's port is no number."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, scheme: str, authority: str) -> "Place":
        """The place of `host`, `host:port` or `[v6]:port`."""
        host, colon, port = authority.rpartition(":")
        if not colon or port.endswith("]"):
            host, port = authority, ""
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        number = int(port) if port else 443 if scheme == "https" else 80
        if not 0 <= number <= 65_535:
            raise ValueError(f"port {number} is out of range")
        return cls(scheme, host, number)


@dataclass(slots=True)
class Resolver:
    """Names to addresses, remembered for `ttl_seconds`. Addresses are asked for off the loop."""

    ttl_seconds: float
    now: Callable[[], float]
    _known: dict[tuple[str, int], tuple[float, list[str]]] = field(default_factory=dict)

    async def addresses(self, host: str, port: int) -> list[str]:
        """All addresses, best first. Raises DialError."""
        try:
            ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            pass
        else:
            return [host]
        known = self._known.get((host, port))
        if known is not None and known[0] > self.now():
            return known[1]
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise DialError(f"dial tcp: lookup {host}: no such host", reason=NAME_NOT_FOUND) from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if len(self._known) > 1_024:
            self._known.clear()
        self._known[host, port] = (self.now() + self.ttl_seconds, addresses)
        return addresses


MakeTls = Callable[[], ssl.SSLContext]
"""Gives the context for connections with TLS, the same each time. Reading certificates takes a while: it is asked when
one is needed. Raises OSError."""

Dial = Callable[
    [Place, Resolver, "MakeTls | None", float, Callable[[], UpstreamConnection]], Awaitable[UpstreamConnection]
]
"""As `dial`."""


async def dial(
    place: Place,
    resolver: Resolver,
    tls: MakeTls | None,
    timeout_seconds: float,
    make_connection: Callable[[], UpstreamConnection],
) -> UpstreamConnection:
    """A connection to the first address that takes it, with TLS where `tls` is there. A timeout of zero is none.

    Raises DialError.
    """
    loop = asyncio.get_running_loop()
    failure = DialError(f"dial tcp: lookup {place.host}: no such host", reason=NAME_NOT_FOUND)
    where = f"{place.host}:{place.port}"
    try:
        async with asyncio.timeout(timeout_seconds or None):
            for address in await resolver.addresses(place.host, place.port):
                where = f"[{address}]:{place.port}" if ":" in address else f"{address}:{place.port}"
                try:
                    _, connection = await loop.create_connection(
                        cast("Callable[[], asyncio.Protocol]", make_connection),
                        address,
                        place.port,
                        ssl=tls() if tls else None,
                        server_hostname=place.host if tls else None,
                        ssl_handshake_timeout=TLS_HANDSHAKE_SECONDS if tls else None,
                    )
                except OSError as error:
                    failure = _failure(where, error)
                else:
                    return cast("UpstreamConnection", connection)
    except TimeoutError:
        raise DialError(f"dial tcp {where}: i/o timeout", timed_out=True) from None
    raise failure


def client_tls(*, insecure: bool) -> ssl.SSLContext:
    """TLS towards backends: certificates and names are verified unless `insecure`."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _failure(where: str, error: OSError) -> DialError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return DialError(f"tls: failed to verify certificate: x509: {error.verify_message}", reason=TLS_FAILED)
    if isinstance(error, ssl.SSLError):
        return DialError(f"tls: {error.reason or error}", reason=TLS_FAILED)
    if error.errno == errno.ECONNREFUSED:
        return DialError(f"dial tcp {where}: connect: connection refused")
    if isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT:
        return DialError(f"dial tcp {where}: connect: connection timed out", timed_out=True)
    if isinstance(error, ConnectionError) and error.errno is None:
        return DialError("EOF", reason=TLS_FAILED)  # closed during the TLS handshake
    reason = (error.strerror or str(error)).lower()
    return DialError(f"dial tcp {where}: connect: {reason}")
