"""Backends one after the other; later ones may use what earlier ones answered (`{resp0_id}`).

Source: lura `proxy/merging.go`, sequentialMerge.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crossgate.flow.timers import DeadlineExceededError, Timers
from crossgate.golang.print_form import parameter_text
from crossgate.pipeline.accumulate import Accumulator
from crossgate.pipeline.backend import read_answer
from crossgate.pipeline.merge import SHARE_OF_TIMEOUT
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.plan import BackendPlan

_IN_PATTERN = re.compile(r"Resp(\d+)_([\w\-.]+)")
_PROPAGATED = re.compile(r"[Rr]esp(\d+)_?([\w\-.]+)?")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Variable:
    """A value that one backend's answer gives to later ones. An empty `path` is the whole body of a no-op backend."""

    name: str
    source: int
    path: tuple[str, ...]


def variables_of(backends: Sequence[BackendPlan], propagated: Sequence[str]) -> tuple[tuple[Variable, ...], ...]:
    """The variables to be set before each backend: those of its url_pattern, then the propagated ones."""
    everywhere = [
        _variable(match[1], match[2] or "")
        for text in propagated
        for match in _PROPAGATED.finditer(text)
        if int(match[1]) < len(backends)
    ]
    return tuple(
        (
            *(
                _variable(match[1], match[2])
                for name in backend.template.names
                if (match := _IN_PATTERN.fullmatch(name)) is not None
            ),
            *(everywhere if position else ()),
        )
        for position, backend in enumerate(backends)
    )


def _variable(index: str, path: str) -> Variable:
    name = f"Resp{index}_{path}" if path else f"Resp{index}"
    return Variable(name, int(index), tuple(path.split(".")) if path else ())


def build_sequence(
    parts: Sequence[Proxy],
    variables: Sequence[Sequence[Variable]],
    timeout_seconds: float,
    timers: Timers,
) -> Proxy:
    """The sequence of two backends or more. The first one's failure is the endpoint's, a later one's ends it."""
    share_seconds = timeout_seconds * SHARE_OF_TIMEOUT

    async def sequence(call: ProxyRequest) -> ProxyResponse:
        end_seconds = timers.now() + share_seconds
        accumulator = Accumulator(len(parts))
        answers: list[ProxyResponse] = []
        known: dict[str, bytes] = {}
        try:
            for position, part in enumerate(parts):
                await _set_variables(call, variables[position], answers, known)
                try:
                    answer = await _within(timers, end_seconds, share_seconds, part, call, first=position == 0)
                except Exception as error:
                    if position == 0:
                        raise
                    accumulator.add_error(error)
                    break
                if answer.errors:
                    if position == 0:
                        raise answer.errors[0]
                    accumulator.add_error(answer.errors[0])
                    break
                answers.append(answer)
                accumulator.add(answer)
                if not answer.is_complete:
                    break
        finally:
            for answer in answers:
                answer.discard()
        return accumulator.result()

    return sequence


async def _within(
    timers: Timers, end_seconds: float, share_seconds: float, part: Proxy, call: ProxyRequest, *, first: bool
) -> ProxyResponse:
    """One part within what is left of the time. Lengths of time are kept few: hundredths of the whole, rounded up."""
    if first:
        return await timers.within(share_seconds, part(call))
    left = end_seconds - timers.now()
    if left <= 0:
        raise DeadlineExceededError
    step = share_seconds / 100
    return await timers.within(min(share_seconds, (int(left / step) + 1) * step), part(call))


async def _set_variables(
    call: ProxyRequest, variables: Sequence[Variable], answers: Sequence[ProxyResponse], known: dict[str, bytes]
) -> None:
    """A value once found holds for the rest of the request; what is not found leaves its placeholder standing."""
    for variable in variables:
        if variable.source >= len(answers):
            continue
        value = known.get(variable.name)
        if not value:
            found = await _value(answers[variable.source], variable.path)
            if found is None:
                continue
            value = known[variable.name] = found
        call.params[variable.name] = value


async def _value(answer: ProxyResponse, path: Sequence[str]) -> bytes | None:
    if not path:
        if answer.body is None:
            return None
        body = await read_answer(answer.body)
        answer.body = b""
        return body
    data: Any = answer.data
    for step in path[:-1]:
        below = None if data is None else data.get(step)
        if not isinstance(below, dict):
            break  # as in KrakenD the last step is then looked for where the path broke off
        data = below
    value = _ABSENT if data is None else data.get(path[-1], _ABSENT)
    if value is _ABSENT:
        return None
    return parameter_text(value).encode("utf-8", "surrogateescape")
