"""Which requests are traced, and what is kept of one that is. Knows no span's attributes and no exporter.

What is not traced costs a random number and a line for backends; their fields say so, so that nobody behind the gateway
traces half a request.
DEVIATION(DEV-OTEL-1): KrakenD tells backends nothing of requests that it does not trace, and traces all of them where
the rate is 0.
Source: krakend-otel `state/state.go` (NewWithVersion): below a rate of 1, what the caller decided holds.
"""

from collections.abc import Callable, Sequence

from crossgate.components.opentelemetry.trace_context import SAMPLED, parse_baggage, parse_parent, parse_state
from crossgate.http.message import Request
from crossgate.http.track import Track
from crossgate.pipeline.observed import Begin

_LOW_HALF = (1 << 64) - 1


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

    def new_id(self) -> int:
        """A span's."""
        return self._bits(64) or 1

    def build(self) -> Begin:
        """Who is told of each request."""
        bits, bound, takes_all, skipped = self._bits, self._bound, self._takes_all, self._skipped
        propagates = self._propagates

        def begin(request: Request, track: Track) -> None:
            if request.path in skipped:
                return
            names = request.names
            if propagates and (names is None or b"traceparent" in names.at):
                self._join(request, track)
                return
            trace_id = bits(128) or 1
            if takes_all or trace_id & _LOW_HALF < bound:
                baggage = self._baggage(request) if names is None or b"baggage" in names.at else b""
                self._trace(track, trace_id, 0, b"", baggage)
            else:
                track.trace_lines = b"\r\nTraceparent: 00-%032x-%016x-00" % (trace_id, bits(64) or 1)

        return begin

    def _join(self, request: Request, track: Track) -> None:
        """A request that says it belongs to a trace, or says something of that kind."""
        given = _values(request, b"traceparent")
        parent = parse_parent(given[0]) if len(given) == 1 else None
        baggage = self._baggage(request)
        if parent is None:  # a malformed one, or several: a trace of its own
            trace_id = self._bits(128) or 1
            if self._takes_all or trace_id & _LOW_HALF < self._bound:
                self._trace(track, trace_id, 0, b"", baggage)
            else:
                line = b"\r\nTraceparent: 00-%032x-%016x-00" % (trace_id, self.new_id())
                track.trace_lines = line + _more_lines(b"", baggage)
            return
        trace_id_text, span_id_text, flags = parent
        state = parse_state(_values(request, b"tracestate"))
        if self._takes_all or flags & SAMPLED:
            self._trace(track, int(trace_id_text, 16), int(span_id_text, 16), state, baggage)
        else:  # nobody stands between the caller and the backend
            line = b"\r\nTraceparent: 00-%b-%b-%02x" % (trace_id_text, span_id_text, flags)
            track.trace_lines = line + _more_lines(state, baggage)

    def _baggage(self, request: Request) -> bytes:
        return parse_baggage(_values(request, b"baggage")) if self._propagates else b""

    def _trace(self, track: Track, trace_id: int, parent_id: int, state: bytes, baggage: bytes) -> None:
        track.trace = trace = Trace(trace_id, parent_id, self._now_ns(), state, baggage)
        if self._has_request_spans:
            trace.request_id = trace.under = self.new_id()


def _values(request: Request, name: bytes) -> Sequence[bytes]:
    if request.names is None:
        return request.values(name)
    value = request.first(name)
    return () if value is None else (value,)
