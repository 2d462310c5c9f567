"""What is a question about a file, and what is none."""

import pytest

from crossgate.demo.explanation import CallError
from crossgate.demo.file_question import decode_file_question


def test_parts_that_are_missing_are_empty():
    assert decode_file_question({"text": "{}", "request": {"url": "/a"}, "more": 1}) == {
        "text": "{}",
        "format": "",
        "request": {
            "curl": "", "method": "", "url": "/a", "origin": "", "headers": "", "credentials": "", "client": "",
            "body": "",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [[], 1, "x", {}, {"text": "{}"}, {"text": 1, "request": {}}, {"text": "{}", "request": []},
     {"text": "{}", "request": {"url": 1}}, {"text": "{}", "format": "exe", "request": {}},
     {"text": "{}", "format": ["json"], "request": {}}, {"text": "x" * 2_000_001, "request": {}},
     {"text": "{}", "request": {"body": "x" * 200_001}}],
)  # fmt: skip
def test_what_is_no_question_is_refused(data):
    with pytest.raises(CallError):
        decode_file_question(data)
