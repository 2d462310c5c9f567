"""Several backends at once, their answers merged as they arrive.

Those that have not answered within the merge's share of the endpoint's time fail, the others count.

Source: lura `proxy/merging.go`, parallelMerge.
"""

from collections.abc import Sequence

from crossgate.flow.fiber import CallbackFiber, Signal
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.pipeline.accumulate import Accumulator
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

SHARE_OF_TIMEOUT = 0.85
"""Of the endpoint's time, how much its backends have."""


def build_merge(parts: Sequence[Proxy], timeout_seconds: float, timers: Timers) -> Proxy:
    """The merge of two backends or more."""
    share_seconds = timeout_seconds * SHARE_OF_TIMEOUT

    async def merge(call: ProxyRequest) -> ProxyResponse:
        merging = _Merging(len(parts))
        timer = timers.after(share_seconds, merging.expire)
        try:
            for part in parts:
                merging.start(part, call)
            await merging.done
        finally:
            timer.cancel()
            merging.abandon()
        return merging.accumulator.result()

    return merge


class _Merging:
    """The parts of one request on their way. `done` arrives with the last of them."""

    __slots__ = ("_fibers", "_pending", "accumulator", "done")

    def __init__(self, expected: int) -> None:
        self.accumulator = Accumulator(expected)
        self.done: Signal[None] = Signal()
        self._pending = expected
        self._fibers: list[CallbackFiber[ProxyResponse]] = []

    def start(self, part: Proxy, call: ProxyRequest) -> None:
        """Begin with one part."""
        coroutine = part(call)
        try:
            signal = coroutine.send(None)
        except StopIteration as end:
            self._arrived(end.value, None)
        except Exception as error:  # noqa: BLE001 # whatever failed is this part's failure; the endpoint logs it
            self._arrived(None, error)
        else:
            self._fibers.append(CallbackFiber(coroutine, signal, self._arrived))

    def _arrived(self, response: ProxyResponse | None, error: BaseException | None) -> None:
        if response is None or response.errors:  # an answer beside an error is none for a merge
            failure = error if response is None else response.errors[0]
            self.accumulator.add_error(failure if isinstance(failure, Exception) else RuntimeError(str(failure)))
        else:
            self.accumulator.add(response)
        self._pending -= 1
        if not self._pending:
            self.done.succeed(None)

    def expire(self) -> None:
        """The time is over: what has arrived counts."""
        for fiber in self._fibers:
            fiber.throw(DeadlineExceededError())

    def abandon(self) -> None:
        """Nobody waits for those that are still on their way."""
        for fiber in self._fibers:
            fiber.abandon()
