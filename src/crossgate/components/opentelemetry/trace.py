"""Which requests are traced, and what is kept of one that is. Knows no span's attributes and no exporter.

What is not traced costs a random number and a line for backends; their fields say so, so that nobody behind the gateway
traces half a request.
DEVIATION(DEV-OTEL-1): KrakenD tells backends nothing of requests that it does not trace, and traces all of them where
the rate is 0.
Source: krakend-otel `state/state.go` (NewWithVersion): below a rate of 1, what the caller decided holds.
"""

from collections.abc import Callable, Iterator, Sequence

from crossgate.components.opentelemetry.trace_context import SAMPLED, parse_baggage, parse_parent, parse_state
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.observed import Begin

_AT_ONCE = 256


class Trace:
    """A request that is traced. Ids are numbers, 0 where there is none.

    `parent_id` is the caller's span, `request_id` the request's own, `under` the one that pipes are children of,
    `pipe_id` the pipe's, `stages` those of backends, by whatever says which. `failure` is what a call failed with last.
    """

    __slots__ = (
        "baggage",
        "began_ns",
        "failure",
        "parent_id",
        "pipe_id",
        "request_id",
        "stages",
        "state",
        "trace_id",
        "under",
    )

    def __init__(self, trace_id: int, parent_id: int, began_ns: int, state: bytes, baggage: bytes) -> None:
        self.trace_id = trace_id
        self.parent_id = parent_id
        self.began_ns = began_ns
        self.state = state
        self.baggage = baggage
        self.request_id = 0
        self.under = parent_id
        self.pipe_id = 0
        self.stages: dict[int, int] = {}
        self.failure = ""

    def lines(self, span_id: int) -> bytes:
        """What a backend is told of the trace, `span_id` being its caller."""
        line = b"\r\nTraceparent: 00-%032x-%016x-01" % (self.trace_id, span_id)
        return line + _more_lines(self.state, self.baggage)


def _more_lines(state: bytes, baggage: bytes) -> bytes:
    more = b"\r\nTracestate: " + state if state else b""
    return more + b"\r\nBaggage: " + baggage if baggage else more


class Sampling:
    """Decides. `random_bits(number)` gives that many random bits; `now_ns` is the time in nanoseconds since the epoch.

    `has_request_spans`: each traced request has a span of its own, above all others.
    """

    def __init__(
        self,
        rate: float,
        skipped_paths: frozenset[str],
        random_bits: Callable[[int], int],
        now_ns: Callable[[], int],
        *,
        propagates: bool,
        has_request_spans: bool,
    ) -> None:
        self._takes_all = rate >= 1
        self._bound = int(rate * (1 << 64))
        self._skipped = frozenset(path.encode("utf-8", "surrogateescape") for path in skipped_paths)
        self._bits = random_bits
        self._now_ns = now_ns
        self._propagates = propagates
        self._has_request_spans = has_request_spans
        self.untraced_lines = self.build_untraced()

    def new_id(self) -> int:
        """A span's."""
        return self._bits(64) or 1

    def build_untraced(self) -> Callable[[], bytes]:
        """What gives the lines for a backend whose request nobody traces: a trace of which there is nothing."""
        bits, new_id = self._bits, self.new_id
        beginning, ending = b"\r\nTraceparent: 00-%016x" % new_id(), b"-%016x-00" % new_id()

        def lines() -> Iterator[bytes]:
            while True:  # many at once, since there is one for nearly every request
                digits = b"%0*x" % (16 * _AT_ONCE, bits(64 * _AT_ONCE))
                for start in range(0, len(digits), 16):
                    yield beginning + digits[start : start + 16] + ending

        return lines().__next__

    def build(self) -> Begin:
        """Who is told of each request. What says nothing of traces and is not traced has no notes."""
        bits, bound, takes_all, skipped = self._bits, self._bound, self._takes_all, self._skipped

        def begin(request: Request, track: Track | None = None, /) -> Track | None:
            if request.path in skipped:
                track = Track() if track is None else track
                track.trace_lines = b""
                return track
            names = request.names
            if names is None or b"traceparent" in names.at or b"tracestate" in names.at or b"baggage" in names.at:
                return self._join(request, Track() if track is None else track)
            low_half = bits(64)
            if takes_all or low_half < bound:
                return self._trace(track, self._new_trace_id(low_half), 0, b"", b"")
            return track

        return begin

    def _new_trace_id(self, low_half: int) -> int:
        """One whose lower half decided, as for TraceIDRatioBased samplers behind this one."""
        return self._bits(64) << 64 | low_half or 1

    def _join(self, request: Request, track: Track) -> Track:
        """A request that may say it belongs to a trace."""
        given = _values(request, b"traceparent") if self._propagates else ()
        parent = parse_parent(given[0]) if len(given) == 1 else None
        baggage = parse_baggage(_values(request, b"baggage")) if self._propagates else b""
        if parent is None:  # a malformed one, or several, or none: a trace of its own
            low_half = self._bits(64)
            if self._takes_all or low_half < self._bound:
                return self._trace(track, self._new_trace_id(low_half), 0, b"", baggage)
            track.trace_lines = self.untraced_lines() + _more_lines(b"", baggage)
            return track
        trace_id_text, span_id_text, flags = parent
        state = parse_state(_values(request, b"tracestate"))
        if self._takes_all or flags & SAMPLED:
            return self._trace(track, int(trace_id_text, 16), int(span_id_text, 16), state, baggage)
        # Nobody stands between the caller and the backend.
        line = b"\r\nTraceparent: 00-%b-%b-%02x" % (trace_id_text, span_id_text, flags)
        track.trace_lines = line + _more_lines(state, baggage)
        return track

    def _trace(self, track: Track | None, trace_id: int, parent_id: int, state: bytes, baggage: bytes) -> Track:
        track = Track() if track is None else track
        track.trace = trace = Trace(trace_id, parent_id, self._now_ns(), state, baggage)
        if self._has_request_spans:
            trace.request_id = trace.under = self.new_id()
        return track


def _values(request: Request, name: bytes) -> Sequence[bytes]:
    if request.names is None:
        return request.values(name)
    value = request.first(name)
    return () if value is None else (value,)
