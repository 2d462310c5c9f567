"""Stages with somebody who is told when they begin and how they end.

Does not know who that is. Where nobody wants to hear of a request, it goes on without a step more.
"""

from collections.abc import Sequence

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


def watched_pass_through(handler: Handler, watches: Sequence[Watch]) -> Handler:
    """A handler that is a pipe and its backend in one. `watches` are told in order, and the other way round at the
    end."""

    def handle(request: Request, values: Params) -> Flow[Response]:
        wanted = [ended for watch in watches if (ended := watch(request)) is not None]
        return _passed(handler(request, values), wanted[::-1]) if wanted else handler(request, values)

    return handle


async def _passed(flow: Flow[Response], wanted: Sequence[Ended]) -> Response:
    try:
        response = await flow
    except BaseException as error:
        for ended in wanted:
            ended(0, False, error)
        raise
    answered = bool(response.from_backend)
    failure = None if answered else NotAnsweredError()
    for ended in wanted:
        ended(response.status if answered else 0, answered, failure)
    return response
