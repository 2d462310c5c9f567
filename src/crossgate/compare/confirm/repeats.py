"""The same request again and again, then as time passes: what limits, circuit breakers and caches do otherwise."""

from collections.abc import Iterator
from dataclasses import replace

from crossgate.compare.confirm.aspects import Aspect, told_apart
from crossgate.compare.confirm.stands import Seen, TwoStands
from crossgate.compare.difference import Example

_BURST, MOST_AT_ONCE = 120, 1_100
_WAITS_SECONDS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0, 6.0, 12.0, 25.0, 50.0, 100.0, 1_000.0, 4_000.0)
_GAPS_SECONDS = (0.3, 2.0, 15.0)
_AFTER_A_WAIT = 4


def differ_when_repeated(stands: TwoStands, example: Example, aspect: Aspect) -> bool:
    """Whether they answer one of many requests otherwise."""
    fails = example.backend_status > 499 or example.backend_is_down
    fails |= any(one.status == 0 or one.status > 499 for one in example.answers)
    return any(_differ(stands, example, aspect, gap) for gap in (0.0, *(_GAPS_SECONDS if fails else ())))


def _differ(stands: TwoStands, example: Example, aspect: Aspect, gap_seconds: float) -> bool:
    stands.forget(example)
    first: Seen | None = None
    is_bounded = False
    for number in range(1, MOST_AT_ONCE + 1):
        if number > _BURST and (is_bounded or gap_seconds):
            break
        old, new = stands.ask_on(_numbered(example, number))
        if told_apart(aspect, old, new):
            return True
        first = first or old
        is_bounded |= aspect(old) != aspect(first)
        _pass(stands, gap_seconds)
    return is_bounded and any(told_apart(aspect, old, new) for old, new in _as_time_passes(stands, example))


def _as_time_passes(stands: TwoStands, example: Example) -> Iterator[tuple[Seen, Seen]]:
    for wait in _WAITS_SECONDS:
        _pass(stands, wait)
        for number in range(_AFTER_A_WAIT):
            yield stands.ask_on(_numbered(example, number))


def _pass(stands: TwoStands, seconds: float) -> None:
    if seconds:
        for side in (stands.old, stands.new):
            side.pass_time(seconds)


def _numbered(example: Example, number: int) -> Example:
    """With another number in the place of `{n}`."""
    text = str(number % 250)
    if "{n}" not in example.target + example.client_host + "".join(value for _, value in example.fields):
        return example
    return replace(
        example,
        target=example.target.replace("{n}", text),
        client_host=example.client_host.replace("{n}", text),
        fields=tuple((name, value.replace("{n}", text)) for name, value in example.fields),
    )
