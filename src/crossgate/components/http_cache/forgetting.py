"""What stands around the calls that change something at a backend (RFC 9111 section 4.4)."""

from collections.abc import Callable

from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.go_client import Send

_ERRORS_FROM = 400


def forgetting(send: Send, has_changed: Callable[[UpstreamRequest], None]) -> Send:
    """`send` that tells of each request after which its URL may not be what it was, as the backend says.

    DEVIATION(DEV-CACHE-6): KrakenD goes on giving what it keeps of a URL after a POST, PUT, PATCH or DELETE there has
    succeeded.
    """

    async def forgetful(request: UpstreamRequest) -> UpstreamResponse:
        response = await send(request)
        if response.status < _ERRORS_FROM and response.reason is None:
            has_changed(request)
        return response

    return forgetful
