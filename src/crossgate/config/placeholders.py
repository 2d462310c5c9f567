"""Values that another tool should have filled in: `{{ env "SITE" }}`, `$BACKEND_HOST`, `${PORT}`.

Whatever else is wrong with such a value follows from that, so that is all that is said of it. Knows how tools mark what
they fill in, and the parts of the file that crossgate reads; does not know what the values mean.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from crossgate.config.keys import is_comment
from crossgate.diagnostics import WORST_FIRST, Diagnostic, Severity
from crossgate.diagnostics.path import child

_TEMPLATE = re.compile(r"\{\{[^{}]+\}\}")
_ANYWHERE = re.compile(r"\$\{[A-Za-z_][^{}]*\}|\$\([A-Za-z_]\w*\)|#\{[A-Za-z_][^{}]*\}#?")
# In a path `$filter` and `%AB%` mean something; in these values nothing of the kind does.
_IN_PLAIN_VALUES = re.compile(r"\$[A-Za-z_]\w*|%[A-Z_][A-Z0-9_]*%|__[A-Z0-9_]+__|@@?[A-Z_][A-Z0-9_]*@@?|<[A-Za-z_ -]+>")
_SIGNS = ("$", "%", "#", "@", "<", "{{", "__")
_SIGN = re.compile("|".join(map(re.escape, _SIGNS)))
"""What there is in every placeholder, and in few other texts."""
_ESCAPES = ("\\u", "\\U", "\\x")
_PLAIN = re.compile(r"host|allow_origins|listen_ip|port|cache_ttl|max_age|\w*timeout")
_READ = frozenset({"security/cors", "github_com/devopsfaith/krakend-cors", "crossgate/cors", "crossgate/server"})


def explain_placeholders(diagnostics: Iterable[Diagnostic], tree: Mapping[str, Any], text: str) -> list[Diagnostic]:
    """The diagnostics, with one for each placeholder instead of those at its place. `text` is the tree's: where no sign
    of a placeholder stands in it, and nothing that stands for another character, there is none. Cost is linear in it.
    """
    if not any(sign in text for sign in (*_SIGNS, *_ESCAPES)):
        return list(diagnostics)
    marks = dict(_marks(tree, "$", ""))
    found = list(diagnostics)
    if not marks:
        return found
    there: dict[str, list[Diagnostic]] = {path: [] for path in marks}
    for diagnostic in found:
        if diagnostic.path in there:
            there[diagnostic.path].append(diagnostic)
    kept = [diagnostic for diagnostic in found if diagnostic.path not in marks]
    return kept + _with_one_severity([_diagnostic(path, mark, there[path]) for path, mark in marks.items()])


def _with_one_severity(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """One cause is said once: where one of its places prevents the start, all are errors."""
    fatal = {diagnostic.group for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR}
    return [replace(each, severity=Severity.ERROR) if each.group in fatal else each for each in diagnostics]


def _marks(value: Any, path: str, key: str) -> Iterator[tuple[str, str]]:
    """The texts that hold a placeholder, each with its path and the placeholder. `key` is that of the text or list."""
    if isinstance(value, str):
        patterns = (_TEMPLATE, _ANYWHERE, _IN_PLAIN_VALUES) if _PLAIN.fullmatch(key) else (_TEMPLATE, _ANYWHERE)
        mark = next((match[0] for pattern in patterns if (match := pattern.search(value))), None)
        if mark is not None:
            yield path, mark
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, str) and _SIGN.search(item) is None:
                continue
            yield from _marks(item, child(path, index), key)
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and _SIGN.search(item) is None:
                continue
            if not is_comment(name) and (key != "extra_config" or name in _READ):
                yield from _marks(item, child(path, name), name)


def _diagnostic(path: str, mark: str, others: list[Diagnostic]) -> Diagnostic:
    worst = min(others, key=lambda each: WORST_FIRST[each.severity], default=None)
    severity = Severity.ERROR if worst is not None and worst.severity is Severity.ERROR else Severity.WARNING
    is_template = mark.startswith("{{")
    shown = mark if len(mark) <= 60 else mark[:59] + "…"
    return Diagnostic(
        "CFG226",
        severity,
        path,
        f"`{shown}` is template text that nothing has filled in"
        if is_template
        else f"`{shown}` looks like a placeholder that another tool fills in",
        hint="set FC_ENABLE=1 to have the file rendered; FC_SETTINGS, FC_PARTIALS and FC_TEMPLATES name its folders"
        if is_template
        else "fill it in before crossgate reads the file, with envsubst or Helm for example, or write the value",
        krakend=worst.krakend if worst is not None and worst.krakend else "takes the text as it is",
        cause="template text" if is_template else "a placeholder",
        failing=worst.failing if worst is not None else (),
    )
