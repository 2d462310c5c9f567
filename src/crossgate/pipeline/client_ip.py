"""Who the client is: the socket's address, or what trusted proxies in front of the gateway say.

Source: gin 1.12 `context.go` ClientIP, `gin.go` validateHeader.
DEVIATION(DEV-FWD-7): gin leaves an address as a proxy wrote it, and a neighbour by IPv6 has none.
"""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from crossgate.config.model import RouterConfig
from crossgate.http.message import Request
from crossgate.pipeline.addresses import Network, Networks, packed, parse_network, printed

_MEMO_SIZE = 1024
_APP_ENGINE = b"x-appengine-remote-addr"

ClientIp = Callable[[Request], str]


def build_client_ip(router: RouterConfig) -> ClientIp:
    """The function that names a request's client; it gives `""` where the socket has no address."""
    networks = [network for text in router.trusted_proxies if (network := _parse_network(text)) is not None]
    names = tuple(name.lower().encode() for name in router.remote_ip_headers)
    trusts_everybody = {IPv4Network("0.0.0.0/0"), IPv6Network("::/0")} <= set(networks)
    proxies = Networks(networks)
    peers: dict[str, tuple[str, bool]] = {}

    def peer(host: str) -> tuple[str, bool]:
        known = peers.get(host)
        if known is None:
            # The zone in which a neighbour is one is the gateway's own matter.
            text = host if "%" not in host else host.partition("%")[0]
            address = packed(text)
            if len(address) == 4 and ":" in text:
                text = printed(address)  # the system prints all others as they are to be
            is_trusted = trusts_everybody or proxies.have(address)
            known = (text, is_trusted) if address else ("", False)
            if len(peers) >= _MEMO_SIZE:
                peers.clear()
            peers[host] = known
        return known

    def from_value(value: str) -> str | None:
        items = value.split(",")
        for index in range(len(items) - 1, -1, -1):
            written = items[index].strip()
            address = packed(written)
            if not address:
                return None
            if index == 0 or not (trusts_everybody or proxies.have(address)):
                return printed(address) if ":" in written else written  # IPv4 has one form
        return None

    def of_app_engine(request: Request) -> str:
        value = request.first(_APP_ENGINE)
        if value:
            return value.decode("latin-1")  # not looked at, as in gin
        return of_fields(request) if reads_fields else of_socket(request)

    def of_socket(request: Request) -> str:
        return (peers.get(request.peer_host) or peer(request.peer_host))[0]

    def of_fields(request: Request) -> str:
        address, trusted = peers.get(request.peer_host) or peer(request.peer_host)
        if trusted:
            known = request.names
            for name in names:
                if known is not None and name not in known.at:
                    continue
                value = request.first(name)
                if value:
                    found = from_value(value.decode("latin-1"))
                    if found is not None:
                        return found
        return address

    reads_fields = router.forwarded_by_client_ip and bool(names)
    if router.app_engine:
        return of_app_engine
    return of_fields if reads_fields else of_socket


def names_of_clients(router: RouterConfig) -> frozenset[bytes]:
    """The fields, by lower-case name, in which a proxy that is trusted may name a client."""
    names = {_APP_ENGINE} if router.app_engine else set()
    if router.forwarded_by_client_ip and router.trusted_proxies:
        names.update(name.lower().encode() for name in router.remote_ip_headers)
    return frozenset(names)


@lru_cache(64)
def _parse_network(text: str) -> Network | None:
    try:
        return parse_network(text)
    except ValueError:
        return None
