"""JSON of tokens is text that goes on to backends, whatever its escapes say."""

import pytest

from crossgate.jose.json_value import decode_token_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'"\uDC00\uD800"', "\ufffd\ufffd"),
        (rb'"\ud800\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\\ud800 \"\ud83D\uDE00"', '\\ud800 "\U0001f600'),
        (rb'"\ud7ff\ue000"', "\ud7ff\ue000"),
        (rb'{"\udfffx": ["\udbffA"]}', {"\ufffdx": ["\ufffdA"]}),
    ],
)
def test_half_a_surrogate_pair_becomes_a_replacement_character(text: bytes, value: object) -> None:
    assert decode_token_json(text) == value


@pytest.mark.parametrize("text", [rb'{"\ud800": 1, "\ud801": 2}', rb'"\ud80"', rb'"\ud800', rb"\ud800", b'"\\'])
def test_what_is_no_json_or_says_something_twice_stays_so(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_token_json(text)
