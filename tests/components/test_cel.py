"""Expressions in CEL: what a file may say, what they see, and that none of them takes more than its share."""

import logging
import resource
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.cel.cost import MAX_COST, largest_data, worst_cost
from crossgate.cel.engine import ExpressionError, compile_expression
from crossgate.cel.syntax_tree import members_read, parse_tree
from crossgate.components import COMPONENTS
from crossgate.components.cel.checks import Stage
from crossgate.components.cel.variables import MAX_DEPTH, VARIABLES, TooDeepError, Variables
from crossgate.config import load_text
from crossgate.pipeline.proxy import ProxyResponse
from tests.support.component_gateway import ask, json_of

NAME = "validation/cel"


def file(checks: Any, *, of_backend: Any = None, **endpoint: Any) -> dict[str, Any]:
    backend: dict[str, Any] = {"host": ["http://backend:8000"], "url_pattern": "/b"}
    if of_backend is not None:
        backend["extra_config"] = {NAME: of_backend}
    return {
        "version": 3,
        "endpoints": [{"endpoint": "/e", "backend": [backend], "extra_config": {NAME: checks}, **endpoint}],
    }


def check(text: str) -> list[dict[str, str]]:
    return [{"check_expr": text}]


def complaints(config: dict[str, Any], *, severity: str = "error") -> list[tuple[str, str]]:
    found = load_text(json_of(config), components=COMPONENTS).diagnostics
    return [(one.path, one.message) for one in found if one.severity == severity]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("req_method ==", "at character 14"),
        ("req_method == 1", "at character 12 (`== 1`): found no matching overload"),
        ("req_methd == 'GET'", "undeclared reference to 'req_methd'"),
        ("req_method.lowerAscii() == 'get'", "undeclared reference to 'lowerAscii'"),
        ("req_method == 'GET' &&\n  req_path", "in line 1"),
        ("(" * 40 + "req_method == 'GET'" + ")" * 40, "recursion limit"),
        ("req_method == '" + "x" * 20_000 + "'", "longer than"),
        ("now > '2020'", "about nothing"),
        ("false", "about nothing"),
        ("JWT.sub == 'x'", "validates no token"),
        ("req_path.matches(req_method)", "the pattern of `matches` has to be a text"),
        ("req_path.matches('^' + req_method)", "the pattern of `matches` has to be a text"),
    ],
)
def test_what_krakend_would_drop_prevents_the_start(text: str, words: str) -> None:
    """DEV-CEL-1."""
    [(path, message)] = complaints(file(check(text)))
    assert path == '$.endpoints[0].extra_config["validation/cel"][0].check_expr'
    assert words in message


@pytest.mark.parametrize("value", [{"check_expr": "req_method == 'X'"}, "req_method == 'X'", 7, True])
def test_what_is_no_list_prevents_the_start(value: Any) -> None:
    """DEV-CEL-1."""
    [(path, _)] = complaints(file(value))
    assert path == '$.endpoints[0].extra_config["validation/cel"]'


@pytest.mark.parametrize("item", ["req_method == 'X'", None, {"check_expr": 7}, {"chek_expr": "req_method == 'X'"}])
def test_an_item_that_cannot_be_read_prevents_the_start(item: Any) -> None:
    assert complaints(file([item]))


def test_claims_are_not_looked_at_around_a_backend() -> None:
    """DEV-CEL-1."""
    [(_, message)] = complaints(file([], of_backend=check("JWT.sub == 'x'")))
    assert "only an endpoint has them" in message


@pytest.mark.parametrize(
    "text",
    [
        "req_method == 'GET' && resp_completed",
        "resp_data.required == 'x'",
        "req_path.matches('(?=a)')",
        "['a'].all(x, req_path.matches('('))",
    ],
)
def test_a_check_that_refuses_everybody_is_told(text: str) -> None:
    assert complaints(file(check(text))) == []
    [(_, message)] = complaints(file(check(text)), severity="warning")
    assert "refused" in message


def test_allowing_what_is_not_run_closes_the_endpoint() -> None:
    answered = ask(file(check("req_method ==")), allow_unsupported=True)
    assert (answered.status, answered.calls) == (501, [])


def honest(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "extra_config": {"crossgate/errors": {"style": "http"}}}


