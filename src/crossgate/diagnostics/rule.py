"""A lint rule: a code, the function that finds it, and the page that explains it.

Knows the shape all rules share; does not know what they look at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from crossgate.diagnostics.diagnostic import Diagnostic

Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Subject]):
    """One rule. `check` is pure and total: it yields diagnostics of this code only and raises for no subject.

    `page` is the rule's module docstring: a title line, then the headings that `pages.HEADINGS` lists. `only_warns`:
    what it finds never prevents the start.
    """

    code: str
    check: Callable[[Subject], Iterable[Diagnostic]]
    page: str
    only_warns: bool = False

    def __call__(self, subject: Subject) -> Iterable[Diagnostic]:
        """What the rule finds."""
        return self.check(subject)
