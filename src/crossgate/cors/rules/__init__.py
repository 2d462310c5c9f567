"""The lint rules that look at one CORS policy alone, in the order in which they run.

Rules are pure. What they need to know of the world outside (public suffixes, the ASCII form of a host) comes in with
the written policy; without a look-up, the rules that need it say nothing.
"""

from collections.abc import Callable, Iterable

from crossgate.cors.rules.written import WrittenPolicy
from crossgate.diagnostics import Diagnostic

PolicyRule = Callable[[WrittenPolicy], Iterable[Diagnostic]]

POLICY_RULES: tuple[PolicyRule, ...] = ()