@pytest.mark.parametrize(
    ("text", "status"), [("req_method == 'POST'", 403), ("resp_data.a == 'x'", 502), ("req_headers['X'][0] == ''", 403)]
)
def test_the_honest_style_says_whose_fault_it_is(text: str, status: int) -> None:
    assert ask(honest(file(check(text)))).status == status
    assert ask(file(check(text))).status == 500


def test_an_answer_that_lacks_parts_is_checked_too() -> None:
    """DEV-CEL-3."""
    config = file(check("resp_data.two == 'never'"))
    config["endpoints"][0]["backend"].append({"host": ["http://backend:8000"], "url_pattern": "/fails"})
    answered = ask(config, replies={"/b": (200, b'{"two":"2"}'), "/fails": (500, b"")})
    assert answered.status == 500


def test_what_refuses_a_request_calls_nobody() -> None:
    assert ask(file(check("req_method == 'POST'"))).calls == []


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b"1" + b"}" * depth


@pytest.mark.parametrize(("depth", "status"), [(MAX_DEPTH - 2, 200), (MAX_DEPTH + 2, 500), (900, 500)])
def test_data_that_are_nested_too_deep_fail_the_check(depth: int, status: int) -> None:
    """DEV-CEL-2."""
    answered = ask(file(check("has(resp_data.a)")), replies={"/b": (200, nested(depth))})
    assert answered.status == status


def test_only_what_is_read_of_an_answer_is_handed_over() -> None:
    variables = Variables()
    response = ProxyResponse({"a": 1, "b": {"deep": [1] * 1000}}, is_complete=True)
    variables.response(response, {"resp_data": frozenset(("a",))}, {})
    assert variables.values == {"resp_data": {"a": "1"}}
    assert variables.size < 20


def test_nesting_of_any_depth_ends_in_one_kind_of_error() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    with pytest.raises(TooDeepError):
        Variables().response(ProxyResponse({"a": value}, is_complete=True), {"resp_data": None}, {})


def many(count: int, text: str = "x") -> bytes:
    return b'{"l":[' + b",".join([b'"%s"' % text.encode()] * count) + b'],"s":"%s"}' % (text.encode() * count)


@pytest.mark.parametrize(
    ("text", "count", "holds"),
    [
        ("resp_data.l.all(x, x == 'x')", 5_000, True),
        ("resp_data.l.all(x, x == 'x')", 20_000, False),  # the engine's own bound
        ("resp_data.l.all(x, resp_data.l.exists(y, x == y))", 50, True),
        ("resp_data.l.all(x, resp_data.l.exists(y, x == y))", 5_000, False),
        ("resp_data.l.map(x, resp_data.s + x).size() > 0", 50, True),
        ("resp_data.l.map(x, resp_data.s + x).size() > 0", 9_000, False),
    ],
)
def test_a_loop_over_too_many_data_fails_the_check(text: str, count: int, holds: bool) -> None:
    """DEV-CEL-2."""
    answered = ask(file(check(text)), replies={"/b": (200, many(count))})
    assert answered.status == (200 if holds else 500)


BOMBS = (
    "(req_method == '' ? ['a'] : ['b'])" + ".map(a, a + a)" * 27 + "[0] == req_method",
    "[[1]]" + ".map(a, [a, a])" * 26 + " == [[1]]" + ".map(a, [a, a])" * 26 + " && req_method != ''",
    "[{'a': 1}]" + ".map(a, {'a': a, 'b': a, 'c': a})" * 20 + "[0] == {} && req_method != ''",
    "[1,2,3,4,5,6,7,8,9]" + ".map(a, [a,a,a,a,a,a,a,a,a])" * 9 + ".size() > 0 && req_method != ''",
)


@pytest.mark.parametrize("text", BOMBS)
def test_an_expression_that_doubles_and_doubles_prevents_the_start(text: str) -> None:
    """DEV-CEL-2."""
    with pytest.raises(ExpressionError, match="too much time and memory"):
        compile_expression(text, VARIABLES)


