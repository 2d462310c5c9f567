"""URLs as Go 1.22 reads and writes them."""

import pytest

from crossgate.golang.url import (
    UrlError,
    encode_query,
    escape_path,
    go_quote,
    parse_query,
    path_unescape,
    query_escape,
    request_target,
)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (b"", b"/"),
        (b"?", b"/?"),
        (b"/a", b"/a"),
        (b"/a?b=c", b"/a?b=c"),
        (b"/a?b=c?d", b"/a?b=c?d"),
        (b"/a#f?x", b"/a"),
        (b"/a b", b"/a%20b"),
        (b"/a%20b", b"/a%20b"),
        (b"/%2F/a b", b"///a%20b"),
        (b"/!$&'()*+,;=:@[]", b"/!$&'()*+,;=:@[]"),
        (b"/!'()* ", b"/%21%27%28%29%2A%20"),
        (b"/\xc3\xa9", b"/%C3%A9"),
        (b'/"<>\\^`{|}', b"/%22%3C%3E%5C%5E%60%7B%7C%7D"),
        (b"//h/x", b"//h/x"),
        (b"/a?q= x\xc3\xa9", b"/a?q=%20x%C3%A9"),
    ],
)
def test_request_targets(text: bytes, target: bytes) -> None:
    assert request_target(text) == target


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"/%zz", 'invalid URL escape "%zz"'),
        (b"/a%", 'invalid URL escape "%"'),
        (b"/a%2", 'invalid URL escape "%2"'),
        (b'/a%"x', 'invalid URL escape "%\\"x"'),
        (b"/a\n", "net/url: invalid control character in URL"),
        (b"/a?\x7f", "net/url: invalid control character in URL"),
    ],
)
def test_texts_that_are_no_urls(text: bytes, reason: str) -> None:
    with pytest.raises(UrlError) as error:
        request_target(text)
    assert str(error.value) == reason


def test_paths_are_escaped_and_unescaped() -> None:
    assert escape_path(b"/a b?c#d%e:@&=+$,;~-_.") == b"/a%20b%3Fc%23d%25e:@&=+$,;~-_."
    assert path_unescape(b"/a%20b+c%2f") == b"/a b+c/"


def test_queries_are_parsed_and_encoded_as_forms() -> None:
    values = parse_query(b"a=1&b=x+y%20z&a=2&c&=e&d=%zz&;f=1&g=%C3%A9&&")
    assert values == {b"a": [b"1", b"2"], b"b": [b"x y z"], b"c": [b""], b"": [b"e"], b"g": [b"\xc3\xa9"]}
    assert encode_query(values) == b"=e&a=1&a=2&b=x+y+z&c=&g=%C3%A9"
    assert query_escape(b"a b/?&=+~'*") == b"a+b%2F%3F%26%3D%2B~%27%2A"


def test_quoting() -> None:
    assert go_quote('a"b\\c\n\t\x01é') == '"a\\"b\\\\c\\n\\t\\x01é"'
