"""Several backends at once, their answers merged as they arrive.

Those that have not answered within the merge's share of the endpoint's time fail, the others count.

Source: lura `proxy/merging.go`, parallelMerge.
"""

from collections.abc import Sequence

from crossgate.flow.fiber import Fiber, Race
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.pipeline.accumulate import Accumulator
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

SHARE_OF_TIMEOUT = 0.85
"""Of the endpoint's time, how much its backends have."""


def build_merge(parts: Sequence[Proxy], timeout_seconds: float, timers: Timers) -> Proxy:
    """The merge of two backends or more."""
    share_seconds = timeout_seconds * SHARE_OF_TIMEOUT

    async def merge(call: ProxyRequest) -> ProxyResponse:
        accumulator = Accumulator(len(parts))
        fibers: list[Fiber[ProxyResponse]] = []

        def expire() -> None:
            for fiber in fibers:
                fiber.throw(DeadlineExceededError())

        timer = timers.after(share_seconds, expire)
        try:
            with Race[ProxyResponse]() as race:
                fibers += [race.start(part(call)) for part in parts]
                for _ in parts:
                    arrived = await race.next_arrival()
                    await _take(accumulator, arrived)
        finally:
            timer.cancel()
        return accumulator.result()

    return merge


async def _take(accumulator: Accumulator, arrived: Fiber[ProxyResponse]) -> None:
    try:
        part = await arrived.done
    except Exception as error:  # noqa: BLE001 # whatever failed is this part's failure; the endpoint logs it
        accumulator.add_error(error)
    else:
        if part.errors:  # an answer beside an error is none for a merge
            accumulator.add_error(part.errors[0])
        else:
            accumulator.add(part)
