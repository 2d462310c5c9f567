"""Pairs of policies that are different to a page, each reported difference as two cases: before it and after.

The page's origin is known only once its server listens; `{page}` stands for it, and policies are compared with an
origin in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from crossgate.compare.cors import CorsKind, compare_policies
from crossgate.compare.origins import division_of
from crossgate.cors import CorsPolicy
from tests.browser.case import PLAIN, Ask, Case, Policy
from tests.browser.experiments import compile_policy

_PAGE = "http://127.0.0.1:4711"
_KINDS = {CorsKind.READABLE_WITH_COOKIES, CorsKind.READABLE, CorsKind.METHODS, CorsKind.REQUEST_HEADERS}
_POLICIES = (
    Policy({"allow_origins": ["https://elsewhere.example"]}),
    Policy({"allow_origins": ["{page}"], "allow_methods": ["GET"], "allow_headers": ["X-A"]}),
    Policy({"allow_origins": ["http://127.0.0.1:*"], "allow_methods": ["GET", "PUT"], "allow_credentials": True}),
    Policy({"allow_origins": ["*"], "allow_methods": ["GET", "PATCH"], "allow_headers": ["Authorization", "X-A"]}),
    Policy({"allow_origins": ["{page}"], "allow_methods": ["PUT", "DELETE"], "allow_headers": ["X-B"]}, version=2),
    Policy(None, crossgate={"allow_origins": ["{page}"], "allow_methods": ["DELETE"], "allow_headers": ["X-B"]}),
    Policy(None),
)


@dataclass(frozen=True)
class Compared:
    """A reported difference: a call, with the policy under which it fails and the one under which it passes."""

    sentence: str
    fails: Case
    passes: Case


def compared_policies() -> Iterator[Compared]:
    """All differences between two of the policies that a page can see."""
    for number, (old, new) in enumerate(permutations(_POLICIES, 2)):
        before, after = (compile_policy(policy, _PAGE) for policy in (old, new))
        for index, found in enumerate(compare_policies(before, after)):
            example = found.example
            if found.kind not in _KINDS or _place(before, after, example.origin) != _place(before, after, _PAGE):
                continue
            ask = Ask(example.method, example.headers, "include" if example.with_cookies else "omit")
            less, more = (old, new) if found.opens else (new, old)
            name = f"compared {number} {index}"
            yield Compared(
                found.sentence,
                Case(f"{name} fails", less, (ask,), replies={"": PLAIN}),
                Case(f"{name} passes", more, (ask,), replies={"": PLAIN}),
            )


def compared_cases() -> Iterator[Case]:
    """Both cases of each."""
    for one in compared_policies():
        yield one.fails
        yield one.passes


def _place(old: CorsPolicy | None, new: CorsPolicy | None, origin: str) -> tuple[int | None, ...]:
    """Which list has the origin in either: the page stands for all origins of a difference."""
    return tuple(division_of(None if one is None else one.config).first(origin.encode()) for one in (old, new))
