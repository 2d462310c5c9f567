"""`ip-filter`: lets in clients of some networks only, or keeps those of some out.

Source: the public documentation of KrakenD Enterprise 2.13.
DEVIATION(DEV-PLUGIN-5): who names no `trusted_proxies` trusts nobody. KrakenD then takes any client's word for its own
address.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from crossgate.components.plugins.own.reading import check_names, read_flag, read_texts
from crossgate.plugins import Refusal, Request, Response, Setup

_Address = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network
_HEADERS = ("X-Forwarded-For", "X-Real-IP", "X-Appengine-Remote-Addr")
_MEMO_SIZE = 4096


class IpFilter:
    """With `trusted_proxies` it judges the client that they name. Without, the address that is connected; and where
    it keeps some out, all that the fields name, so that nobody gets in by naming another."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError."""
        config = setup.config
        check_names(config, ("CIDR", "allow", "client_ip_headers", "trusted_proxies"))
        self._networks = [_network(text) for text in read_texts(config, "CIDR")]
        self._allows = read_flag(config, "allow")
        self._headers = read_texts(config, "client_ip_headers", _HEADERS)
        self._trusted = [_network(text) for text in read_texts(config, "trusted_proxies", ())]
        self._known: dict[str, bool] = {}

    def gate(self, request: Request) -> Response | None:
        """403 for who is not to come in."""
        return None if self._lets_in(request) else Response(403)

    def modify_request(self, request: Request) -> None:
        """The same before one endpoint or backend."""
        if not self._lets_in(request):
            raise Refusal(403)

    def _lets_in(self, request: Request) -> bool:
        if not self._trusted:
            if not self._judge(request.peer_ip):
                return False
            return self._allows or all(self._judge(text) for text in self._named(request) if text)
        return self._judge(self._client(request))

    def _named(self, request: Request) -> list[str]:
        """All addresses that the fields name, in order."""
        return [
            part.strip() for name in self._headers for line in request.headers.all(name) for part in line.split(",")
        ]

    def _client(self, request: Request) -> str:
        """Whom the trusted proxies name; who is connected where that is none of them. Empty where they name nobody."""
        peer = request.peer_ip
        address = _address(peer)
        if address is None or not _is_in(address, self._trusted):
            return peer
        for name in self._headers:
            lines = request.headers.all(name)
            if not lines:
                continue
            for part in reversed(",".join(lines).split(",")):
                address = _address(part.strip())
                if address is None:
                    return ""
                if not _is_in(address, self._trusted):
                    return str(address)
            return str(address)
        return peer

    def _judge(self, text: str) -> bool:
        known = self._known.get(text)
        if known is None:
            address = _address(text)
            known = address is not None and _is_in(address, self._networks) == self._allows
            if len(self._known) >= _MEMO_SIZE:
                self._known.clear()
            if len(text) <= 64:
                self._known[text] = known
        return known


def _network(text: str) -> _Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is no address and no network') from None
    if isinstance(network, IPv6Network) and network.prefixlen >= 96:
        mapped = network.network_address.ipv4_mapped
        if mapped is not None:  # as addresses are, or it would hold none
            return IPv4Network((mapped, network.prefixlen - 96))
    return network


def _address(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _is_in(address: _Address, networks: list[_Network]) -> bool:
    return any(address in network for network in networks)
