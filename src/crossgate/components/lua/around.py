"""`modifier/lua-proxy` and `modifier/lua-backend`: scripts before and behind calls.

Source: krakend-lua 2.13 `proxy/proxy.go`. DEVIATION(DEV-LUA-5): `post` runs beside failures, too, where there are data:
what it was to take out of them would reach clients otherwise.
"""

from crossgate.components.lua.config import Scripts
from crossgate.components.lua.requests import change_request, request_parts
from crossgate.components.lua.responses import Shown, change_response
from crossgate.components.lua.running import Runner, Running, reason_of
from crossgate.lua.session import ScriptFailedError
from crossgate.lua.wire import Answer, Ask, Changes
from crossgate.pipeline.failure import RefusedError
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.request_body import read_request_body


class Around:
    """The scripts around a proxy, as one. `is_no_op`: its responses are passed on as they are."""

    def __init__(self, runner: Runner, scripts: Scripts, proxy: Proxy, *, is_no_op: bool) -> None:
        self._runner = runner
        self._scripts = scripts
        self._proxy = proxy
        self._is_no_op = is_no_op

    async def __call__(self, call: ProxyRequest) -> ProxyResponse:
        """See Proxy. Raises RefusedError where a script fails."""
        scripts = self._scripts
        shown: Shown | None = None

        async def fetch(ask: Ask) -> Answer:
            if ask.what == "request-body":
                call.body = body = await read_request_body(call.body)
                return Answer(body)
            if shown is None:
                return Answer(b"", fault="response expected")
            return Answer(shown.data() if ask.what == "data" else await shown.body())

        running = self._runner.session(fetch)
        try:
            if scripts.runs_before:
                change_request(call, await running.begin(request_parts(call)))
            if not scripts.script.post:
                running.close()
            response = ProxyResponse({}, is_complete=False) if scripts.skips_next else await self._proxy(call)
            if scripts.script.post:
                shown = Shown(response, is_no_op=self._is_no_op)
                changes = await self._behind(running, call, shown)
                change_response(shown, changes)
        except ScriptFailedError as error:
            content_type = error.content_type.encode("latin-1", "replace")
            status = error.status or 500
            raise RefusedError(
                str(error),
                reason=reason_of(error),
                status=status,
                honest_status=status,
                content_type=content_type,
            ) from error
        finally:
            running.close()
        return response

    async def _behind(self, running: Running, call: ProxyRequest, shown: Shown) -> Changes:
        parts = shown.parts(with_data=self._scripts.uses_data)
        if self._scripts.runs_before:
            return await running.go_on(parts)
        return await running.begin(request_parts(call), parts)
