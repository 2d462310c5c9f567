"""What the calls of an endpoint have in common, rendered beforehand: the routes of the express lane.

They exist where a request can become calls by joining bytes: fixed hosts, and forwarded fields that depend on nothing
but their names. What such a route cannot do it says by None, and the request takes the ordinary way, which it must not
be told apart from: pass_through.py, respond.py and merge.py are the reference. Does not know connections or CORS.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from crossgate.flow.fiber import Flow
from crossgate.flow.timers import Deadline
from crossgate.golang.url import UrlError
from crossgate.http.field_lines import FieldLines
from crossgate.http.message import REPLAYABLE_METHODS, Request, Response, UpstreamRequest, UpstreamResponse
from crossgate.pipeline.backend import LENGTH_WITHOUT_BODY, BackendRequests, ExpressDecoding
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.hosts import UpstreamHost
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

_MEMO_SIZE = 4096
_VISIBLE = bytes(range(0x21, 0x7F)) + bytes(range(0x80, 0x100))


class Continue(Protocol):
    """The ordinary way, entered in its middle: with the answer of the call that was made, or before another one."""

    def __call__(
        self,
        request: Request,
        values: list[bytes],
        upstream: UpstreamResponse | None = None,
        left_seconds: float = ...,
    ) -> Flow[Response]:
        """The response. `left_seconds` are what is left of the endpoint's time."""


Asked = tuple[bytes | None, Mapping[bytes, bytes], str]
"""What calls take from a request without a body: its query, its fields by name as far as `wanted` names them, with Host
among them, and the address of its peer."""

Finish = Callable[[bytes | None, bytes, bytes], tuple[bytes, bytes]]
"""See ExpressRoute."""

Rendered = Callable[[bytes | None, ProxyResponse], tuple[bytes, bytes]]
"""The field lines and the body of a response, each line with its CRLF in front; the status is 200. What comes first is
the request's Accept where the endpoint negotiates the encoding."""


class ExpressCall:
    """The calls of one backend. `key` is the scheme and authority that are called.

    `is_replayable` says that a call may be repeated if it met a connection that had ended.
    """

    __slots__ = (
        "_address_lines",
        "_after",
        "_constant",
        "_forwarding",
        "_host",
        "_names_of_clients",
        "_param_names",
        "_prefixes",
        "_requests",
        "_start",
        "is_replayable",
        "key",
    )

    def __init__(
        self,
        requests: BackendRequests,
        forwarding: EndpointForwarding,
        host: UpstreamHost,
        constant_target: bytes | None,
        *,
        param_names: tuple[str, ...],
        prefixes: dict[bytes, bytes],
        after: bytes,
        names_of_clients: frozenset[bytes],
    ) -> None:
        self._names_of_clients = names_of_clients
        self._requests = requests
        self._forwarding = forwarding
        self._host = host
        self._param_names = param_names
        self._constant = None if constant_target is None else self._call(constant_target)
        self._start = requests.method + b" "
        self._prefixes = prefixes
        self._after = after
        self._address_lines: dict[str, bytes] = {}
        self.is_replayable = requests.method in REPLAYABLE_METHODS
        self.key = (host.scheme, host.authority)

    @property
    def wanted(self) -> Iterable[bytes]:
        """The lower-case names of the fields that are let through, or that may name the client's address."""
        return self._prefixes.keys() | self._names_of_clients

    def _call(self, target: bytes) -> UpstreamRequest:
        return UpstreamRequest(self._requests.method, self._host.scheme, self._host.authority, target, [])

    def make(self, asked: Asked, values: list[bytes], after_target: bytes) -> tuple[bytes, UpstreamRequest] | None:
        """The head, as it goes out, of the call that a request without a body makes, and the call, its fields left out.

        None where that takes a closer look. `after_target` is what stands between the target and the first field that
        is not the transport's own.
        """
        query, known, peer_host = asked
        call = self._constant
        if call is None or (query is not None and self._forwarding.passes_query):
            try:
                params = dict(zip(self._param_names, values, strict=True))
                target = self._requests.target(self._host, params, self._forwarding.query(query))
            except UrlError:
                return None
            if not _is_writable(target):
                return None
            call = self._call(target)
        if self._names_of_clients.isdisjoint(known):
            address_line = self._address_lines.get(peer_host) or self._remember(peer_host)
        else:
            address_line = self._address_line(peer_host, known)
        prefixes = self._prefixes
        lines = b""
        if not prefixes.keys().isdisjoint(known):
            lines = b"".join([prefixes[name] + value for name, value in known.items() if name in prefixes])
        head = b"".join((self._start, call.target, after_target, lines, address_line, known[b"host"], self._after))
        return head, call

    def _remember(self, peer_host: str) -> bytes:
        """The lines about a client whose fields do not say that it is another one."""
        line = self._address_line(peer_host, {})
        if len(self._address_lines) >= _MEMO_SIZE:
            self._address_lines.clear()
        self._address_lines[peer_host] = line
        return line

    def _address_line(self, peer_host: str, known: Mapping[bytes, bytes]) -> bytes:
        client = self._forwarding.client_ip(Request(b"", b"", None, list(known.items()), peer_host=peer_host))
        return b"\r\nX-Forwarded-For: %b\r\nX-Forwarded-Host: " % client.encode("latin-1")


