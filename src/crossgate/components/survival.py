"""What survives a reload: things that components keep as long as some configuration in use asks for them.

Knows when a thing begins and ends; does not know what it is.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, TypeVar

from crossgate.flow.fiber import Fiber


class Survivor(Protocol):
    """A thing that lives beside requests, perhaps longer than one configuration."""

    async def start(self) -> None:
        """Begin. Raises OSError."""

    async def stop(self) -> None:
        """End."""


T = TypeVar("T", bound=Survivor)

Keep = Callable[[Hashable, Callable[[], T]], T]


class Survivors:
    """Those that one configuration asks for. `before` has those of the configuration it follows."""

    def __init__(self, before: "Survivors | None" = None) -> None:
        self._before = {} if before is None else dict(before._things)  # noqa: SLF001 # its own kind
        self._things: dict[tuple[str, Hashable], Survivor] = {}
        self._new: list[Survivor] = []
        self._is_started = False

    def keep(self, owner: str, key: Hashable, make: Callable[[], T]) -> T:
        """The owner's thing of that key: the one that is there already, else one that is made. An owner's keys say all
        that its things depend on; equal ones have to stand for things of one type."""
        at = (owner, key)
        thing = self._things.get(at)
        if thing is None:
            thing = self._before.get(at)
        if thing is None:
            thing = make()
            self._new.append(thing)
            if self._is_started:  # it waits for nothing: see Part.may_wait
                Fiber(thing.start()).start().done.result()
        self._things[at] = thing
        return thing  # type: ignore[return-value] # the owner's keys see to it

    async def start(self) -> None:
        """Start those that were made, side by side: each may wait for somebody else."""
        self._before = {}
        for failure in await asyncio.gather(*(thing.start() for thing in self._new), return_exceptions=True):
            if failure is not None:
                raise failure
        self._is_started = True

    async def stop(self, others: "Iterable[Survivors]" = ()) -> None:
        """Stop those that nobody else asks for."""
        needed = {id(thing) for other in others for thing in other._things.values()}  # noqa: SLF001 # likewise
        for thing in reversed(self._things.values()):
            if id(thing) not in needed:
                await thing.stop()
