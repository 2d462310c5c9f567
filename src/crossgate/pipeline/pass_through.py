"""The hot path: one no-op backend and nothing around it, in as few steps as possible.

Does what the stages respond, deadline and call do one after the other.
DEVIATION(DEV-FWD-4): a Content-Type that the backend did not send is not guessed.
"""

from crossgate.flow.body import Body
from crossgate.flow.timers import Timers
from crossgate.http.field_lines import FieldLines
from crossgate.http.message import Request, Response
from crossgate.pipeline.answers import Answers
from crossgate.pipeline.backend import BackendRequests
from crossgate.pipeline.deadline import effective_timeout_seconds
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.go_client import GoClient
from crossgate.pipeline.proxy import ProxyRequest
from crossgate.pipeline.respond import NOT_COMPLETED, Handler, Params, passed_on, proxy_request
from crossgate.pipeline.stream_watch import StreamWatch
from crossgate.plan import EndpointPlan
from crossgate.plan.url_template import internal_name


def build_pass_through(
    plan: EndpointPlan,
    param_names: tuple[str, ...],
    requests: BackendRequests,
    client: GoClient,
    *,
    forwarding: EndpointForwarding,
    answers: Answers,
    timers: Timers,
    streams: StreamWatch,
) -> Handler:
    """The stage."""
    endpoint = plan.config.path
    names = tuple(internal_name(name) for name in param_names)
    seconds = effective_timeout_seconds(plan.timeout_seconds)
    heading = [answers.version_field, NOT_COMPLETED]
    heading_lines = FieldLines(frozenset()).render(heading)
    within, begin = timers.within, client.begin
    watch = streams.watch
    name = requests.name

    async def pass_through(request: Request, values: Params) -> Response:
        try:
            if request.given_params is None:
                passed = ProxyRequest(request, dict(zip(names, values, strict=True)) if names else {}, forwarding)
            else:
                passed = proxy_request(names, forwarding, request, values)
            call = requests.make(passed)
            limit = request.limit
            if limit is None:
                upstream = await within(seconds, client(call))
            else:
                limit(seconds)
                upstream = await begin(call)
                if client.is_unsettled(call, upstream):
                    upstream = await client.settle(call, upstream)
        except Exception as error:  # noqa: BLE001 # every failure has an answer; `failure` tells ours from others'
            return answers.failure(endpoint, error)
        body = upstream.body
        if isinstance(body, Body) and not body.ended:
            watch(body, seconds)
        lines = upstream.lines
        if lines is not None:
            return Response(
                upstream.status,
                [],
                body,
                name,
                heading_lines + lines,
                upstream.length_bytes,
                reason=upstream.reason,
            )
        return Response(upstream.status, passed_on(upstream.fields, heading), body, name, reason=upstream.reason)

    return pass_through
