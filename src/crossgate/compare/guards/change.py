"""One thing that changed of a component, and sets compared. Knows no component."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from crossgate.compare.difference import Example, Kind
from crossgate.compare.words import listed

Adapt = Callable[[Example], Example]


def as_it_is(example: Example) -> Example:
    """The plain request shows it."""
    return example


@dataclass(frozen=True, slots=True)
class Change:
    """`adapt` makes a request that shows it of one that gets in. `is_text`: what differs are texts, and what they mean
    was not looked at."""

    kind: Kind
    sentence: str
    opens: bool
    adapt: Adapt = as_it_is
    shown_by: Literal["request", "repeats", "operation"] = "request"
    is_text: bool = False


def weaker(sentence: str, adapt: Adapt = as_it_is) -> Change:
    """Lets in what it did not."""
    return Change(Kind.GUARD_WEAKER, sentence, True, adapt)


def stronger(sentence: str, adapt: Adapt = as_it_is) -> Change:
    """Keeps out what it did not."""
    return Change(Kind.GUARD_STRONGER, sentence, False, adapt)


def changed(sentence: str, adapt: Adapt = as_it_is) -> Change:
    """Lets in others than it did; some of them may be new."""
    return Change(Kind.GUARD_CHANGED, sentence, True, adapt)


def reworded(sentence: str, adapt: Adapt = as_it_is) -> Change:
    """Is written otherwise, and may let in others than it did."""
    return Change(Kind.GUARD_CHANGED, sentence, True, adapt, is_text=True)


def compare_any_of(
    what: str, old: AbstractSet[str], new: AbstractSet[str], adapt: Callable[[Sequence[str]], Adapt]
) -> Iterator[Change]:
    """Sets of which one is needed; none: nothing is asked for."""
    if old == new:
        return
    if not new:
        yield weaker(f"no {what} is needed any more (one of {listed(sorted(old))} was)", adapt([]))
    elif not old:
        yield stronger(f"a {what} is needed: one of {listed(sorted(new))}", adapt([]))
    else:
        more, less = sorted(new - old), sorted(old - new)
        if more:
            yield weaker(f"the {what} {listed(more)} is enough now", adapt(more))
        if less:
            yield stronger(f"the {what} {listed(less)} is not enough any more", adapt(less))


def compare_all_of(
    what: str, old: AbstractSet[str], new: AbstractSet[str], adapt: Callable[[Sequence[str]], Adapt]
) -> Iterator[Change]:
    """Sets of which all are needed."""
    less, more = sorted(old - new), sorted(new - old)
    if less:
        yield weaker(f"the {what} {listed(less)} is not needed any more", adapt(less))
    if more:
        yield stronger(f"the {what} {listed(more)} is needed now", adapt(more))
