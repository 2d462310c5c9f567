"""The lint rules that look at one CORS policy alone, in the order in which they run.

Rules are pure. What they need to know of the world outside (public suffixes, the ASCII form of a host) comes in as
look-ups; without one, the rules that need it say nothing.
"""

from collections.abc import Iterable

from crossgate.cors.rules.written import NameLookups, WrittenPolicy
from crossgate.diagnostics import Diagnostic
from crossgate.diagnostics.rule import Rule

__all__ = ["POLICY_RULES", "NameLookups", "WrittenPolicy", "check_policy"]

POLICY_RULES: tuple[Rule[WrittenPolicy], ...] = ()


def check_policy(policy: WrittenPolicy) -> Iterable[Diagnostic]:
    """What all rules find in one policy. Policies inside it (its `rules`) are passed by themselves."""
    for rule in POLICY_RULES:
        yield from rule.check(policy)
