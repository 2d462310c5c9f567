"""Regular expressions as Go has them: RE2's syntax, and time that is linear in the text, whoever wrote either.

Knows nothing of what is looked for.
"""

from collections.abc import Callable

PatternSearch = Callable[[bytes], object]
"""Truthy where the pattern is found anywhere in a text of UTF-8."""


class PatternError(ValueError):
    """A pattern that Go does not take. `str()` says why."""


def compile_search(pattern: str) -> PatternSearch:
    """The search for a pattern. Raises PatternError, for look-arounds and back-references among others."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise PatternError(reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)) from None
    search: PatternSearch = compiled.search
    return search
