"""The endpoint's `proxy.flatmap_filter`, applied once to merged data.

Source: lura `proxy/flatmap.go`; it leaves a response alone that has an error beside it.
"""

from crossgate.pipeline.manipulate import Manipulation
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse


def build_flatmap(proxy: Proxy, flatmap: Manipulation) -> Proxy:
    """The stage."""

    async def apply_flatmap(call: ProxyRequest) -> ProxyResponse:
        response = await proxy(call)
        if not response.errors:
            response.data = flatmap(response.data)
        return response

    return apply_flatmap
