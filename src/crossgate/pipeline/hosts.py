"""A backend's hosts as they are called, and the choice among several.

Does not know how hosts are found (discovery.py) or called.

Source: lura `sd/loadbalancing.go`; Go 1.22 `net/http/client.go` for what is wrong with a host.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import unquote_to_bytes

from crossgate.http.failure import FailureKind, UpstreamError, failed_call, no_hosts_available

_ABSOLUTE = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*)://([^/?#]*)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class UpstreamHost:
    """One host. `prefix` is a path that stands in its text. `fault` is why it cannot be called, empty where it can.

    `authorization` comes of a user and password in its text.
    """

    text: str
    scheme: str
    authority: str
    prefix: bytes = b""
    authorization: bytes = b""
    fault: str = ""

    def refuse(self, method: bytes, text: bytes) -> UpstreamError:
        """The failure of every call to a host with a fault."""
        url = self.text.removesuffix(self.prefix.decode()) + text.decode("utf-8", "replace")
        return failed_call(FailureKind.REQUEST, method, url, self.fault)


def parse_host(text: str) -> UpstreamHost:
    """A host as it stands in the configuration; sanitised ones are `http://name:port`, others may be anything."""
    match = _ABSOLUTE.fullmatch(text)
    if match is None:
        return UpstreamHost(text, "", "", fault='unsupported protocol scheme ""')
    scheme, authority, prefix = match[1].lower(), match[2], match[3]
    if scheme not in ("http", "https"):
        return UpstreamHost(text, scheme, authority, prefix.encode(), fault=f'unsupported protocol scheme "{scheme}"')
    user, _, authority = authority.rpartition("@")
    if not authority:
        return UpstreamHost(text, scheme, "", prefix.encode(), fault="http: no Host in request URL")
    authorization = b"Basic " + base64.b64encode(_credentials(user)) if user else b""
    return UpstreamHost(text, scheme, authority, prefix.encode(), authorization)


def _credentials(user: str) -> bytes:
    name, _, password = user.partition(":")
    return unquote_to_bytes(name) + b":" + unquote_to_bytes(password)


class Hosts:
    """The hosts of one backend; `replace` gives it others.

    DEVIATION(DEV-SD-1): several are taken in turn, beginning anywhere. KrakenD does so on one CPU and chooses at random
    on several.
    """

    __slots__ = ("_hosts", "_next")

    def __init__(self, hosts: Sequence[UpstreamHost], random: Random) -> None:
        self._hosts = tuple(hosts)
        self._next = random.randrange(len(hosts)) if len(hosts) > 1 else 0

    @property
    def only(self) -> UpstreamHost | None:
        """The host, if there is exactly one now."""
        return self._hosts[0] if len(self._hosts) == 1 else None

    def replace(self, hosts: Sequence[UpstreamHost]) -> None:
        """From now on choose among these."""
        self._hosts = tuple(hosts)

    def choose(self) -> UpstreamHost:
        """The host for a call. Raises UpstreamError where there is none."""
        hosts = self._hosts
        if len(hosts) == 1:
            return hosts[0]
        if not hosts:
            raise no_hosts_available()
        index = self._next % len(hosts)
        self._next = index + 1
        return hosts[index]
