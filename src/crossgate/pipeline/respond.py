"""The outermost stage of an endpoint: from the client's request to the response it gets.

Knows X-Krakend fields, cache fields and rendering; does not know how the data came about.

Source: lura `router/gin/endpoint.go`, `router/gin/render.go`.
"""

from collections.abc import Callable

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow
from crossgate.http.field_lines import FieldLines
from crossgate.http.hop_by_hop import HOP_BY_HOP, names_to_drop
from crossgate.http.message import Fields, Request, Response, UpstreamResponse
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.backend import ExpressDecoding
from crossgate.pipeline.encode import Renderer
from crossgate.pipeline.express import Continue, Finish, Rendered
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.stream_watch import StreamWatch
from crossgate.plan import EndpointPlan
from crossgate.plan.url_template import internal_name

COMPLETED = (b"x-krakend-completed", b"true")
NOT_COMPLETED = (b"x-krakend-completed", b"false")

Params = list[bytes]


Handler = Callable[[Request, Params], Flow[Response]]
"""What a route leads to: the answer, given the values of the route's parameters in order."""


def proxy_request(
    names: tuple[str, ...],
    forwarding: EndpointForwarding,
    request: Request,
    values: Params,
    upstream: UpstreamResponse | None = None,
    left_seconds: float | None = None,
) -> ProxyRequest:
    """What an endpoint lets through. `names` are its parameters', as KrakenD names them internally."""
    return ProxyRequest(
        request,
        dict(zip(names, values, strict=True)),
        forwarding.fields(request),
        forwarding.query(request.query),
        forwarding.content_length(request),
        upstream,
        left_seconds,
    )


def build_respond(
    plan: EndpointPlan,
    param_names: tuple[str, ...],
    proxy: Proxy,
    *,
    forwarding: EndpointForwarding,
    answers: Answers,
    render: Renderer | None,
    streams: StreamWatch,
) -> Continue:
    """The stage. `render` is None where the backend's response is passed on as it is."""
    endpoint = plan.config.path
    names = tuple(internal_name(name) for name in param_names)
    cache = _cache_fields(plan)
    version = answers.version_field

    async def respond(
        request: Request,
        values: Params,
        upstream: UpstreamResponse | None = None,
        left_seconds: float | None = None,
    ) -> Response:
        try:
            response = await proxy(proxy_request(names, forwarding, request, values, upstream, left_seconds))
        except Exception as error:  # noqa: BLE001 # every failure has an answer; `failure` tells ours from others'
            return answers.failure(endpoint, error)
        if response.errors:
            answers.report(endpoint, response.errors)
        try:
            if render is None:
                if isinstance(response.body, Body) and not response.body.ended:
                    streams.watch(response.body, plan.timeout_seconds)
                return _as_it_is(response, version, cache)
            return _rendered(response, request, render, version, cache)
        except Exception as error:  # noqa: BLE001
            return answers.failure(endpoint, error)

    return respond


def build_rendered(plan: EndpointPlan, *, answers: Answers, render: Renderer) -> Rendered:
    """What `respond` does with data, as bytes of the wire. Raises what rendering raises."""
    endpoint = plan.config.path
    cache = _cache_fields(plan)
    version = answers.version_field
    lines = FieldLines(frozenset())
    rendered_lines: dict[tuple[bytes, bool], bytes] = {}  # as many as there are types of content, twice

    def rendered(accept: bytes | None, response: ProxyResponse) -> tuple[bytes, bytes]:
        if response.errors:
            answers.report(endpoint, response.errors)
        content_type, body = render(response.data, accept)
        kind = content_type, bool(response.data and response.is_complete)
        known = rendered_lines.get(kind)
        if known is None:
            fields = [*_heading(response, version, cache), (b"content-type", content_type)]
            known = rendered_lines[kind] = lines.render(fields)
        return known, body

    return rendered


def build_finish(decode: ExpressDecoding, rendered: Rendered) -> Finish:
    """What `respond` does with a good answer of an only backend. Raises what decoding and rendering raise."""

    def finish(accept: bytes | None, lines: bytes, body: bytes) -> tuple[bytes, bytes]:
        return rendered(accept, ProxyResponse(decode(lines, body), is_complete=True))

    return finish


def _cache_fields(plan: EndpointPlan) -> Fields:
    ttl = plan.config.cache_ttl_seconds
    return [(b"cache-control", b"public, max-age=%d" % ttl)] if ttl else []


def _heading(response: ProxyResponse, version: tuple[bytes, bytes], cache: Fields) -> Fields:
    """A response is completed if it is complete and not empty; only then may it be cached."""
    if response.data and response.is_complete:
        return [version, *cache, COMPLETED]
    return [version, NOT_COMPLETED]


def _rendered(
    response: ProxyResponse,
    request: Request,
    render: Renderer,
    version: tuple[bytes, bytes],
    cache: Fields,
) -> Response:
    response.discard()  # DEVIATION(DEV-FWD-5): KrakenD would add its fields where there are data
    fields = _heading(response, version, cache)
    content_type, body = render(response.data, request.first(b"accept"))
    fields.append((b"content-type", content_type))
    return Response(200, fields, body)


def _as_it_is(response: ProxyResponse, version: tuple[bytes, bytes], cache: Fields) -> Response:
    fields = passed_on(response.fields, _heading(response, version, cache))
    body = b"" if response.body is None else response.body
    return Response(response.status or 200, fields, body, from_backend=response.from_backend)


_DROPPED = HOP_BY_HOP | {b"content-length"}
_NAMING_NOTHING = frozenset((b"close", b"keep-alive", b"Close", b"Keep-Alive"))


def passed_on(fields: Fields, heading: Fields) -> Fields:
    """The heading, then a backend's fields without those of its connection and framing."""
    kept = heading.copy()
    for field in fields:
        if field[0] not in _DROPPED:
            kept.append(field)
        elif field[0] == b"connection" and field[1] not in _NAMING_NOTHING:
            drop = names_to_drop(fields) | _DROPPED
            return heading + [field for field in fields if field[0] not in drop]
    return kept
