"""One backend's call, from the request an endpoint lets through to data (or, with no-op, to a body on its way).

Composes the stages that await nothing (query, fields, host, target) around the one that does.
"""

from collections.abc import Callable

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.golang.url import UrlError, encode_query, go_quote, is_encoded
from crossgate.http.message import UpstreamRequest
from crossgate.pipeline.call_lines import CallLines
from crossgate.pipeline.decode import Data, DecodeError, decoder_for, gunzip
from crossgate.pipeline.failure import InvalidUrlError
from crossgate.pipeline.forward import BackendForwarding, EndpointForwarding
from crossgate.pipeline.go_client import GoClient
from crossgate.pipeline.hosts import Hosts, UpstreamHost
from crossgate.pipeline.manipulate import compile_manipulation
from crossgate.pipeline.proxy import BackendCall, Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.safe_value import UnsafeValueError
from crossgate.pipeline.status import StatusCheck
from crossgate.pipeline.target import Target, add_query
from crossgate.plan import BackendPlan

MAX_DECODED_BODY_BYTES = 64 * 1024 * 1024
"""The largest answer that is decoded, before and after gzip.

DEVIATION(DEV-LIM-1): KrakenD has no limit; a backend that answers 1 GB would take several times that of memory.
"""

LENGTH_WITHOUT_BODY = frozenset((b"POST", b"PUT", b"PATCH"))


class BackendRequests:
    """Makes the requests to one backend. Awaits nothing."""

    __slots__ = (
        "_forwarding",
        "_hosts",
        "_length_without_body",
        "_lines",
        "_passes_length",
        "_passes_query",
        "_target",
        "method",
        "name",
    )

    def __init__(
        self,
        plan: BackendPlan,
        hosts: Hosts,
        endpoint: EndpointForwarding,
        forwarding: BackendForwarding,
        client_names: frozenset[bytes],
    ) -> None:
        """`client_names`: see CallLines."""
        self._hosts = hosts
        self._forwarding = forwarding
        self._lines = CallLines(endpoint, forwarding, client_names)
        self._passes_length = endpoint.passes_length and forwarding.passes_length()
        self._passes_query = endpoint.passes_whole_query and forwarding.passes_whole_query
        self.method = plan.method.encode()
        self._length_without_body = 0 if self.method in LENGTH_WITHOUT_BODY else None
        self._target = Target(plan.template)
        host = plan.config.hosts[0] if plan.config.hosts else ""
        self.name = f"{plan.method} {host}{plan.config.url_pattern}"

    def make(self, call: ProxyRequest) -> UpstreamRequest:
        """The request for one host.

        Raises UpstreamError without a usable host, InvalidUrlError for a bad URL, UnsafeValueError for a value that
        must not go into one.
        """
        host = self._hosts.choose()
        if host.fault:
            raise host.refuse(self.method, self._target.text(host.prefix, call.params))
        incoming, changed = call.incoming, call.changed
        target = self._filled(call, host)
        body, length = call.body, self._length_without_body
        if body != b"":
            length = call.content_length if self._passes_length else None
            if changed and length is not None and isinstance(body, bytes):
                length = len(body)  # of whoever changed it
        made = UpstreamRequest(self.method, host.scheme, host.authority, target, None, body, length)
        made.track = incoming.track
        made.told = call.told
        if changed:
            made.fields, made.undoes_gzip = self._forwarding.fields(call.fields)
        else:
            made.lines, made.undoes_gzip = self._lines.render(incoming)
        if host.authorization and not any(name == b"Authorization" for name, _ in made.fields):
            made.fields.insert(0, (b"Authorization", host.authorization))
        return made

    def begin(self, call: ProxyRequest) -> BackendCall:
        """The call as those see it that stand around it. Raises what `make` does."""
        host = self._hosts.choose()
        if host.fault:
            raise host.refuse(self.method, self._target.text(host.prefix, call.params))
        target = self._filled(call, host)
        fields, query = self._forwarding.filtered(call.fields), self._forwarding.query(call.query)
        begun = BackendCall(call, fields, query, self.method, (host.scheme, host.authority), target)
        begun.path = self._target.text(b"", call.params)
        if host.authorization and not any(name == b"Authorization" for name, _ in fields):
            fields.insert(0, (b"Authorization", host.authorization))
        return begun

    def finish(self, call: ProxyRequest) -> UpstreamRequest:
        """The request for a call that `begin` gave."""
        assert isinstance(call, BackendCall)  # noqa: S101 # who stands around it hands on what they get
        body, length = call.body, 0 if call.method in LENGTH_WITHOUT_BODY else None
        if body != b"":
            length = call.content_length if self._passes_length else None
            if call.is_sized and isinstance(body, bytes):
                length = len(body)
        made = UpstreamRequest(call.method, call.scheme, call.authority, call.target, None, body, length)
        made.track = call.incoming.track
        made.told = call.told
        made.fields, made.undoes_gzip = self._forwarding.finished(call.fields)
        return made

    def _filled(self, call: ProxyRequest, host: UpstreamHost) -> bytes:
        """The target with values and the query in it."""
        incoming, changed = call.incoming, call.query_changed
        try:
            target = self._target.build(host.prefix, call.params)
            query = incoming.query
            if query and not changed and self._passes_query and is_encoded(query):
                target = add_query(target, query)
            elif query or changed:
                values = self._forwarding.query(call.query)
                if values:
                    target = add_query(target, encode_query(values))
        except UnsafeValueError:
            raise
        except UrlError as error:
            origin = f"{host.scheme}://{host.authority}"
            text = self._target.text(host.prefix, call.params).decode("utf-8", "replace")
            raise InvalidUrlError(f"parse {go_quote(origin + text)}: {error}") from error
        return target


