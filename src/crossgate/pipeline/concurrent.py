"""The same call several times at once; the first complete answer wins.

Source: lura `proxy/concurrent.go`.
"""

from crossgate.flow.fiber import Fiber, Race
from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse

SHARE_OF_TIMEOUT = 0.75


def build_concurrent(proxy: Proxy, calls: int, timeout_seconds: float, timers: Timers) -> Proxy:
    """The stage. Without a complete answer the last incomplete one is taken, with the last error beside it."""
    share_seconds = timeout_seconds * SHARE_OF_TIMEOUT

    async def race_calls(call: ProxyRequest) -> ProxyResponse:
        fibers: list[Fiber[ProxyResponse]] = []
        answers: list[ProxyResponse] = []
        winner: ProxyResponse | None = None
        is_over = False

        async def run() -> ProxyResponse:
            answer = await proxy(call)
            if is_over:  # one that another call waited for, and which came to its end before it could be cancelled
                answer.discard()
            else:
                answers.append(answer)
            return answer

        def expire() -> None:
            for fiber in fibers:
                fiber.throw(DeadlineExceededError())

        timer = timers.after(share_seconds, expire)
        try:
            with Race[ProxyResponse]() as race:
                fibers += [race.start(run()) for _ in range(calls)]
                winner = await _first_complete(race, calls)
        finally:
            timer.cancel()
            is_over = True
            for answer in answers:
                if answer is not winner:
                    answer.discard()
        return winner

    return race_calls


async def _first_complete(race: Race[ProxyResponse], calls: int) -> ProxyResponse:
    last: ProxyResponse | None = None
    error: Exception | None = None
    for _ in range(calls):
        arrived = await race.next_arrival()
        try:
            answer = await arrived.done
        except Exception as failure:  # noqa: BLE001 # one call's failure; another may succeed
            error = failure
            continue
        if answer.is_complete:
            return answer
        last = answer
    if last is None:
        raise error or DeadlineExceededError()
    if error is not None:
        last.errors = (error,)
    return last
