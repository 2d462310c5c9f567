"""A request's body read whole, so that several calls can have it.

DEVIATION(DEV-FWD-3): KrakenD does so only where a backend's method is neither GET nor HEAD; otherwise the body goes to
whichever backend reads first. Here each gets it.
"""

from crossgate.flow.body import Body, BodyTooLargeError
from crossgate.pipeline.failure import RequestBodyTooLargeError
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

MAX_COPIED_BODY_BYTES = 64 * 1024 * 1024
"""DEVIATION(DEV-LIM-3): larger ones are answered 413; KrakenD has no limit here."""


def build_copy_body(proxy: Proxy) -> Proxy:
    """The stage. Raises RequestBodyTooLargeError."""

    async def copy_body(call: ProxyRequest) -> ProxyResponse:
        if isinstance(call.body, Body):
            try:
                call.body = await call.body.read_all(MAX_COPIED_BODY_BYTES)
            except BodyTooLargeError:
                raise RequestBodyTooLargeError(MAX_COPIED_BODY_BYTES) from None
        return await proxy(call)

    return copy_body
