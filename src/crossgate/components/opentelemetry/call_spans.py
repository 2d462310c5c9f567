"""The spans of calls, one for each request that a backend gets, and what that request says of its trace.

Source: krakend-otel `http/client/transport.go`, `transport_traces.go`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from crossgate.components.opentelemetry.request_spans import Emit
from crossgate.components.opentelemetry.shown import Shown
from crossgate.components.opentelemetry.span import CLIENT, Span
from crossgate.components.opentelemetry.trace import Trace
from crossgate.http.failure import UpstreamError
from crossgate.http.message import Fields, UpstreamRequest, UpstreamResponse, first_of_lines, parse_lines
from crossgate.http.printable import printable
from crossgate.pipeline.go_client import Send

_OF_TRACES = frozenset((b"traceparent", b"tracestate"))
_PORTS = {"http": 80, "https": 443}


class CallSpans:
    """What stands around calls. `now` is in monotonic seconds."""

    def __init__(
        self,
        emit: Emit,
        shown: Shown,
        now_ns: Callable[[], int],
        now: Callable[[], float],
        new_id: Callable[[], int],
        untraced_lines: Callable[[], bytes],
    ) -> None:
        self._emit = emit
        self._shown = shown
        self._now_ns = now_ns
        self._now = now
        self._new_id = new_id
        self._untraced_lines = untraced_lines

    def around(
        self,
        name: str,
        fixed: Mapping[str, Any],
        place: int,
        send: Send,
        *,
        may_pass: bool,
        has_spans: bool,
        skipped_fields: frozenset[bytes] | None,
    ) -> Send:
        """The way to one backend. `may_pass`: the client's own fields of a trace may be among those it gets;
        `skipped_fields` None: spans show no fields."""

        untraced_lines = self._untraced_lines

        def traced(request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
            track = request.track
            trace: Trace | None = None if track is None else track.trace
            if trace is None:
                lines = None if track is None else track.trace_lines
                had = request.lines
                if lines is None and had is not None:  # nearly all requests: they say nothing of traces themselves
                    request.lines = had + untraced_lines()
                elif lines != b"":
                    _tell(request, untraced_lines() if lines is None else lines, may_pass=may_pass)
                return send(request)
            parent_id = trace.stages.get(place) or trace.pipe_id or trace.under
            if not has_spans:
                _tell(request, trace.lines(parent_id or self._new_id()), may_pass=may_pass)
                return send(request)
            return self._spanned(name, fixed, send, request, trace, parent_id, may_pass, skipped_fields)

        return traced

    async def _spanned(
        self,
        name: str,
        fixed: Mapping[str, Any],
        send: Send,
        request: UpstreamRequest,
        trace: Trace,
        parent_id: int,
        may_pass: bool,
        skipped_fields: frozenset[bytes] | None,
    ) -> UpstreamResponse:
        span_id, began_ns, began = self._new_id(), self._now_ns(), self._now()
        attributes = self._of_request(request, fixed, skipped_fields)
        _tell(request, trace.lines(span_id), may_pass=may_pass)
        ok: bool | None = None
        failure, exception = "", None
        try:
            response = await send(request)
        except Exception as error:
            ok, failure = False, self._shown.text(str(error))
            exception = type(error).__name__, failure
            attributes["error.type"] = str(error.kind) if isinstance(error, UpstreamError) else type(error).__name__
            trace.failure = failure
            raise
        except BaseException:  # nobody waits for it any more
            attributes["canceled"] = True
            raise
        else:
            ok = response.status < 500
            self._of_response(response, attributes, skipped_fields)
            attributes["response-duration"] = self._now() - began
            return response
        finally:
            self._emit(
                Span(
                    name,
                    CLIENT,
                    trace.trace_id,
                    span_id,
                    parent_id,
                    began_ns,
                    self._now_ns(),
                    attributes,
                    ok,
                    failure,
                    exception,
                    state=trace.state,
                    is_remote=parent_id == trace.parent_id,
                )
            )

    def _of_request(
        self, request: UpstreamRequest, fixed: Mapping[str, Any], skipped_fields: frozenset[bytes] | None
    ) -> dict[str, Any]:
        host, colon, port = request.authority.rpartition(":")
        if not colon or not port.isdigit():
            host, port = request.authority, str(_PORTS.get(request.scheme, 80))
        url = f"{request.scheme}://{printable(request.authority.encode())}{self._shown.target(request.target)}"
        # Asking the request itself for its fields would have it take its lines apart.
        lines = request.lines
        agent = _first(request.fields, b"user-agent") if lines is None else first_of_lines(lines, b"user-agent")
        attributes: dict[str, Any] = {
            **fixed,
            "url.full": url,
            "server.address": host.strip("[]"),
            "server.port": int(port),
            "http.request.method": printable(request.method),
        }
        size = len(request.body) if isinstance(request.body, bytes) else request.content_length
        if size is not None:
            attributes["http.request.body.size"] = size
        if agent:
            attributes["user_agent.original"] = self._shown.text(printable(agent))
        if skipped_fields is not None:
            fields = request.fields if lines is None else parse_lines(lines)
            attributes.update(self._shown.fields("request", fields, skipped_fields))
        return attributes

    def _of_response(
        self, response: UpstreamResponse, attributes: dict[str, Any], skipped_fields: frozenset[bytes] | None
    ) -> None:
        attributes["http.response.status_code"] = response.status
        if response.status >= 500:
            attributes["error.type"] = str(response.status)
        size = response.length_bytes
        if size is None and isinstance(response.body, bytes):
            size = len(response.body)
        if size is not None:
            attributes["http.response.body.size"] = size
        if skipped_fields is not None:
            lines = response.lines
            fields = response.fields if lines is None else parse_lines(lines)
            attributes.update(self._shown.fields("response", fields, skipped_fields))


def _first(fields: Fields, name: bytes) -> bytes | None:
    return next((value for known, value in fields if known.lower() == name), None)


def _tell(request: UpstreamRequest, lines: bytes, *, may_pass: bool) -> None:
    """The lines among the request's, in the place of what the client said of traces itself."""
    had = request.lines
    if had is not None and not (
        may_pass and (b"\r\nTraceparent: " in had or b"\r\nTracestate: " in had or b"\r\nBaggage: " in had)
    ):
        request.lines = had + lines
        return
    parts = [line.partition(b": ") for line in lines.split(b"\r\n")[1:]]
    ours = [(name, value) for name, _, value in parts]
    replaced = _OF_TRACES | {name.lower() for name, _ in ours}
    request.fields = [field for field in request.fields if field[0].lower() not in replaced] + ours
