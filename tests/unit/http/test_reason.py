"""Reason codes: one closed list, each code once, each refusal with one."""

import ast
import importlib
import re
from pathlib import Path

import crossgate
from crossgate.cli.reason_pages import GROUPS, reason_documentation
from crossgate.components import COMPONENTS
from crossgate.cors.decision import Reason as Decided
from crossgate.http.reason import CORE_REASONS, Reason
from crossgate.server.cors_reasons import CORS_REASONS
from tests.support.refusal_examples import examples

SOURCE = Path(crossgate.__file__).parent
ALL = [*CORE_REASONS, *CORS_REASONS.values(), *(reason for part in COMPONENTS for reason in part.reasons)]
PLUGINS_OWN = "components/plugins/own"
"""Answers of plugins are the plugins', as if others had written them."""


def test_each_code_is_there_once_and_readable():
    codes = [reason.code for reason in ALL]
    assert sorted(codes) == sorted(set(codes))
    assert [code for code in codes if not re.fullmatch(r"[a-z]+\.[a-z][a-z0-9-]*", code)] == []


def test_each_reason_says_what_happened_and_what_to_do():
    for reason in ALL:
        assert reason.says[0].islower() or reason.says.startswith(("`", "User", "DNS")), reason
        assert not reason.says.endswith("."), reason
        assert reason.remedy.endswith("."), reason


def test_each_reason_for_which_cors_refuses_is_among_them():
    passes = {
        Decided.CORS_OFF,
        Decided.NO_ORIGIN,
        Decided.OPTIONS_NOT_ANSWERED,
        Decided.ANY_ORIGIN,
        Decided.ORIGIN_LISTED,
        Decided.ORIGIN_MATCHES_PATTERN,
        Decided.SAME_ORIGIN,
    }
    assert set(Decided) - passes == set(CORS_REASONS)


def test_reasons_are_values_that_can_be_compared():
    assert Reason("a.b", "c", "D.") == Reason("a.b", "c", "D.")


def test_pages_are_up_to_date_and_every_code_is_in_the_index():
    folder = Path(__file__).parents[3] / "docs" / "reasons"
    wanted = reason_documentation(examples())
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == wanted, "run: make docs"
    assert [reason.code for reason in ALL if f"[{reason.code}]" not in wanted["README.md"]] == []
    assert [group for group in GROUPS if all(not reason.code.startswith(f"{group}.") for reason in ALL)] == []


def test_pages_show_responses_but_for_what_a_crowd_a_cut_or_a_peer_brings_about():
    without = {code for code, text in examples().items() if "HTTP/1.1 " not in text.partition("```\n\n```http\n")[2]}
    assert without == {
        "basic.too-many",
        "breaker.probing",
        "gateway.connections",
        "gateway.failed",
        "lua.timeout",
        "overload.full",
        "plugin.busy",
        "plugin.stuck",
        "request.body-broken",
        "request.timeout",
        "response.not-read",
        "token.revoked",
        "upstream.busy",
        "upstream.name",
        "upstream.tls",
    }


def names_used(path):
    """Every name and attribute that a module reads."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def test_each_reason_is_one_for_which_something_is_refused():
    unused = []
    for module in [SOURCE / "http" / "reason.py", *sorted(SOURCE.glob("components/*/reasons.py"))]:
        is_core = module.parent.name == "http"
        own = SOURCE if is_core else module.parent  # a component's reasons are its own
        name = ".".join(("crossgate", *module.relative_to(SOURCE).with_suffix("").parts))
        used = [path for path in own.rglob("*.py") if path != module and imports(path, name)]
        names = set().union(*map(names_used, used))
        constants = [key for key, value in vars(importlib.import_module(name)).items() if isinstance(value, Reason)]
        unused += [f"{name}.{key}" for key in constants if key not in names]
    assert unused == []


def imports(path, module):
    """Whether a module imports from another, or the other as a whole."""
    package, _, last = module.rpartition(".")
    return any(
        node.module == module or (node.module == package and any(alias.name == last for alias in node.names))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    )
