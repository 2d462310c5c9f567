"""Regular expressions as Go has them: RE2's syntax, and time that is linear in the text, whoever wrote either.

Knows nothing of what is looked for.
"""

import re
from collections.abc import Callable
from typing import Any

_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+)|\$)", re.ASCII)

PatternSearch = Callable[[bytes], object]
"""Truthy where the pattern is found anywhere in a text of UTF-8."""


class PatternError(ValueError):
    """A pattern that Go does not take. `str()` says why."""


def compile_search(pattern: str) -> PatternSearch:
    """The search for a pattern. Raises PatternError, for look-arounds and back-references among others."""
    search: PatternSearch = _compiled(pattern).search
    return search


def compile_replacement(pattern: str, template: str) -> Callable[[str], str | None]:
    """What puts `template` in the place of everything that a pattern matches in a text; None where it matches nothing.

    `$1`, `${1}`, `$name` and `${name}` in the template stand for groups, `$$` for `$`, as Go's
    `Regexp.ReplaceAllString` has it. Raises PatternError.
    """
    compiled = _compiled(pattern)
    names = compiled.groupindex
    count = compiled.groups

    def expanded(match: Any) -> str:
        def group(reference: re.Match[str]) -> str:
            name = reference[1] or reference[2]
            if name is None:
                return "$"
            index = int(name) if name.isdecimal() and name.isascii() else names.get(name, -1)
            return (match.group(index) or "") if 0 <= index <= count else ""

        return _REFERENCE.sub(group, template)

    def replace(text: str) -> str | None:
        return None if compiled.search(text) is None else str(compiled.sub(expanded, text))

    return replace


def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