def express_call(
    requests: BackendRequests,
    forwarding: EndpointForwarding,
    param_names: tuple[str, ...],
    names_of_clients: frozenset[bytes],
) -> ExpressCall | None:
    """The calls of a backend that no discovery finds hosts for; None where they cannot be rendered beforehand.

    `names_of_clients` are the fields that may name the client's address.
    """
    wanted, fixed = forwarding.wanted, requests.fixed_part()
    if wanted is None or fixed is None or requests.method == b"HEAD":
        return None
    host, added = fixed
    constant_target = None
    if not param_names:
        try:
            constant_target = requests.target(host, {}, {})
        except UrlError:
            return None
        if not _is_writable(constant_target):
            return None
    lines = FieldLines(frozenset())
    length = b"\r\nContent-Length: 0" if requests.method in LENGTH_WITHOUT_BODY else b""
    return ExpressCall(
        requests,
        forwarding,
        host,
        constant_target,
        param_names=param_names,
        prefixes={name: line for name, known in wanted.items() if (line := lines.render([(known, b"")]))},
        after=lines.render([forwarding.user_agent, *added]) + length + b"\r\n\r\n",
        names_of_clients=names_of_clients,
    )


@dataclass(frozen=True, slots=True)
class ExpressRoute:
    """A route to one backend. `seconds` is the endpoint's time, `deadlines` where requests that take it are entered.

    Its answer is passed on with `heading_lines` in front of its own lines, or made anew where there is `finish`: from
    the request's Accept (None unless it `negotiates`), the answer's lines and its whole body, given a status of 200 or
    201, to lines and body of the response.
    """

    call: ExpressCall
    seconds: float
    deadlines: dict[Deadline, None]
    heading_lines: bytes
    continue_with: Continue
    failure: Callable[[Exception], Response]
    finish: Finish | None
    negotiates: bool

    @property
    def wanted(self) -> Iterable[bytes]:
        """See ExpressCall."""
        return self.call.wanted


@dataclass(frozen=True, slots=True)
class ExpressPart:
    """One backend of several. `proxy` is the ordinary way of its calls, entered with the answer of one or with none."""

    call: ExpressCall
    decode: ExpressDecoding
    proxy: Proxy


@dataclass(frozen=True, slots=True)
class ExpressMerge:
    """A route to several backends whose answers are merged. `seconds` is how long those may take that are to count.

    `deadlines` is where requests are entered that take it, `proxy_request` makes what the ordinary way starts with.
    """

    parts: tuple[ExpressPart, ...]
    seconds: float
    deadlines: dict[Deadline, None]
    proxy_request: Callable[[Request, list[bytes], UpstreamResponse | None], ProxyRequest]
    failure: Callable[[Exception], Response]
    rendered: Rendered
    negotiates: bool

    @property
    def wanted(self) -> Iterable[bytes]:
        """See ExpressCall: the same for all parts."""
        return self.parts[0].call.wanted


def _is_writable(target: bytes) -> bool:
    return bool(target) and not target.translate(None, _VISIBLE)
