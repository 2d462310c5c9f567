"""What stands around the calls that change something at a backend (RFC 9111 section 4.4)."""

from collections.abc import Callable, Sequence

from crossgate.components.http_cache.cache import Cache
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.go_client import Send

_ERRORS_FROM = 400


def forgetting(send: Send, caches: Callable[[], Sequence[Cache]]) -> Send:
    """`send` that has those caches forget what they keep of a URL once the backend says that it has done there what was
    asked. `caches` is asked when that first happens."""
    known: Sequence[Cache] | None = None

    async def forgetful(request: UpstreamRequest) -> UpstreamResponse:
        nonlocal known
        response = await send(request)
        if response.status < _ERRORS_FROM and response.reason is None:
            if known is None:
                known = caches()
            for cache in known:
                cache.forget(request)
        return response

    return forgetful
