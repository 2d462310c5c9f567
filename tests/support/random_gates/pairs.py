"""Two configurations at random: one composed, the other an edit of it, either perhaps in older words.

Does not know whether they start, nor what they differ in.
"""

import random

from tests.support.random_gates.composed import composed
from tests.support.random_gates.edits import edited
from tests.support.random_gates.versions import as_version_2, in_old_names
from tests.support.random_gates.words import Tree


def random_pair(r: random.Random) -> tuple[str, Tree, Tree]:
    """What was done, and both; either may not start."""
    old = composed(r)
    if r.random() < 0.15:
        return "two of them", old, composed(r)
    version = r.random()
    names: list[str] = []
    if version < 0.2:
        old = as_version_2(old)
    elif version < 0.3:
        old = in_old_names(old, r)
    done, new = edited(old, r, r.choice((1, 1, 1, 2, 3)))
    if version >= 0.3 and r.random() < 0.1:
        new = in_old_names(new, r) if r.random() < 0.5 else as_version_2(new)
        names.append("other words")
    return "; ".join([*names, *done]), old, new
