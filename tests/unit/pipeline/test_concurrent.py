"""One call made several times: which answer counts, and what becomes of the others."""

from crossgate.config.model import RouterConfig
from crossgate.flow.body import Body
from crossgate.flow.fiber import Fiber, Flow, Signal
from crossgate.flow.timers import Timers
from crossgate.http.message import Request
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.concurrent import build_concurrent
from crossgate.pipeline.forward import EndpointForwarding
from crossgate.pipeline.proxy import ProxyRequest, ProxyResponse
from crossgate.plan import Identity

IDENTITY = Identity.krakend("2.13.8")


def test_a_call_that_wakes_the_winner_leaves_no_body_behind() -> None:
    """As the first of those that wait for one to fill a cache does, on whose stack they come to their end."""
    began: Signal[None] = Signal()
    is_kept: Signal[None] = Signal()
    abandoned: list[str] = []
    first, second = (ProxyResponse({}, is_complete=True) for _ in range(2))
    first.body = Body(on_abandon=lambda: abandoned.append("first"))
    second.body = Body(on_abandon=lambda: abandoned.append("second"))

    async def wakes() -> ProxyResponse:
        await began
        is_kept.succeed(None)
        return first

    async def waits() -> ProxyResponse:
        await is_kept
        return second

    calls = iter((wakes, waits))

    def proxy(_: ProxyRequest) -> Flow[ProxyResponse]:
        return next(calls)()

    raced = build_concurrent(proxy, 2, 2.0, Timers(lambda: 0.0))
    forwarding = EndpointForwarding((), (), identity=IDENTITY, client_ip=build_client_ip(RouterConfig()))
    request = ProxyRequest(Request(b"GET", b"/", None, []), {}, forwarding)
    fiber = Fiber(raced(request)).start()
    began.succeed(None)
    assert fiber.done.result() is second
    assert abandoned == ["first"]