MakeRequest = Callable[[ProxyRequest], UpstreamRequest]
"""`BackendRequests.make`, or `finish` where components stand between it and `begin`."""


def build_no_op_call(make: MakeRequest, client: GoClient, name: str, *, keeps_body: bool) -> Proxy:
    """The call of a no-op backend. Unless somebody reads it, the body is dropped: a merge sees no data in it."""

    async def call_no_op(call: ProxyRequest) -> ProxyResponse:
        request = make(call)
        upstream = await client.begin(request)
        if client.is_unsettled(request, upstream):
            upstream = await client.settle(request, upstream)
        response = ProxyResponse({}, is_complete=True)
        response.status = upstream.status
        response.fields = upstream.fields
        response.body = upstream.body
        response.from_backend = name
        response.reason = upstream.reason
        if not keeps_body:
            response.discard()
        return response

    return call_no_op


Decoding = Callable[[bytes], Data]
"""From a backend's whole body to data. Raises DecodeError."""


def build_decoding(plan: BackendPlan) -> Decoding:
    """The decoding and manipulation of one backend's answers."""
    decode = decoder_for(plan.config.encoding)
    manipulate = compile_manipulation(plan.config)
    is_collection = plan.config.is_collection

    def decoded(body: bytes) -> Data:
        data = decode(body, is_collection)
        return data if manipulate is None else manipulate(data)

    return decoded


def build_decoding_call(make: MakeRequest, client: GoClient, status_check: StatusCheck, decoded: Decoding) -> Proxy:
    """The call of a backend whose answer is decoded and manipulated."""

    async def call_and_decode(call: ProxyRequest) -> ProxyResponse:
        request = make(call)
        upstream = await client.begin(request)
        if client.is_unsettled(request, upstream):
            upstream = await client.settle(request, upstream)
        if upstream.status not in (200, 201):
            return await status_check(upstream)
        body = upstream.body
        if not isinstance(body, bytes):
            body = await read_answer(body)
        if upstream.is_encoded and upstream.first(b"content-encoding") == b"gzip":
            body = gunzip(body, MAX_DECODED_BODY_BYTES)
        return ProxyResponse(decoded(body), is_complete=True)

    return call_and_decode


def build_begun_call(requests: BackendRequests, proxy: Proxy) -> Proxy:
    """What takes calls that have begun, as what takes any."""

    async def begin(call: ProxyRequest) -> ProxyResponse:
        return await proxy(requests.begin(call))

    return begin


async def read_answer(body: bytes | Body) -> bytes:
    """A whole answer of a backend. Raises DecodeError beyond MAX_DECODED_BODY_BYTES."""
    if isinstance(body, bytes):
        return body
    try:
        return await body.read_all(MAX_DECODED_BODY_BYTES)
    except BodyTooLargeError:
        raise DecodeError(f"the response is larger than {MAX_DECODED_BODY_BYTES} bytes") from None
