"""Calls of backends as the access log wants them: how long they took, and with the request's id among their fields.

Stands around the way to a backend where the log shows more than gin's form does; not there otherwise.
"""

from collections.abc import Callable

from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.pipeline.go_client import Send
from crossgate.pipeline.observed import ObserveCalls
from crossgate.plan import BackendPlan, EndpointPlan


def note_calls(now: Callable[[], float]) -> ObserveCalls:
    """See `ObserveCalls`. `now` is in monotonic seconds."""

    def around(_endpoint: EndpointPlan, _backend: BackendPlan, send: Send) -> Send:
        async def noted(request: UpstreamRequest) -> UpstreamResponse:
            track = request.track
            if track is None:
                return await send(request)
            if track.id_line:
                _tell_id(request, track.id_name, track.id_line)
            began = now()
            if not track.upstream_began:
                track.upstream_began = began
            try:
                return await send(request)
            finally:
                track.upstream_seconds = now() - track.upstream_began

        return noted

    return around


def _tell_id(request: UpstreamRequest, name: bytes, line: bytes) -> None:
    """The id in the place of whatever the client's fields say of one."""
    lines = request.lines
    if lines is not None and b"\r\n%b:" % name not in lines.lower():
        request.lines = lines + line
        return
    field_name, _, value = line[2:].partition(b": ")
    request.fields = [field for field in request.fields if field[0].lower() != name] + [(field_name, value)]
