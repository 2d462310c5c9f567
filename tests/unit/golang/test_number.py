"""Number literals and float64 texts."""

import pytest

from crossgate.golang.json_text import encode_json
from crossgate.golang.number import Number, float64_text, number_text, with_float64_numbers


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (42.0, "42"),
        (1.0, "1"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1.2345678901234568e20, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (1e-6, "0.000001"),
        (-1.5e-5, "-0.000015"),
        (1e-7, "1e-7"),
        (5e-324, "5e-324"),
        (float("nan"), "null"),
        (float("inf"), "null"),
    ],
)
def test_float64_has_the_text_go_gives_it(value, text):
    assert float64_text(value) == text


def test_configuration_numbers_go_through_float64():
    data = {"a": 42, "b": 1.0, "c": [1e21, True, None, "1.0"], "d": {"e": Number("1.50")}, "f": 2**70, "g": 10**400}
    assert encode_json(with_float64_numbers(data)) == (
        b'{"a":42,"b":1,"c":[1e+21,true,null,"1.0"],"d":{"e":1.5},"f":1.1805916207174113e+21,"g":null}'
    )


def test_only_numbers_have_number_text():
    assert [number_text(value) for value in (1, -5, Number("1E2"), 2.0)] == ["1", "-5", "1E2", "2"]
    assert [number_text(value) for value in (True, None, "1", [], {})] == [None] * 5
