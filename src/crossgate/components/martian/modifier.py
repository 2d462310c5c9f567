"""A modifier: what it does to requests, what it does to responses. Either may be nothing.

Does not know JSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from crossgate.components.martian.exchange import Incoming, Outgoing, failed
from crossgate.pipeline.failure import RefusedError

OnRequest = Callable[[Outgoing], None]
"""Raises RefusedError where it fails."""

OnResponse = Callable[[Incoming], None]
"""The same."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Modifier:
    """Both sides of one."""

    on_request: OnRequest | None = None
    on_response: OnResponse | None = None

    def within(self, request: bool, response: bool) -> "Modifier":
        """What is left of it within a scope."""
        return Modifier(self.on_request if request else None, self.on_response if response else None)


def in_order(members: Sequence[Modifier], *, aggregates: bool = False) -> Modifier:
    """All of them, one after the other. An error ends that, unless it `aggregates`: then errors are joined."""
    return Modifier(
        _each([member.on_request for member in members if member.on_request is not None], aggregates),
        _each([member.on_response for member in members if member.on_response is not None], aggregates),
    )


def _each(steps: Sequence[Callable[[_T], None]], aggregates: bool) -> Callable[[_T], None] | None:
    def run(message: _T) -> None:
        errors: list[str] = []
        for step in steps:
            try:
                step(message)
            except RefusedError as error:
                if not aggregates:
                    raise
                errors.append(str(error))
        if errors:
            raise failed("\n".join(errors))

    return run if steps else None


def either(
    matches_request: Callable[[Outgoing], bool],
    matches_response: Callable[[Incoming], bool],
    then: Modifier,
    otherwise: Modifier,
) -> Modifier:
    """One modifier where something matches, another where it does not; decided anew for the response."""

    def on_request(outgoing: Outgoing) -> None:
        step = then.on_request if matches_request(outgoing) else otherwise.on_request
        if step is not None:
            step(outgoing)

    def on_response(incoming: Incoming) -> None:
        step = then.on_response if matches_response(incoming) else otherwise.on_response
        if step is not None:
            step(incoming)

    return Modifier(on_request, on_response)
