"""`ip-filter`: lets in clients of some networks only, or keeps those of some out.

Source: the public documentation of KrakenD Enterprise 2.13.
DEVIATION(DEV-PLUGIN-5): who names no `trusted_proxies` trusts nobody. KrakenD then takes any client's word for its own
address.
"""

from crossgate.components.plugins.own.reading import check_names, read_flag, read_texts
from crossgate.pipeline.addresses import Network, Networks, packed_bare, parse_network, printed
from crossgate.plugins import Refusal, Request, Response, Setup

HEADERS = ("X-Forwarded-For", "X-Real-IP", "X-Appengine-Remote-Addr")
_MEMO_SIZE = 4096


class IpFilter:
    """With `trusted_proxies` it judges the client that they name. Without, the address that is connected; and where
    it keeps some out, all that the fields name, so that nobody gets in by naming another."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError."""
        config = setup.config
        check_names(config, ("CIDR", "allow", "client_ip_headers", "trusted_proxies"))
        self._networks = Networks([_network(text) for text in read_texts(config, "CIDR")])
        self._allows = read_flag(config, "allow")
        self._headers = read_texts(config, "client_ip_headers", HEADERS)
        trusted = [_network(text) for text in read_texts(config, "trusted_proxies", ())]
        self._trusted = Networks(trusted) if trusted else None
        self._known: dict[str, bool] = {}

    def gate(self, request: Request) -> Response | None:
        """403 for who is not to come in."""
        return None if self._lets_in(request) else Response(403)

    def modify_request(self, request: Request) -> None:
        """The same before one endpoint or backend."""
        if not self._lets_in(request):
            raise Refusal(403)

    def _lets_in(self, request: Request) -> bool:
        if self._trusted is None:
            if not self._judge(request.peer_ip):
                return False
            return self._allows or all(self._judge(text) for text in self._named(request) if text)
        return self._judge(self._client(request, self._trusted))

    def _named(self, request: Request) -> list[str]:
        """All addresses that the fields name, in order."""
        return [
            part.strip() for name in self._headers for line in request.headers.all(name) for part in line.split(",")
        ]

    def _client(self, request: Request, trusted: Networks) -> str:
        """Whom the trusted proxies name; who is connected where that is none of them. Empty where they name nobody."""
        peer = request.peer_ip
        address = packed_bare(peer)
        if not address or not trusted.have(address):
            return peer
        for name in self._headers:
            lines = request.headers.all(name)
            if not lines:
                continue
            for part in reversed(",".join(lines).split(",")):
                address = packed_bare(part)
                if not address:
                    return ""
                if not trusted.have(address):
                    break
            return printed(address)
        return peer

    def _judge(self, text: str) -> bool:
        known = self._known.get(text)
        if known is None:
            address = packed_bare(text)
            known = bool(address) and self._networks.have(address) == self._allows
            if len(self._known) >= _MEMO_SIZE:
                self._known.clear()
            if len(text) <= 64:
                self._known[text] = known
        return known


def _network(text: str) -> Network:
    try:
        return parse_network(text)
    except ValueError:
        raise ValueError(f'"{text}" is no address and no network') from None
