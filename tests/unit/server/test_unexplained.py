"""A refusal without a reason code, as somebody else's component may make one: the log tells of it, and tests fail."""

import asyncio

import pytest

from crossgate.flow.timers import Timers
from crossgate.http.message import Response, refusal
from crossgate.http.reason import NO_ROUTE
from crossgate.server.serve import start_server
from tests.support.dataplane import LIMITS, App, connected, get, live


class Explaining(App):
    explains_refusals = True


async def answered(response: Response) -> Response:
    return response


@pytest.mark.parametrize(
    ("application", "response", "is_told"),
    [
        (Explaining, Response(403), True),
        (Explaining, Response(599, [], b"no"), True),
        (Explaining, refusal(403, NO_ROUTE), False),
        (Explaining, Response(404, from_backend="a backend"), False),
        (Explaining, Response(302), False),
        (App, Response(403), False),
    ],
)
def test_refusal_without_a_reason_is_told_of_once(every_refusal_has_a_reason, application, response, is_told):
    @live
    async def ask():
        timers = Timers(asyncio.get_running_loop().time)
        server = await start_server(application(lambda _: answered(response)), limits=LIMITS, timers=timers)
        async with connected(server.port) as peer:
            assert (await peer.send(get(b"/a")).answer()).status == response.status
        await server.close()

    ask()
    told = list(every_refusal_has_a_reason)
    every_refusal_has_a_reason.clear()
    assert len(told) == is_told
    assert all(f"GET /a was refused with {response.status} " in one for one in told)
