"""JSON as Go reads and writes it."""

import json
import time

import pytest

from crossgate.golang.json_text import JsonError, decode_json, encode_json


def round_trip(body: bytes) -> bytes:
    return encode_json(decode_json(body))


@pytest.mark.parametrize(
    "literal",
    [
        b"1.0",
        b"1E+2",
        b"-0",
        b"-0.0",
        b"0.1e-3",
        b"12345678901234567890",
        b"-9223372036854775809",
        b"1e400",
        b"7" * 6000,
    ],
)
def test_number_literals_survive_as_they_were_received(literal):
    assert round_trip(literal) == literal
    assert round_trip(b'{"n": [' + literal + b"]}") == b'{"n":[' + literal + b"]}"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "EOF"),
        (b" \r\n\t", "EOF"),
        (b"{", "unexpected EOF"),
        (b'{"a":1', "unexpected EOF"),
        (b'"a', "unexpected EOF"),
        (b"tru", "unexpected EOF"),
        (b"-", "unexpected EOF"),
        (b"1.", "unexpected EOF"),
        (b"1e+", "unexpected EOF"),
        (b'"\\u12', "unexpected EOF"),
        (b"bad", "invalid character 'b' looking for beginning of value"),
        (b"[1,]", "invalid character ']' looking for beginning of value"),
        (b"[,1]", "invalid character ',' looking for beginning of value"),
        (b"{bad}", "invalid character 'b' looking for beginning of object key string"),
        (b'{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a":1 "b":2}', "invalid character '\"' after object key:value pair"),
        (b"[1 2]", "invalid character '2' after array element"),
        (b"[01]", "invalid character '1' after array element"),
        (b"trux", "invalid character 'x' in literal true (expecting 'e')"),
        (b"nul1", "invalid character '1' in literal null (expecting 'l')"),
        (b"-x", "invalid character 'x' in numeric literal"),
        (b"1.x", "invalid character 'x' after decimal point in numeric literal"),
        (b"1ex", "invalid character 'x' in exponent of numeric literal"),
        (b'"\x01"', "invalid character '\\x01' in string literal"),
        (b'"a\nb"', "invalid character '\\n' in string literal"),
        (b'"\\x"', "invalid character 'x' in string escape code"),
        (b'"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"),
        (b"'", "invalid character '\\'' looking for beginning of value"),
        (b"\xef\xbb\xbf{}", "invalid character 'ï' looking for beginning of value"),
        (b"\x80", "invalid character '\\u0080' looking for beginning of value"),
        (b"[" * 10_001, "invalid character '[' exceeded max depth"),
    ],
)
def test_faults_have_the_words_of_go(body, message):
    with pytest.raises(JsonError) as raised:
        decode_json(body)
    assert str(raised.value) == message


def test_what_follows_the_first_value_is_ignored():
    assert decode_json(b'{"a":1} trailing') == {"a": 1}
    assert decode_json(b"01") == 0


def test_of_duplicate_keys_the_last_one_counts():
    assert decode_json(b'{"a":1,"a":2} x') == decode_json(b'{"a":1,"a":2}') == {"a": 2}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'"\udc00\ud800"', "\ufffd\ufffd"),
        (rb'"\ud800A"', "\ufffdA"),
        (rb'"\ud83d\ude00\ud83d"', "😀\ufffd"),
        (rb'"\ud800\ud83d\ude00"', "\ufffd😀"),
        (b'"\xff"', "\ufffd"),
        (b'"\xe2\x82A"', "\ufffd\ufffdA"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (b'"\\ud83d\x80"', "\ufffd\ufffd"),
    ],
)
def test_what_is_no_character_becomes_the_replacement_character(body, text):
    assert decode_json(body) == text


def test_keys_are_sorted_by_their_bytes():
    assert encode_json({"b": 1, "a": 2, "B": 3, "\uffff": 4, "😀": 5, "": 6}) == (
        '{"":6,"B":3,"a":2,"b":1,"\uffff":4,"😀":5}'.encode()
    )


def test_html_and_line_separators_are_escaped_and_other_text_is_not():
    assert encode_json("<a href='x'>&\u2028\u2029\u2027é/\x7f\\\"\b\f\n\r\t\x00\x1f") == (
        '"\\u003ca href=\'x\'\\u003e\\u0026\\u2028\\u2029\u2027é/\x7f\\\\\\"\\b\\f\\n\\r\\t\\u0000\\u001f"'.encode()
    )


def test_bytes_that_are_no_utf8_are_written_as_go_writes_them():
    assert encode_json({"content": "a\udcff<"}) == b'{"content":"a\\ufffd\\u003c"}'


def test_both_writers_agree():
    value = {"z": [], "a": {}, "m": [1, "x<", None, True, False, {"k": [decode_json(b"1.50"), "\u2028\x00\b"]}]}
    deep = value
    for _ in range(5000):
        deep = [deep]
    assert encode_json(deep) == b"[" * 5000 + encode_json(value) + b"]" * 5000


def test_ten_thousand_levels_are_read_and_written():
    body = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    assert round_trip(body) == body


def test_a_large_body_that_needs_the_exact_parser_takes_linear_time():
    def seconds(count: int) -> float:
        body = b"[" + b'{"a":-0,"b":"\\ud800x"},' * count + b"0]"
        start = time.perf_counter()
        decode_json(body)
        return time.perf_counter() - start

    seconds(100)
    assert seconds(40_000) < 40 * max(seconds(4_000), 0.005)


def test_plain_data_reads_as_the_standard_library_reads_it():
    body = json.dumps({"a": [1, 2, {"b": None, "c": "é\n"}], "d": True}).encode()
    assert decode_json(body) == json.loads(body)
