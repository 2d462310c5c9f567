"""The last line of `crossgate check`: whether crossgate starts with a file, and what does not work then.

Knows counts; does not know the problems themselves.
"""

from crossgate.config import Loaded
from crossgate.diagnostics import Severity
from crossgate.diagnostics.grouping import Group, group_by_cause


def summary(loaded: Loaded) -> str:
    """`krakend.json starts, with 1 warning: every request of 1 endpoint fails`. Fine is only what has no warnings."""
    groups = group_by_cause(loaded.diagnostics)
    counts = _listed([words for severity in Severity if (words := _count(severity, groups))])
    if loaded.config is None:
        return f"{loaded.name} does not start: {counts}"
    if all(group.first.severity is Severity.NOTE for group in groups):
        return f"{loaded.name} is fine" + (f", with {counts}" if counts else "")
    failing = _failing(loaded)
    return f"{loaded.name} starts, with {counts}" + (f": {failing}" if failing else "")


def _count(severity: Severity, groups: list[Group]) -> str:
    sizes = [group.size for group in groups if group.first.severity is severity]
    if not sizes:
        return ""
    words = f"{len(sizes)} {severity}{'s' * (len(sizes) > 1)}"
    return f"{words} at {sum(sizes)} places" if sum(sizes) > len(sizes) else words


def _failing(loaded: Loaded) -> str:
    paths = {path for diagnostic in loaded.diagnostics for path in diagnostic.failing}
    if loaded.document is not None:
        paths |= {endpoint.path for endpoint in loaded.document.endpoints if endpoint.config.left_out}
    failing = len(paths)
    if not failing:
        return ""
    if loaded.document is not None and failing > 1 and failing == len(loaded.document.endpoints):
        return "every request fails"
    return f"every request of {failing} endpoint{'s' * (failing > 1)} fails"


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
