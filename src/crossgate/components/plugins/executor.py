"""`plugin/http-client`: a plugin that makes the calls of one backend. Does not know how functions are called.

Source: lura v2 `transport/http/client/plugin/executor.go`.
"""

from crossgate.components.plugins.calling import Function
from crossgate.components.plugins.front import in_fiber
from crossgate.components.plugins.translate import (
    SeenResponse,
    checked_authority,
    checked_method,
    checked_path,
    checked_query,
    drop,
    end_to_end,
    refused,
    response_of,
)
from crossgate.flow.body import Body
from crossgate.http.message import Response, UpstreamRequest, UpstreamResponse, changed_names
from crossgate.pipeline.backend import read_answer
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.request_body import read_request_body
from crossgate.plugins import BodyNotReadError, Headers, Refusal, Request
from crossgate.plugins import Response as PluginResponse


def build_executor(function: Function, send: Send) -> Send:
    """What sends the requests of a backend: the plugin, which may have `send` do it."""

    async def execute(upstream: UpstreamRequest) -> UpstreamResponse:
        if function.needs_body:
            upstream.body = await read_request_body(upstream.body)
        call = _Call(function, upstream, send)
        try:
            found = await function.result(call.seen, call.send)
        except Refusal as refusal:
            call.drop_all(None)
            raise refused(refusal) from None
        except BaseException:
            call.drop_all(None)
            raise
        call.drop_all(found)
        if not isinstance(found, PluginResponse):
            raise function.wrong(found, "a Response")
        try:
            response = response_of(found, function.name)
        except (ValueError, TypeError, RuntimeError, AttributeError) as error:
            raise function.failed(error) from None
        return UpstreamResponse(response.status, response.fields, response.body, reason=response.reason)

    return execute


class _Call:
    """One call of a backend that a plugin makes."""

    def __init__(self, function: Function, upstream: UpstreamRequest, send: Send) -> None:
        self._function = function
        self._upstream = upstream
        self._send = send
        self._given: list[SeenResponse] = []
        self._has_sent = False
        self.seen = Request(
            upstream.method.decode("latin-1"),
            upstream.target.decode("latin-1"),
            Headers.of_lines(upstream.fields),
            upstream.body if isinstance(upstream.body, bytes) else None,
            host=upstream.authority,
            scheme=upstream.scheme,
        )

    async def send(self, request: Request) -> PluginResponse:
        """The plugin's way to have the gateway make a call. Raises ValueError, and what the call raises."""
        upstream = self._made(request)
        response = await in_fiber(self._sent(upstream))
        seen = SeenResponse(Response(response.status, response.fields, response.body, reason=response.reason))
        self._given.append(seen)
        return seen

    async def _sent(self, upstream: UpstreamRequest) -> UpstreamResponse:
        response = await self._send(upstream)
        if self._function.needs_body:
            response.body = await read_answer(response.body)
        return response

    def _made(self, seen: Request) -> UpstreamRequest:
        if seen.scheme not in ("http", "https"):
            raise ValueError("send takes a request to http or https")
        known = self._upstream
        query = checked_query(seen.written_query())
        body: bytes | Body = known.body
        if self._has_sent and isinstance(body, Body) and not seen.has_body:
            raise BodyNotReadError  # its pieces have gone the first way
        self._has_sent = True
        if seen is not self.seen or seen.body_changed:
            body = seen.body
        length = len(body) if isinstance(body, bytes) and body else known.content_length
        fields = end_to_end(seen.headers.lines())
        made = UpstreamRequest(
            checked_method(seen.method),
            seen.scheme,
            checked_authority(seen.host),
            checked_path(seen.path) + (b"?" + query if query else b""),
            fields,
            body,
            length,
            undoes_gzip=known.undoes_gzip,
            track=known.track,
        )
        made.told = known.told | changed_names(end_to_end(known.fields), fields)
        return made

    def drop_all(self, kept: object) -> None:
        """Let go of answers that the plugin was given and does not pass on."""
        for seen in self._given:
            if seen is not kept:
                drop(seen)
