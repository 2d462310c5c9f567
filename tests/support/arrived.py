"""A flow's result, for a test that is a task."""

import asyncio
from typing import Any

from crossgate.flow.fiber import Fiber, Flow


async def arrived(flow: Flow[Any]) -> Any:
    """Runs the flow and waits for its end; raises what it raised."""
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    fiber = Fiber(flow).start()
    fiber.done.wait_with(lambda: future.set_result(None))
    await future
    return fiber.done.result()
