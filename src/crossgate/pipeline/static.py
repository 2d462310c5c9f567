"""`proxy.static`: data laid over an endpoint's response, or made into one where there is none.

Source: lura `proxy/static.go`.
"""

from collections.abc import Callable

from crossgate.config.model import StaticConfig
from crossgate.pipeline.failure import MergeError
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

_Match = Callable[[ProxyResponse | None, bool], bool]

_STRATEGIES: dict[str, _Match] = {
    "always": lambda _response, _failed: True,
    "success": lambda _response, failed: not failed,
    "errored": lambda _response, failed: failed,
    "complete": lambda response, failed: response is not None and response.is_complete and not failed,
    "incomplete": lambda response, _failed: response is None or not response.is_complete,
}


def applies(strategy: str, response: ProxyResponse | None, *, failed: bool) -> bool:
    """Whether data with that strategy are added to such a response; None: there is none."""
    return _STRATEGIES[strategy](response, failed)


def build_static(config: StaticConfig, proxy: Proxy, data: dict[str, object]) -> Proxy:
    """The stage. `data` is the configured object with its numbers as Go's float64 prints them.

    An endpoint that failed altogether has an incomplete response from here on, and so answers 200.
    """
    matches = _STRATEGIES[config.strategy]

    async def overlay(call: ProxyRequest) -> ProxyResponse:
        try:
            response = await proxy(call)
        except Exception as error:
            if not matches(None, True):
                raise
            errors = error.errors if isinstance(error, MergeError) else (error,)
            return ProxyResponse(dict(data), is_complete=False, errors=errors)
        if matches(response, bool(response.errors)):
            response.data = {**(response.data or {}), **data}
        return response

    return overlay
