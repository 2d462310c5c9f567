"""Examples as commands: what curl would make something else of is written so that it does not."""

import shlex

import pytest

from crossgate.compare.curl import curl_line
from crossgate.compare.difference import Example


@pytest.mark.parametrize(
    ("example", "words"),
    [
        (Example("GET", "/a"), []),
        (Example("POST", "/a"), ["-X", "POST"]),
        (Example("GET", "/a", (), "{}"), ["-X", "GET", "-d", "{}"]),
        (Example("HEAD", "/a"), ["-I"]),
        (Example("GET", "/a/.."), ["--path-as-is"]),
        (Example("GET", "/a?x=[1]"), ["-g"]),
        (Example("PUT", "/a", (), "@file"), ["-X", "PUT", "--data-raw", "@file"]),
        (Example("GET", "/a", (("X-A", ""), ("X-B", "it's"))), ["-H", "X-A;", "-H", "X-B: it's"]),
    ],
)
def test_command_sends_the_example(example, words):
    line = curl_line(example)
    assert shlex.split(line) == ["curl", "-i", *words, f"http://localhost:8080{example.target}"]


def test_target_has_nothing_that_a_request_cannot_have():
    line = curl_line(Example("GET", "/a b/ü#1\nno request is answered otherwise?x=%20"))
    assert shlex.split(line)[-1].endswith("/a%20b/%C3%BC%231%0Ano%20request%20is%20answered%20otherwise?x=%20")
