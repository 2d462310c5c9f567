"""SRV look-ups for an event loop: the blocking resolver in a thread, its answer as a signal.

Knows the loop and the way to ask; does not know what the records are for.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from crossgate.flow.fiber import Signal
from crossgate.pipeline.discovery import ResolveSrv, SrvRecord, lookup_srv


def srv_resolver(loop: asyncio.AbstractEventLoop) -> ResolveSrv:
    """What `build_gateway` takes as `resolve_srv`. An answer that comes after the loop has ended is dropped."""

    async def resolve(name: str) -> Sequence[SrvRecord]:
        answer: Signal[Sequence[SrvRecord]] = Signal()
        loop.run_in_executor(None, lookup_srv, name).add_done_callback(partial(_settle, answer))
        return await answer

    return resolve


def _settle(answer: Signal[Sequence[SrvRecord]], done: "asyncio.Future[list[SrvRecord]]") -> None:
    if done.cancelled():
        return
    error = done.exception()
    if error is None:
        answer.succeed(done.result())
    else:
        answer.fail(error)
