"""The lint rules that look at one CORS policy alone, in the order in which they run.

Rules are pure. What they need to know of the world outside (public suffixes, the ASCII form of a host) comes in as
look-ups; without one, the rules that need it say nothing.
"""

from collections.abc import Iterable
from typing import Protocol

from crossgate.cors.config import CorsConfig
from crossgate.cors.rules.written import Lookups, WrittenPolicy
from crossgate.diagnostics import Diagnostic
from crossgate.diagnostics.rule import Rule

__all__ = ["POLICY_RULES", "RULES", "Lookups", "PolicyRule", "check_policy"]


class PolicyRule(Protocol):
    """Looks at one policy, without its `rules`: each of those is passed by itself. Paths come from `config.at`."""

    def __call__(self, config: CorsConfig, lookups: Lookups) -> Iterable[Diagnostic]: ...


RULES: tuple[Rule[WrittenPolicy], ...] = ()


def check_policy(config: CorsConfig, lookups: Lookups) -> Iterable[Diagnostic]:
    """What all rules find in one policy. The policy's own `rules` are passed by themselves."""
    policy = WrittenPolicy(config, lookups)
    for rule in RULES:
        yield from rule.check(policy)


POLICY_RULES: tuple[PolicyRule, ...] = (check_policy,)
