"""The expressions of an object as a file has them, each compiled once to see that it can be.

Source: krakend-cel v2 `internal/internal.go` and `cel.go`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from crossgate.cel.engine import ExpressionError, compile_expression
from crossgate.components.cel.variables import VARIABLES
from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import GuardFields, Section
from crossgate.diagnostics.path import child
from crossgate.golang.regex import PatternError, compile_search

NAME = "validation/cel"
KEYS = KeyTable(
    "an expression's object",
    Manner.JSON,
    (Key("check_expr", Kind.TEXT, "An expression in CEL that has to be true."),),
    is_list=True,
)
NAMESPACE = ComponentNamespace(
    NAME, "Expressions over requests, answers and claims that have to be true.", {"endpoint": KEYS, "backend": KEYS}
)
_DROPS = "drops the expression with a line in its log, and lets everybody in"


@dataclass(frozen=True, slots=True)
class Checks:
    """Expressions by when they are asked: before the call, after it, and of the claims of a token."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


def decode_checks(section: Section) -> Checks | None:
    """An object's expressions; None where it has none.

    DEVIATION(DEV-CEL-1): KrakenD drops what it cannot compile, all of an object's where the syntax is wrong, and never
    evaluates what names no variable.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None or namespace.value is None:
        return None
    if not isinstance(namespace.value, list):
        message = "the expressions must be a list of objects"
        section.close(NAME, namespace.path, message, hint='write [{"check_expr": "…"}]', krakend="checks nothing")
        return None
    if namespace.value and find_spec("cel_expr_python") is None:
        message = "this needs the CEL engine, which is not installed"
        section.close(NAME, namespace.path, message, hint='pip install "crossgate[cel]"')
        return None
    before: list[str] = []
    after: list[str] = []
    claims: list[str] = []
    for position, item in enumerate(namespace.value):
        path = child(namespace.path, position)
        text, at = _expression(item, path, section)
        if not text or not _is_usable(text, at, section):
            continue
        for word, stage in (("req", before), ("resp", after), ("JWT", claims)):
            if word in text and not (stage is claims and not section.has_claims):
                stage.append(text)
    checks = Checks(tuple(before), tuple(after), tuple(claims))
    return None if section.closed or checks == Checks() else checks


def _expression(item: Any, path: str, section: Section) -> tuple[str, str]:
    """The text of an entry and its path; empty where there is none."""

    def refuse(path: str, message: str, hint: str) -> None:
        section.close(NAME, path, message, hint=hint, krakend="checks nothing")

    if not isinstance(item, dict):
        refuse(path, "an expression must be in an object", 'write {"check_expr": "…"}')
        return "", path
    fields = GuardFields(item, path, KEYS, section.version, section.report, refuse)
    text = fields.text("check_expr")
    if not text and "check_expr" not in fields.broken:
        section.report.warning("CFG217", path, "this entry checks nothing: it has no expression", krakend="skips it")
    return text, fields.at("check_expr")


def _is_usable(text: str, path: str, section: Section) -> bool:
    try:
        expression = compile_expression(text, VARIABLES)
    except ExpressionError as error:
        section.close(NAME, path, f"the expression cannot be used: {error}", hint=_hint(str(error)), krakend=_DROPS)
        return False
    stages = [word for word in ("req", "resp", "JWT") if word in text]
    if not stages:
        message = "the expression is about nothing: it names neither the request, the response nor a token"
        hint = "name a variable that begins with req_ or resp_, or JWT"
        section.close(NAME, path, message, hint=hint, krakend="never evaluates it")
        return False
    if stages == ["JWT"] and not section.has_claims:
        message = "there are no claims to look at: " + (
            "only an endpoint has them" if section.scope == "backend" else "the endpoint validates no token"
        )
        hint = "move it to the endpoint" if section.scope == "backend" else 'add "auth/validator" to the endpoint'
        section.close(NAME, path, message, hint=hint, krakend="never evaluates it")
        return False
    _warn_of_stages(text, path, stages, expression.reads.keys(), section)
    _warn_of_patterns(path, expression.patterns, section)
    return True


def _warn_of_stages(text: str, path: str, stages: list[str], reads: Any, section: Section) -> None:
    """KrakenD finds out when to evaluate an expression by looking for words in its text, wherever they stand."""
    if "||" in text or "?" in text:  # which may do without it
        return
    have = {"req": "req_", "resp": "resp_", "JWT": "JWT"}
    missing = [name for stage in stages for name in sorted(reads) if name != "now" and not name.startswith(have[stage])]
    if missing:
        when = {"req": "before the call", "resp": "after it", "JWT": "when the token is read"}
        asked = " and ".join(when[stage] for stage in stages)
        message = f"every request is refused: this is evaluated {asked}, and {missing[0]} is not there each time"
        if len(stages) > 1:
            hint = "write one expression for each, and avoid the words req, resp and JWT in other names and texts"
        else:
            hint = "avoid the words req, resp and JWT in other names and texts"
        section.refuses_everybody(path, message, hint=hint, krakend="refuses every request, too")


def _warn_of_patterns(path: str, patterns: Sequence[str], section: Section) -> None:
    for pattern in patterns:
        try:
            compile_search(pattern)
        except PatternError as error:
            hint = "patterns are RE2's: without look-around and back-references"
            message = f"`{pattern:.40}` is no regular expression: {error}; what needs it is refused"
            section.refuses_everybody(path, message, hint=hint, krakend="fails when it is evaluated")


def _hint(reason: str) -> str:
    if "undeclared reference" in reason:
        return f"there are {', '.join(VARIABLES)} and CEL's standard functions"
    if "no matching overload" in reason:
        return "values of different types are not compared: convert one, as in int(req_params.Id) == 7"
    return ""
