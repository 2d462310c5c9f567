"""Calls of backends as the access log wants them: with the request's id among their fields, and how long they took.

Stands around the way to a backend where requests have ids, or the log shows times of backends; not there otherwise.
"""

from collections.abc import Awaitable, Callable

from crossgate.golang.header_name import canonical_header_name
from crossgate.http.failure import UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import ObserveCalls
from crossgate.plan import BackendPlan, EndpointPlan
from crossgate.transport.connection import Answer


def tell_ids(header: str) -> ObserveCalls:
    """See `ObserveCalls`. `header` is the field of ids."""
    canonical = canonical_header_name(header).encode("ascii")
    written, name = b"\r\n%b: " % canonical, canonical.lower()

    def around(_endpoint: EndpointPlan, _backend: BackendPlan, send: Send) -> Send:
        def told(request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
            track = request.track
            if track is not None and track.id_line:
                lines = request.lines
                if lines is not None and written not in lines:
                    request.lines = lines + track.id_line
                else:  # in the place of whatever the client's fields say of one
                    field_name, _, value = track.id_line[2:].partition(b": ")
                    fields = [field for field in request.fields if field[0].lower() != name]
                    request.fields = [*fields, (field_name, value)]
            return send(request)

        return told

    return around


def note_times(now: Callable[[], float]) -> ObserveCalls:
    """See `ObserveCalls`. `now` is in monotonic seconds."""

    def note(request: UpstreamRequest) -> None:
        track = request.track
        if track is not None:
            track.upstream_seconds = now() - track.upstream_began

    async def noted_at_the_end(request: UpstreamRequest, answer: Awaitable[UpstreamResponse]) -> UpstreamResponse:
        try:
            return await answer
        finally:
            note(request)

    def around(_endpoint: EndpointPlan, _backend: BackendPlan, send: Send) -> Send:
        def noted(request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
            track = request.track
            if track is None:
                return send(request)
            if not track.upstream_began:
                track.upstream_began = now()
            try:
                answer = send(request)
            except UpstreamError:
                note(request)
                raise
            if type(answer) is not Answer:
                return noted_at_the_end(request, answer)
            answer.on_over = note  # nearly always: it costs no coroutine
            return answer

        return noted

    return around
