"""Parts of an answer put together: data merged in order of arrival, top-level key over top-level key.

Source: lura `proxy/merging.go`, incrementalMergeAccumulator and combineData.
"""

from crossgate.pipeline.failure import MergeError
from crossgate.pipeline.proxy import ProxyResponse


class Accumulator:
    """Of one request. `expected` is how many parts there should be."""

    __slots__ = ("_errors", "_merged", "_pending")

    def __init__(self, expected: int) -> None:
        self._pending = expected
        self._merged: ProxyResponse | None = None
        self._errors: list[Exception] = []

    def add(self, part: ProxyResponse) -> None:
        """One more part. The first one's data are the ones that grow."""
        self._pending -= 1
        if self._merged is None:
            self._merged = part
            return
        present = [data for data in (self._merged.data, part.data) if data is not None]
        is_complete = len(present) == 2 and self._merged.is_complete and part.is_complete
        merged = present[0] if present else {}
        for data in present[1:]:
            merged.update(data)
        self._merged = ProxyResponse(merged, is_complete=is_complete)  # status, fields and body of the parts are lost

    def add_error(self, error: Exception) -> None:
        """A part failed."""
        self._pending -= 1
        self._errors.append(error)

    def result(self) -> ProxyResponse:
        """What arrived. Raises MergeError where nothing did."""
        if self._merged is None:
            raise MergeError(tuple(self._errors))
        if self._pending or self._errors:
            self._merged.is_complete = False
        self._merged.errors = tuple(self._errors)
        return self._merged
