"""The spans of requests as clients see them, and of the stages of endpoints.

Source: krakend-otel `http/server/traces.go`, `http/attributes.go`, `lura/proxy.go`, `lura/proxy_tracer.go`.
DEVIATION(DEV-OTEL-3): spans of what failed say so; KrakenD's say OK where 500 was answered.
"""

from collections.abc import Callable, Mapping
from typing import Any

from crossgate.components.opentelemetry.model import Layer
from crossgate.components.opentelemetry.names import route_of
from crossgate.components.opentelemetry.shown import Shown
from crossgate.components.opentelemetry.span import INTERNAL, SERVER, Span
from crossgate.components.opentelemetry.trace import Trace
from crossgate.cors import Decision
from crossgate.cors.counters import outcome_of
from crossgate.flow.fiber import Cancelled
from crossgate.http.message import Fields, Request
from crossgate.http.printable import printable
from crossgate.pipeline.client_ip import ClientIp
from crossgate.pipeline.gateway_pipe import Route
from crossgate.pipeline.observed import Ended, Watch
from crossgate.pipeline.watched import NotAnsweredError
from crossgate.server.application import CLIENT_GONE

Emit = Callable[[Span], object]


class RequestSpans:
    """A span for each traced request, made when its response was written."""

    def __init__(self, layer: Layer, emit: Emit, shown: Shown, client_ip: ClientIp) -> None:
        self._layer = layer
        self._emit = emit
        self._shown = shown
        self._client_ip = client_ip

    def record(
        self,
        request: Request,
        route: Route | None,
        decision: Decision | None,
        status: int,
        body_bytes: int,
        seconds: float,
    ) -> None:
        """See Record."""
        track = request.track
        trace: Trace | None = None if track is None else track.trace
        if trace is None or not trace.request_id:
            return
        attributes = self._of_request(request)
        attributes["http.route"] = route_of("" if route is None else route.endpoint)
        attributes["http.response.status_code"] = status
        attributes["http.response.body.size"] = body_bytes
        if decision is not None:
            attributes["crossgate.cors"] = outcome_of(decision.kind, decision.allowed)
            attributes["crossgate.cors.reason"] = str(decision.reason)
        if track is not None and track.request_id:
            attributes["crossgate.request_id"] = printable(track.request_id)
        ok = status < 500 and status != CLIENT_GONE
        if not ok:
            attributes["error.type"] = str(status)
        end_ns = trace.began_ns + int(seconds * 1e9)
        path = self._shown.target(request.path)
        self._emit(
            Span(
                path,
                SERVER,
                trace.trace_id,
                trace.request_id,
                trace.parent_id,
                trace.began_ns,
                end_ns,
                attributes,
                ok,
                "the client went away" if status == CLIENT_GONE else trace.failure,
                state=trace.state,
                is_remote=True,
            )
        )

    def _of_request(self, request: Request) -> dict[str, Any]:
        shown, layer = self._shown, self._layer
        path, query = shown.target(request.path), request.query
        shown_query = "" if query is None else shown.query(query)
        attributes: dict[str, Any] = {
            "krakend.stage": "global",
            "http.request.method": printable(request.method),
            "url.full": path if query is None else f"{path}?{shown_query}",
            "url.path": path,
            "url.scheme": "http",
            "server.address": printable(request.host),
            "network.protocol.version": request.version.decode("ascii", "replace"),
        }
        if shown_query:
            attributes["url.query"] = shown_query
        client = self._client_ip(request)
        if client:
            attributes["client.address"] = client
        agent = request.first(b"user-agent")
        if agent:
            attributes["user_agent.original"] = shown.text(printable(agent))
        length = b"0" if not request.has_body else request.first(b"content-length")
        if length is not None and length.isdigit():
            attributes["http.request.body.size"] = int(length)
        attributes.update(layer.attributes)
        if layer.report_fields:
            attributes.update(shown.fields("request", request.fields, layer.skipped_fields))
        return attributes


class StageSpans:
    """The spans of stages: `proxy` for an endpoint's pipe, `backend` for one call with its decoding."""

    def __init__(self, emit: Emit, shown: Shown, now_ns: Callable[[], int], new_id: Callable[[], int]) -> None:
        self._emit = emit
        self._shown = shown
        self._now_ns = now_ns
        self._new_id = new_id

    def watch(
        self,
        name: str,
        fixed: Mapping[str, Any],
        place: int,
        report: Callable[[Request], Mapping[str, Any]] | None = None,
    ) -> Watch:
        """Of one stage. `place` says which backend it is, 0: the pipe; `report` gives attributes of the request."""
        new_id, now_ns = self._new_id, self._now_ns

        def begin(request: Request) -> Ended | None:
            track = request.track
            trace: Trace | None = None if track is None else track.trace
            if trace is None:
                return None
            span_id = new_id()
            if place:
                parent_id = trace.pipe_id or trace.under
                trace.stages[place] = span_id
            else:
                parent_id = trace.under
                trace.pipe_id = span_id
            attributes = dict(fixed)
            if report is not None:
                attributes.update(report(request))
            began_ns = now_ns()

            def ended(status: int, complete: bool, error: BaseException | None) -> None:
                self._end(name, trace, span_id, parent_id, began_ns, attributes, status, complete, error)

            return ended

        return begin

    def _end(
        self,
        name: str,
        trace: Trace,
        span_id: int,
        parent_id: int,
        began_ns: int,
        attributes: dict[str, Any],
        status: int,
        complete: bool,
        error: BaseException | None,
    ) -> None:
        ok, failure = None, ""
        if isinstance(error, Cancelled):
            attributes["canceled"] = True
        elif error is not None:
            failure = trace.failure if isinstance(error, NotAnsweredError) else self._shown.text(str(error))
            ok, attributes["error"] = False, failure
            trace.failure = failure
            status = 500
        if status:
            attributes["http.response.status_code"] = status
        attributes["complete"] = complete
        self._emit(
            Span(
                name,
                INTERNAL,
                trace.trace_id,
                span_id,
                parent_id,
                began_ns,
                self._now_ns(),
                attributes,
                ok,
                failure,
                state=trace.state,
                is_remote=parent_id == trace.parent_id,
            )
        )


def passing_fields(input_headers: tuple[str, ...], shown: Shown, skipped: frozenset[bytes]) -> Any:
    """Attributes for those fields of a request that an endpoint lets through."""
    names = frozenset(name.lower().encode("latin-1", "replace") for name in input_headers or ("Content-Type",))

    def report(request: Request) -> Mapping[str, Any]:
        fields: Fields = request.fields if b"*" in names else [one for one in request.fields if one[0] in names]
        return shown.fields("request", fields, skipped)

    return report
