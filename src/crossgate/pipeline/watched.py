"""Stages with somebody who is told when they begin and how they end.

Does not know who that is. Where nobody wants to hear of a request, it goes on without a step more.
"""

from crossgate.flow.fiber import Flow
from crossgate.http.message import Request, Response
from crossgate.pipeline.observed import Ended, Watch
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.respond import Handler, Params


class NotAnsweredError(Exception):
    """What a watched pass-through failed with: its answer is all that is known of it."""


def watched(proxy: Proxy, watch: Watch) -> Proxy:
    """A pipe, or a backend's part of it."""

    def call(request: ProxyRequest) -> Flow[ProxyResponse]:
        ended = watch(request.incoming)
        return proxy(request) if ended is None else _to_the_end(proxy(request), ended)

    return call


async def _to_the_end(flow: Flow[ProxyResponse], ended: Ended) -> ProxyResponse:
    try:
        response = await flow
    except BaseException as error:
        ended(0, False, error)
        raise
    errors = response.errors
    ended(response.status, response.is_complete, errors[0] if errors else None)
    return response


def watched_pass_through(handler: Handler, watch: Watch) -> Handler:
    """A handler that is a pipe and its backend in one."""

    def handle(request: Request, values: Params) -> Flow[Response]:
        ended = watch(request)
        return handler(request, values) if ended is None else _passed(handler(request, values), ended)

    return handle


async def _passed(flow: Flow[Response], ended: Ended) -> Response:
    try:
        response = await flow
    except BaseException as error:
        ended(0, False, error)
        raise
    if response.from_backend:
        ended(response.status, True, None)
    else:
        ended(0, False, NotAnsweredError())
    return response
