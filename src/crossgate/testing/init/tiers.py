"""Values of the field by which tiers are told apart, one for each tier that such a value leads to.

Knows limits by tiers and what their policies are made of; sends nothing.
"""

from collections.abc import Iterator

from crossgate.components.rate_limit.model import Policy, TieredLimit, TierValue
from crossgate.components.rate_limit.tiered_gate import first_fit
from crossgate.testing.init.expressions import values_in

_OTHERS = ("other", "x", "0", "")


def tier_samples(limit: TieredLimit) -> Iterator[tuple[str, int]]:
    """A value and the position of its tier; the number of tiers for one that fits none. Empty where that is it."""
    find = first_fit([value for value, _ in limit.tiers])
    known: dict[int, str] = {}
    for tier, _ in limit.tiers:
        for value in _candidates(tier):
            known.setdefault(find(value.encode()), value)
    for value in _OTHERS:
        known.setdefault(find(value.encode()), value)
    yield from ((value, place) for place, value in sorted(known.items()))


def _candidates(tier: TierValue) -> list[str]:
    if isinstance(tier, Policy):
        return values_in([tier.text])
    text = "" if tier is None else tier.decode("utf-8", "replace")
    return [text] if text.isprintable() and text.isascii() and text == text.strip() else []
