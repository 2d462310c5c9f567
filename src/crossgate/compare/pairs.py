"""Which backend of one endpoint is which of the other. Knows what a backend is asked for; compares no values."""

from collections.abc import Sequence

from crossgate.compare.answered_names import names_of_backend
from crossgate.compare.backends import Called
from crossgate.compare.component_values import component_meaning
from crossgate.config.model import BackendConfig

Pairs = list[tuple[Called | None, Called | None]]


def paired(old: Sequence[Called], new: Sequence[Called], *, is_ordered: bool) -> Pairs:
    """Each with its like. Where their order means something, the first with the first; else those that are the same,
    then those that are asked for the same, then what is left in order."""
    if is_ordered:
        count = max(len(old), len(new))
        return [(old[i] if i < len(old) else None, new[i] if i < len(new) else None) for i in range(count)]
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    left, right = list(old), list(new)
    pairs: Pairs = []
    for likeness in (_everything, _asked, _target):
        for one in list(left):
            wanted = likeness(one)
            other = next((each for each in right if likeness(each) == wanted), None)
            if other is not None:
                left.remove(one)
                right.remove(other)
                pairs.append((one, other))
    while left and right:
        pairs.append((left.pop(0), right.pop(0)))
    return [*pairs, *((one, None) for one in left), *((None, one) for one in right)]


def _everything(called: Called) -> object:
    config = called.config
    return (
        _asked(called),
        called.forwarded,
        called.decoding,
        (config.target, config.allow, config.deny, tuple(config.mapping.items()), config.group, config.flatmap),
        (config.return_error_code, config.return_error_details),
        frozenset((name, component_meaning(value, called.bound)) for name, value in config.components.items()),
    )


def _asked(called: Called) -> object:
    return (called.plan.method, called.hosts, called.target)


def _target(called: Called) -> object:
    return called.target


def backends_collide(configs: Sequence[BackendConfig], seen: str | None) -> bool:
    """Whether two of them may answer the same name at the top of their data, or that one where only it is `seen`."""
    names: list[frozenset[str] | None] = [names_of_backend(config) for config in configs]
    if seen is not None:
        names = [frozenset((seen,)) if one is None else one & {seen} for one in names]
    for position, one in enumerate(names):
        for other in names[position + 1 :]:
            if one is None or other is None:
                if one != frozenset() and other != frozenset():
                    return True
            elif one & other:
                return True
    return False
