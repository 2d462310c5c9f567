"""What the calls of an endpoint with one backend have in common, rendered beforehand: a route of the express lane.

It exists where a request can become a call by joining bytes: one backend with one fixed host, and forwarded fields that
depend on nothing but their names. What it cannot do it says by None, and the request takes the ordinary way, which it
must not be told apart from: pass_through.py and respond.py are the reference. Does not know connections or CORS.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from crossgate.flow.fiber import Flow
from crossgate.golang.url import UrlError
from crossgate.http.field_lines import FieldLines
from crossgate.http.message import Request, Response, UpstreamRequest, UpstreamResponse
from crossgate.pipeline.backend import LENGTH_WITHOUT_BODY, BackendRequests
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.hosts import UpstreamHost

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


Finish = Callable[[Request, UpstreamResponse, bytes], Response]
"""The response to a request, from a backend's answer with status 200 or 201 and its whole body. Never raises."""


class ExpressRoute:
    """One route's calls. `key` is the scheme and authority that are called, `seconds` the endpoint's time.

    `finish` makes the response where the answer is not just passed on, as no-op does;
    `heading_lines` come before the backend's own in a response, `name` is what the backend is called there.
    """

    __slots__ = (
        "_address_lines",
        "_after",
        "_constant",
        "_forwarding",
        "_host",
        "_param_names",
        "_prefixes",
        "_requests",
        "_start",
        "continue_with",
        "failure",
        "finish",
        "heading_lines",
        "key",
        "name",
        "seconds",
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
        seconds: float,
        heading_lines: bytes,
        continue_with: Continue,
        failure: Callable[[Exception], Response],
        finish: Finish | None,
    ) -> None:
        self._requests = requests
        self._forwarding = forwarding
        self._host = host
        self._param_names = param_names
        self._constant = None if constant_target is None else self._call(constant_target)
        self._start = requests.method + b" "
        self._prefixes = prefixes
        self._after = after
        self._address_lines: dict[str, bytes] = {}
        self.key = (host.scheme, host.authority)
        self.name = requests.name
        self.seconds = seconds
        self.heading_lines = heading_lines
        self.continue_with = continue_with
        self.failure = failure
        self.finish = finish

    @property
    def wanted(self) -> Iterable[bytes]:
        """The lower-case names of the fields that are let through."""
        return self._prefixes

    def _call(self, target: bytes) -> UpstreamRequest:
        return UpstreamRequest(self._requests.method, self._host.scheme, self._host.authority, target, [])

    def call(self, request: Request, values: list[bytes]) -> UpstreamRequest | None:
        """The call that a request without a body makes, its fields left out; None where that takes a closer look."""
        if self._constant is not None and (request.query is None or not self._forwarding.passes_query):
            return self._constant
        try:
            params = dict(zip(self._param_names, values, strict=True))
            target = self._requests.target(self._host, params, self._forwarding.query(request))
        except UrlError:
            return None
        return self._call(target) if _is_writable(target) else None

    def head(self, call: UpstreamRequest, request: Request, known: Mapping[bytes, bytes], after_target: bytes) -> bytes:
        """The call's head as it goes out. `known` are the request's fields by name, as far as `wanted` names them.

        `after_target` is what stands between the target and the first field that is not the transport's own.
        """
        address_line = self._address_lines.get(request.peer_host)
        if address_line is None:
            address_line = self._remember(request)
        prefixes = self._prefixes
        lines = b""
        if not prefixes.keys().isdisjoint(known):
            lines = b"".join([prefixes[name] + value for name, value in known.items() if name in prefixes])
        return b"".join((self._start, call.target, after_target, lines, address_line, request.host, self._after))

    def _remember(self, request: Request) -> bytes:
        """The lines about a client whose fields do not say that it is another one."""
        bare = Request(b"", b"", None, [], peer_host=request.peer_host)
        line = b"\r\nX-Forwarded-For: %b\r\nX-Forwarded-Host: " % self._forwarding.client_ip(bare).encode("latin-1")
        if len(self._address_lines) >= _MEMO_SIZE:
            self._address_lines.clear()
        self._address_lines[request.peer_host] = line
        return line


def express_route(
    requests: BackendRequests,
    forwarding: EndpointForwarding,
    *,
    host_is_fixed: bool,
    param_names: tuple[str, ...],
    seconds: float,
    heading_lines: bytes,
    continue_with: Continue,
    failure: Callable[[Exception], Response],
    finish: Finish | None = None,
) -> ExpressRoute | None:
    """The short way of an endpoint; None where its calls cannot be rendered beforehand."""
    wanted, fixed = forwarding.wanted, requests.fixed_part()
    if not host_is_fixed or wanted is None or fixed is None or requests.method == b"HEAD" or seconds <= 0:
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
    return ExpressRoute(
        requests,
        forwarding,
        host,
        constant_target,
        param_names=param_names,
        prefixes={name: line for name, known in wanted.items() if (line := lines.render([(known, b"")]))},
        after=lines.render([forwarding.user_agent, *added]) + length + b"\r\n\r\n",
        seconds=seconds,
        heading_lines=heading_lines,
        continue_with=continue_with,
        failure=failure,
        finish=finish,
    )


def _is_writable(target: bytes) -> bool:
    return bool(target) and not target.translate(None, _VISIBLE)
