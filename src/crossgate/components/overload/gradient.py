"""How many requests may be under way, found by how their latencies change. Pure: knows no clock and no request.

After Netflix's concurrency-limits (`Gradient2Limit`): as long as latencies are what they have been for long, the
bound grows; when they rise above that, it shrinks in proportion. Two things differ. Latencies are compared endpoint
by endpoint (`Pace`), so that a slow endpoint that is asked more often is not taken for overload. And what was
measured while requests had to wait hardly counts for the long run: else a gateway that is overloaded for minutes
would take that for its normal state, and the bound would grow to where it does no good.
"""

from dataclasses import dataclass
from math import sqrt

TOLERANCE = 1.5
"""So many times the latency of the long run is no reason to shrink."""
SMOOTHING = 0.2
"""The share of the new in each step."""
LAG_SECONDS = 0.05
"""An event loop that is so late has too much to do, whatever latencies say: they begin only when a request is read."""
_LONG_RUN = 600  # requests
_IN_NEED = 10  # so many times less counts what was measured while requests waited
_LEAST_SAMPLES = 10
_FIRST = 64


@dataclass(slots=True)
class Pace:
    """What one endpoint takes in the long run. `seconds` 0: nothing is known."""

    seconds: float = 0.0
    samples: int = 0

    def compare(self, seconds: float, *, in_need: bool) -> float:
        """How many times the long run that is; takes it into account."""
        if self.seconds <= 0:
            self.seconds = max(seconds, 1e-6)
            self.samples = 1
            return 1.0
        ratio = seconds / self.seconds
        self.samples = min(self.samples + 1, _LONG_RUN)
        weight = 1 / (self.samples * (_IN_NEED if in_need else 1))
        self.seconds += (seconds - self.seconds) * weight
        return ratio


class Gradient:
    """The bound, between `least` and `most`. Give it samples, then have it `step` some ten times a second."""

    __slots__ = ("_bound", "_least", "_most", "_samples", "_sum")

    def __init__(self, least: int, most: int) -> None:
        self._least = least
        self._most = most
        self._bound = float(min(max(least, _FIRST), most))
        self._samples = 0
        self._sum = 0.0

    @property
    def bound(self) -> int:
        """Whole requests."""
        return int(self._bound)

    def add(self, ratio: float) -> None:
        """One request took so many times what it takes in the long run."""
        self._samples += 1
        self._sum += ratio

    def step(self, most_in_flight: int, lag_seconds: float) -> int:
        """The bound from now on, given how many requests were under way at most since the last step."""
        bound = self._bound
        if lag_seconds > LAG_SECONDS:
            self._bound = max(self._least, bound * 0.9)
        elif self._samples >= _LEAST_SAMPLES and most_in_flight * 2 >= bound:
            gradient = min(1.0, max(0.5, TOLERANCE * self._samples / max(self._sum, 1e-9)))
            wanted = bound * gradient + sqrt(bound)
            self._bound = min(self._most, max(self._least, bound + (wanted - bound) * SMOOTHING))
        else:
            return self.bound  # what is not made use of says nothing; samples go on being gathered
        self._samples = 0
        self._sum = 0.0
        return self.bound
