"""Shadow backends: they get a copy of the request, nobody waits for them and nobody sees their answers.

Source: lura `proxy/shadow.go`.
"""

from crossgate.flow.fiber import Fiber
from crossgate.flow.timers import Timers
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse


def build_shadow(proxy: Proxy, shadow: Proxy, timeout_seconds: float, timers: Timers) -> Proxy:
    """The stage. Shadows have a time of their own and go on after the client is answered or gone."""

    async def run_shadow(call: ProxyRequest) -> None:
        try:
            response = await timers.within(timeout_seconds, shadow(call))
        except Exception:  # noqa: BLE001 # nobody asks how it went
            return
        response.discard()

    async def with_shadow(call: ProxyRequest) -> ProxyResponse:
        Fiber(run_shadow(call.copy())).start()
        return await proxy(call)

    return with_shadow