HOSTILE = (
    "resp_data.l.map(x, resp_data.s + resp_data.s).size() == 4",
    "resp_data.l.map(x, resp_data.l + resp_data.l).exists(x, x.size() == 4)",
    "resp_data.l.map(x, resp_data.l).map(y, resp_data.l).size() == 0",
    "resp_data.l.map(x, resp_data) == resp_data.l.map(x, resp_data)",
    "resp_data.l.all(a, resp_data.l.all(b, resp_data.l.all(c, resp_data.l.all(d, a + b + c + d != ''))))",
    "resp_data.s.matches('(x+)+y') || resp_data.s.matches('(x|xx)*y')",
    "resp_data.s.contains(resp_data.s + 'y')",
    "string(bytes(resp_data.s + resp_data.s)).size() > 0",
    "resp_data.l in resp_data.l.map(x, resp_data.l)",
)
_PROGRAM = f"""
import resource, sys
from crossgate.components.cel.checks import Stage
from crossgate.components.cel.variables import Variables
from crossgate.pipeline.proxy import ProxyResponse
import logging
stages = [Stage([text], "", lambda: 0.0, logging.getLogger()) for text in {HOSTILE!r}]
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for count in (30, 300, 3_000, 9_000, 200_000):
    response = ProxyResponse({{"l": ["x"] * count, "s": "x" * (8 * count)}}, is_complete=True)
    for stage in stages:
        stage.failing_response(response, {{}})
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used)
"""


def test_hostile_expressions_stay_within_memory_and_time_on_data_of_any_size() -> None:
    """The process is killed beyond 20 seconds of its own and cannot have more than 700 MB."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
        resource.setrlimit(resource.RLIMIT_AS, (700 << 20, 700 << 20))

    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], preexec_fn=bounded, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-1000:]
    assert int(ran.stdout) < 300 * 1024


def compiled_tree(text: str) -> Any:
    return parse_tree(compile_expression(text, VARIABLES)._compiled.serialize())


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("req_method == 'GET'", {"req_method": None}),
        ("resp_data.a.b == 'x' && resp_data.c == 'y'", {"resp_data": {"a", "c"}}),
        ("resp_data.a == 'x' && size(resp_data) == 2", {"resp_data": None}),
        ("resp_data['a'] == 'x' && 'b' in resp_data", {"resp_data": {"a", "b"}}),
        ("'X-A' in req_headers && req_headers['X-B'][0] == ''", {"req_headers": {"X-A", "X-B"}}),
        ("req_headers[req_method][0] == ''", {"req_headers": None, "req_method": None}),
        ("['a'].all(x, x in req_params)", {"req_params": None}),
        ("'' in req_params", {"req_params": None}),
        ("has(resp_data.a) && resp_data.l.all(req_path, req_path == 'x')", {"resp_data": {"a", "l"}}),
        ("[now].exists(x, x == req_path)", {"now": None, "req_path": None}),
    ],
)
def test_what_an_expression_reads_is_known(text: str, reads: Mapping[str, Any]) -> None:
    assert members_read(compiled_tree(text)) == reads


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("req_method == 'GET'", 1),
        ("resp_data.l.all(x, x.ok == 'y')", 1),
        ("resp_data.l.all(x, x.list.all(y, y == 'a'))", 1),
        ("resp_data.l.all(x, resp_data.m.exists(y, x == y))", 2),
        ("resp_data.l.all(x, resp_data.m.all(y, resp_data.n.exists(z, x == y && y == z)))", 3),
        ("resp_data.s.contains(resp_data.t)", 2),
        ("req_path.matches('^/a')", 1),
    ],
)
def test_costs_grow_with_the_data_as_loops_are_nested(text: str, degree: int) -> None:
    assert len(worst_cost(compiled_tree(text))) - 1 == degree


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=6))
def test_the_largest_size_of_data_is_the_last_that_can_be_afforded(cost: list[float]) -> None:
    largest = largest_data(tuple(cost))
    price = lambda size: sum(factor * size**power for power, factor in enumerate(cost))  # noqa: E731
    assert largest == 0 or price(largest) <= MAX_COST * 1.000001
    assert largest == MAX_COST or price(largest + 1) >= MAX_COST * 0.999999


def test_expressions_about_claims_are_evaluated_at_each_request() -> None:
    times = iter((0.0, 4e9))
    stage = Stage(("JWT.exp > 1 && now < '2030'",), "", lambda: next(times), logging.getLogger("cel"))
    assert stage.failing_claims({"exp": 5}) is None
    assert stage.failing_claims({"exp": 5}) == 0


def test_texts_that_are_no_unicode_fail_the_check() -> None:
    fault = compile_expression("JWT.a == 'x'", VARIABLES).fault({"JWT": {"a": "\udc80"}})
    assert fault
