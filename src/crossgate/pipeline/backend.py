"""One backend's call, from the request an endpoint lets through to data (or, with no-op, to a body on its way).

Composes the stages that await nothing (query, fields, host, target) around the one that does.
"""

from collections.abc import Callable, Mapping

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.golang.url import UrlError, go_quote
from crossgate.http.message import Fields, UpstreamRequest, first_of_lines
from crossgate.pipeline.decode import Data, DecodeError, decoder_for, gunzip, looks_at_type
from crossgate.pipeline.exchange import Exchange
from crossgate.pipeline.failure import InvalidUrlError
from crossgate.pipeline.forward import BackendForwarding
from crossgate.pipeline.hosts import Hosts, UpstreamHost
from crossgate.pipeline.manipulate import compile_manipulation
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse, Query
from crossgate.pipeline.safe_value import UnsafeValueError
from crossgate.pipeline.status import StatusCheck
from crossgate.pipeline.target import Target
from crossgate.plan import BackendPlan

MAX_DECODED_BODY_BYTES = 64 * 1024 * 1024
"""The largest answer that is decoded, before and after gzip.

DEVIATION(DEV-LIM-1): KrakenD has no limit; a backend that answers 1 GB would take several times that of memory.
"""

LENGTH_WITHOUT_BODY = frozenset((b"POST", b"PUT", b"PATCH"))


class BackendRequests:
    """Makes the requests to one backend. Awaits nothing."""

    __slots__ = ("_forwarding", "_hosts", "_passes_length", "_target", "method", "name")

    def __init__(self, plan: BackendPlan, hosts: Hosts, forwarding: BackendForwarding) -> None:
        self._hosts = hosts
        self._forwarding = forwarding
        self._passes_length = forwarding.passes_length()
        self.method = plan.method.encode()
        self._target = Target(plan.template)
        host = plan.config.hosts[0] if plan.config.hosts else ""
        self.name = f"{plan.method} {host}{plan.config.url_pattern}"

    def fixed_part(self) -> tuple[UpstreamHost, Fields] | None:
        """The host and the fields that are added to every call; None where either depends on the request.

        Only means something where no discovery replaces the hosts.
        """
        host, added = self._hosts.only, self._forwarding.added
        return None if host is None or host.fault or host.authorization or added is None else (host, added)

    def target(self, host: UpstreamHost, params: Mapping[str, bytes], query: Query) -> bytes:
        """The origin-form of the call's URL. Raises UrlError."""
        return self._target.build(host.prefix, params, self._forwarding.query(query))

    def make(self, call: ProxyRequest) -> UpstreamRequest:
        """The request for one host.

        Raises UpstreamError without a usable host, InvalidUrlError for a bad URL, UnsafeValueError for a value that
        must not go into one.
        """
        host = self._hosts.choose()
        if host.fault:
            raise host.refuse(self.method, self._target.text(host.prefix, call.params))
        try:
            target = self.target(host, call.params, call.query)
        except UnsafeValueError:
            raise
        except UrlError as error:
            origin = f"{host.scheme}://{host.authority}"
            text = self._target.text(host.prefix, call.params).decode("utf-8", "replace")
            raise InvalidUrlError(f"parse {go_quote(origin + text)}: {error}") from error
        fields = self._forwarding.fields(call.fields)
        if host.authorization and not any(name == b"Authorization" for name, _ in fields):
            fields.insert(0, (b"Authorization", host.authorization))
        body = call.body
        if body != b"":
            length = call.content_length if self._passes_length else None
        else:
            length = 0 if self.method in LENGTH_WITHOUT_BODY else None
        return UpstreamRequest(self.method, host.scheme, host.authority, target, fields, body, length)


def build_no_op_call(requests: BackendRequests, exchange: Exchange, *, keeps_body: bool) -> Proxy:
    """The call of a no-op backend. Unless somebody reads it, the body is dropped: a merge sees no data in it."""

    async def call_no_op(call: ProxyRequest) -> ProxyResponse:
        upstream = await exchange(requests.make(call))
        response = ProxyResponse({}, is_complete=True)
        response.status = upstream.status
        response.fields = upstream.fields
        response.body = upstream.body
        response.from_backend = requests.name
        if not keeps_body:
            response.discard()
        return response

    return call_no_op


Decoding = Callable[[bytes, bytes], Data]
"""From a backend's whole body and its Content-Type to data. Raises DecodeError."""


ExpressDecoding = Callable[[bytes, bytes], Data]
"""From the field lines and the whole body of a backend's answer to data. Raises DecodeError."""


def build_decoding(plan: BackendPlan) -> Decoding:
    """The decoding and manipulation of one backend's answers."""
    decode = decoder_for(plan.config.encoding)
    manipulate = compile_manipulation(plan.config)
    is_collection = plan.config.is_collection

    def decoded(body: bytes, content_type: bytes) -> Data:
        data = decode(body, content_type.decode("latin-1"), is_collection)
        return data if manipulate is None else manipulate(data)

    return decoded


def build_decoding_call(
    requests: BackendRequests, exchange: Exchange, status_check: StatusCheck, decoded: Decoding
) -> Proxy:
    """The call of a backend whose answer is decoded and manipulated."""

    async def call_and_decode(call: ProxyRequest) -> ProxyResponse:
        request, upstream = requests.make(call), call.upstream
        upstream = await (exchange(request) if upstream is None else exchange.settle(request, upstream))
        if upstream.status not in (200, 201):
            return await status_check(upstream)
        body = upstream.body
        if not isinstance(body, bytes):
            body = await read_answer(body)
        if upstream.first(b"content-encoding") == b"gzip":
            body = gunzip(body, MAX_DECODED_BODY_BYTES)
        return ProxyResponse(decoded(body, upstream.first(b"content-type") or b""), is_complete=True)

    return call_and_decode


def build_express_decoding(plan: BackendPlan) -> ExpressDecoding:
    """The same for answers whose field lines were not taken apart, and that have no Content-Encoding."""
    decoded = build_decoding(plan)
    if not looks_at_type(plan.config.encoding):
        return lambda _, body: decoded(body, b"")
    return lambda lines, body: decoded(body, first_of_lines(lines, b"content-type") or b"")


async def read_answer(body: bytes | Body) -> bytes:
    """A whole answer of a backend. Raises DecodeError beyond MAX_DECODED_BODY_BYTES."""
    if isinstance(body, bytes):
        return body
    try:
        return await body.read_all(MAX_DECODED_BODY_BYTES)
    except BodyTooLargeError:
        raise DecodeError(f"the response is larger than {MAX_DECODED_BODY_BYTES} bytes") from None
