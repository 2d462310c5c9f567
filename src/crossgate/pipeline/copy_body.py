"""A request's body read whole, so that several calls can have it.

DEVIATION(DEV-FWD-3): KrakenD does so only where a backend's method is neither GET nor HEAD; otherwise the body goes to
whichever backend reads first. Here each gets it.
"""

from crossgate.flow.fiber import Flow
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.request_body import read_request_body


def build_copy_body(proxy: Proxy) -> Proxy:
    """The stage. Raises what `read_request_body` raises."""

    def copy_body(call: ProxyRequest) -> Flow[ProxyResponse]:
        return proxy(call) if isinstance(call.body, bytes) else read_first(call)

    async def read_first(call: ProxyRequest) -> ProxyResponse:
        call.body = await read_request_body(call.body)
        return await proxy(call)

    return copy_body
