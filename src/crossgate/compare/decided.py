"""The same expressions asked of calls with another method, which decides some of them. Knows no plans."""

from collections.abc import Sequence

from crossgate.compare.expressions import Absent, form_of, never_hold
from crossgate.compare.guards.change import Change, changed, stronger, weaker
from crossgate.components.cel.config import Checks


def decided_otherwise(checks: Sequence[Checks], methods: Sequence[str], absent: Sequence[Absent]) -> Change | None:
    """What becomes of those of two backends that are written alike; None where they ask for the same.

    `methods` are those that all calls have, empty where that is not known.
    """
    if "" in methods or methods[0] == methods[1]:
        return None
    both = list(zip(checks, methods, absent, strict=True))
    was_shut, is_shut = (never_hold(one.before, method, gone) for one, method, gone in both)
    if was_shut != is_shut:
        if is_shut:
            return stronger("no call passes its expressions any more, which ask for another method")
        return weaker("calls pass its expressions now, which ask for their method")
    forms = [
        [form_of(text, method, {}, gone) for text in (*one.before, *one.after, *one.claims)]
        for one, method, gone in both
    ]
    if was_shut or forms[0] == forms[1]:
        return None
    return changed("with another method its expressions let others through")
