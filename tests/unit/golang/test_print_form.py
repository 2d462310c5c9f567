"""Go's `%v`, and the text of a sequential variable."""

import pytest

from crossgate.golang.json_text import decode_json
from crossgate.golang.print_form import parameter_text, print_form


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'"text"', "text"),
        (b"1.50", "1.50"),
        (b"12", "12"),
        (b"true", "true"),
        (b"false", "false"),
        (b"null", "<nil>"),
        (b"{}", "map[]"),
        (b'{"k":1}', "map[k:1]"),
        (b'{"b":[1,null,"x"],"a":{"c":2.0}}', "map[a:map[c:2.0] b:[1 <nil> x]]"),
    ],
)
def test_values_print_as_in_go(body, text):
    assert print_form(decode_json(body)) == text
    assert parameter_text(decode_json(body)) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [(b"[]", ""), (b"[1]", "1"), (b'[1,"a",null,[2,3],{"k":true}]', "1,a,<nil>,[2 3],map[k:true]")],
)
def test_a_list_as_parameter_is_joined_by_commas(body, text):
    assert parameter_text(decode_json(body)) == text


def test_deep_data_prints_without_recursion():
    assert print_form(decode_json(b"[" * 9000 + b"]" * 9000)) == "[" * 9000 + "]" * 9000
