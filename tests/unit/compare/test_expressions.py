"""Which expressions ask for the same, and which hold for every request or for none."""

import pytest

from crossgate.compare.expressions import FAILS, HOLDS, form_of, may_be_there, never_hold
from tests.unit.compare.test_confirm import cel, tree, tried

SAME = [
    ("req_method == 'GET'", '("GET"==req_method)'),
    ("req_path == 'a' && req_method == 'GET'", "req_method == 'GET'&&(req_path=='a')"),
    ("!('X' in req_headers)", '!!!("X" in req_headers)'),
    ("req_method in ['a', 'b']", "req_method == 'b' || req_method == 'a'"),
    ("!(req_method == 'a' || req_path == 'b')", "req_path != 'b' && 'a' != req_method"),
    ("req_params.Id == '1'", "req_params['Id'] == '1'"),
    ("has(resp_data.a)", "'a' in resp_data"),
    ("int(resp_data.a) > 3", "3 < int(resp_data.a)"),
    ("req_headers.X.exists(x, x == '1')", "req_headers['X'].exists(y, '1' == y)"),
    ("size(req_path) > 1", "req_path.size() > 1"),
    ("req_path == 'a' && req_path == 'a'", "req_path == 'a'"),
]
OTHER = [
    ("int(resp_data.a) > 3", "3 > int(resp_data.a)"),
    ("int(resp_data.a) > 3", "int(resp_data.a) > 4"),
    ("req_method in ['a', 'b']", "req_method in {'a': 'b'}"),
    ("has(resp_data.a)", "resp_data.a == 'a'"),
    ("req_headers.X.exists(x, x == '1')", "req_headers.X.all(x, x == '1')"),
    ("req_path == '1'", "req_path == '2'"),
    ("double(resp_data.a) > 1.5", "double(resp_data.a) > 2.5"),
    ("resp_data.a == true", "resp_data.a == false"),
    (
        "req_headers.X.exists(x, req_headers.X.exists(y, x == y))",
        "req_headers.X.exists(x, req_headers.X.exists(y, y == y))",
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_of_writing_an_expression_have_one_form(one, other):
    assert form_of(one, "", {}) == form_of(other, "", {})


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_expressions_that_ask_for_other_things_have_other_forms(one, other):
    assert form_of(one, "", {}) != form_of(other, "", {})


def test_expression_about_the_only_method_is_decided():
    assert form_of("req_method == 'GET'", "GET", {}) == HOLDS
    assert form_of("req_method == 'PUT' && req_path == 'a'", "GET", {}) == FAILS
    assert form_of("true || req_path == 'a'", "", {}) == HOLDS
    assert never_hold(["req_path == 'a'", "req_method != 'GET'"], "GET", may_be_there)
    assert not never_hold(["req_path == 'a'", "req_method == 'GET'"], "GET", may_be_there)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("'X-A' in req_headers", FAILS),
        ("!('X-A' in req_headers)", HOLDS),
        ("req_headers['X-A'][0] == 'v'", FAILS),
        ("req_headers['X-A'][0] != 'v'", FAILS),
        ("!(req_headers['X-A'][0] == 'v')", FAILS),
        ("req_headers['X-A'].exists(x, x == 'v')", FAILS),
        ("req_headers['X-A'][0] == 'v' || !has(req_headers.Y)", None),
        ("(req_headers['X-A'][0] == 'v' && has(req_headers.Y)) == false", None),
        ("req_method == 'a' ? req_headers['X-A'][0] == 'v' : true", None),
        ("req_headers['X-B'][0] == 'v'", None),
    ],
)
def test_what_no_request_has_is_not_there_for_expressions(text, form):
    found = form_of(text, "", {}, lambda variable, member: (variable, member) == ("req_headers", "X-A"))
    assert found == form if form is not None else found not in (HOLDS, FAILS)


def test_expression_about_a_field_that_does_not_pass_is_decided():
    asked, denied = cel("'X-A' in req_headers"), cel("!('X-A' in req_headers)")
    assert tried(tree(asked), tree(asked, timeout="9s")) == []
    assert tried(tree(), tree(denied)) == []
    assert [one.evidence for one in tried(tree(asked), tree(asked, input_headers=["X-A"]))] != []
    assert [one.evidence for one in tried(tree(input_headers=["X-A"]), tree(denied, input_headers=["X-A"]))] == [
        "shown"
    ]


def test_expression_written_otherwise_is_no_difference():
    old, new = (tree(cel(text)) for text in SAME[4])
    assert tried(old, new) == []


def test_expression_that_holds_anyway_is_no_difference():
    assert tried(tree(), tree(cel("req_method == 'GET'"))) == []


def test_order_of_expressions_is_told_where_clients_see_error_texts():
    texts = ["req_params.Id == 'a'", "req_path == '/users/b'"]
    shown = {"router": {"return_error_msg": True}}
    for service, count in (({}, 0), (shown, 1)):
        old, new = (
            tree({"validation/cel": [{"check_expr": text} for text in order]}, service)
            for order in (texts, texts[::-1])
        )
        assert [one.evidence for one in tried(old, new)] == ["shown"] * count


@pytest.mark.parametrize("tells", [False, True])
def test_expression_that_another_method_of_the_backend_decides_is_reported_whatever_errors_tell(tells):
    def asking(method):
        backend = {"url_pattern": "/u", "method": method, "extra_config": cel("req_method == 'GET' && req_path != '1'")}
        return {**tree(service={"router": {"return_error_msg": tells}}), "endpoints": [endpoint(backend)]}

    def endpoint(backend):
        return {"endpoint": "/u", "backend": [backend, {"url_pattern": "/other"}]}

    before, after = asking("GET"), asking("HEAD")
    assert [(str(one.kind), one.evidence) for one in tried(before, after)] == [
        ("calls", "shown"),
        ("guard-stronger", "shown"),
    ]
    assert tried(before, asking("get")) == []
