"""The outermost stage of an endpoint: from the client's request to the response it gets.

Knows X-Krakend fields, cache fields and rendering; does not know how the data came about.

Source: lura `router/gin/endpoint.go`, `router/gin/render.go`.
"""

from collections.abc import Callable

from crossgate.flow.body import Body
from crossgate.flow.fiber import Flow
from crossgate.http.hop_by_hop import HOP_BY_HOP, names_to_drop
from crossgate.http.message import Fields, Request, Response
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.encode import Renderer
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
    names: tuple[str, ...], forwarding: EndpointForwarding, request: Request, values: Params
) -> ProxyRequest:
    """What an endpoint lets through. `names` are its parameters', as KrakenD names them internally."""
    params = dict(zip(names, values, strict=True)) if names else {}
    if request.given_params is not None:
        params.update({internal_name(name): value for name, value in request.given_params.items()})
    return ProxyRequest(request, params, forwarding)


def build_respond(
    plan: EndpointPlan,
    param_names: tuple[str, ...],
    proxy: Proxy,
    *,
    forwarding: EndpointForwarding,
    answers: Answers,
    render: Renderer | None,
    streams: StreamWatch,
) -> Handler:
    """The stage. `render` is None where the backend's response is passed on as it is."""
    endpoint = plan.config.path
    names = tuple(internal_name(name) for name in param_names)
    cache = _cache_fields(plan)
    version = answers.version_field

    async def respond(request: Request, values: Params) -> Response:
        try:
            response = await proxy(proxy_request(names, forwarding, request, values))
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
    if response.added and response.data:
        fields = passed_on(response.added, fields)
        if not any(name == b"content-type" for name, _ in response.added):  # gin keeps the one that is there
            fields.append((b"content-type", content_type))
        return Response(200, fields, body, from_backend="a component")
    fields.append((b"content-type", content_type))
    return Response(200, fields, body)


def _as_it_is(response: ProxyResponse, version: tuple[bytes, bytes], cache: Fields) -> Response:
    fields = passed_on(response.fields, _heading(response, version, cache))
    body = b"" if response.body is None else response.body
    status = response.status or 200
    reason = response.reason if status >= 400 else None
    return Response(status, fields, body, from_backend=response.from_backend, reason=reason)


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
