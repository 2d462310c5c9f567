"""Makes one diagnostic of two that say the same about one value: what is wrong, and what comes of it.

Knows which codes go together; does not know how either was found.
"""

from collections.abc import Iterable
from dataclasses import replace

from crossgate.diagnostics import Diagnostic

_CAUSE_OF = {"CFG307": "CFG219"}
"""What comes of a value → what is wrong with it. The cause gives its code, the effect its words."""
_EFFECT_OF = {cause: effect for effect, cause in _CAUSE_OF.items()}


def without_echoes(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, in order, each pair at one place made one. Cost is linear."""
    found = list(diagnostics)
    places = {(diagnostic.code, diagnostic.path) for diagnostic in found}
    kept = []
    for diagnostic in found:
        cause = _CAUSE_OF.get(diagnostic.code)
        if cause is not None and (cause, diagnostic.path) in places:
            kept.append(replace(diagnostic, code=cause))
        elif (_EFFECT_OF.get(diagnostic.code), diagnostic.path) not in places:
            kept.append(diagnostic)
    return kept
