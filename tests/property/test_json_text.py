"""Laws of reading and writing JSON, against the standard library and against each other."""

import json
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.golang.json_parser import parse_first_value
from crossgate.golang.json_text import JsonError, _write, decode_json, encode_json
from crossgate.golang.number import Number

texts = st.text(max_size=12)
literals = st.one_of(
    st.integers().map(str),
    st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,6})?([eE][+-]?[0-9]{1,3})?", fullmatch=True),
)
scalars = st.one_of(
    texts.map(lambda text: json.dumps(text, ensure_ascii=False)),
    texts.map(json.dumps),
    literals,
    st.sampled_from(["true", "false", "null", '"\\ud800"', '"\\udc00\\/"', "-0"]),
)
blanks = st.text(alphabet=" \t\r\n", max_size=2)


def _list(items, blank):
    return f"[{blank}" + f"{blank},".join(items) + f"{blank}]"


def _object(members, blank):
    return f"{{{blank}" + f"{blank},{blank}".join(f"{json.dumps(k)}{blank}:{v}" for k, v in members) + f"{blank}}}"


documents = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(_list, st.lists(inner, max_size=4), blanks),
        st.builds(_object, st.lists(st.tuples(texts, inner), max_size=4), blanks),
    ),
    max_leaves=12,
)
fragments = st.lists(
    st.one_of(documents, st.sampled_from([*'{}[]:,"\\-.e0 \n', "tru", "\\u12", "\ufeff", "NaN"])), max_size=8
).map("".join)


def plain(value):
    """A value that can be compared: literals as text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, Number):
        return ("number", bytes(value).decode())
    return ("number", str(value)) if type(value) is int else value


def standard(text):
    """What the standard library reads, its numbers kept as text and lone surrogates replaced."""

    def cleaned(value):
        if isinstance(value, dict):
            return {cleaned(key): cleaned(item) for key, item in value.items()}
        if isinstance(value, list):
            return [cleaned(item) for item in value]
        if isinstance(value, str):
            return "".join("\ufffd" if 0xD800 <= ord(c) <= 0xDFFF else c for c in value)
        return value

    def number(literal):
        return ("number", literal)

    def refuse(name):
        raise ValueError(name)

    decoder = json.JSONDecoder(parse_int=number, parse_float=number, parse_constant=refuse)
    text = text.lstrip(" \t\r\n")
    value, end = decoder.raw_decode(text)
    if isinstance(value, tuple):
        # The standard library reads `0` of `0.` and `1` of `1e`; Go has begun a fraction or an exponent there.
        literal, follows = value[1].lower(), text[end : end + 1].lower()
        if "e" not in literal and (follows == "e" or (follows == "." and "." not in literal)):
            raise ValueError(text)
    return cleaned(value)


@settings(max_examples=400, deadline=None)
@given(documents)
def test_documents_read_as_the_standard_library_reads_them_by_either_parser(text):
    body = text.encode("utf-8", "surrogatepass")
    expected = standard(text)
    assert plain(decode_json(body)) == expected
    assert plain(parse_first_value(body)) == expected


@settings(max_examples=500, deadline=None)
@given(fragments)
def test_fragments_are_refused_exactly_where_the_standard_library_refuses_them(text):
    body = text.encode("utf-8", "surrogatepass")
    try:
        expected = standard(text)
    except (ValueError, RecursionError):
        expected = None
        refused = True
    else:
        refused = False
    for read in (decode_json, parse_first_value):
        try:
            value = read(body)
        except JsonError:
            assert refused, (read, text)
        else:
            assert not refused, (read, text)
            assert plain(value) == expected


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.binary(max_size=40), fragments.map(lambda text: text.encode("utf-8", "surrogatepass"))))
def test_any_bytes_give_a_value_or_a_json_error_and_both_parsers_agree(body):
    def outcome(read):
        try:
            return plain(read(body))
        except JsonError as error:
            return str(error)

    assert outcome(decode_json) == outcome(parse_first_value)


@settings(max_examples=400, deadline=None)
@given(documents)
def test_writing_what_was_read_is_stable_sorted_and_means_the_same(text):
    value = decode_json(text.encode("utf-8", "surrogatepass"))
    written = encode_json(value)
    assert plain(decode_json(written)) == plain(value)
    assert encode_json(decode_json(written)) == written
    assert written == _write(value)
    assert not set("<>&\u2028\u2029").intersection(written.decode())
    if isinstance(value, dict):
        keys = [key.encode() for key in json.loads(written)]
        assert keys == sorted(keys)


@settings(max_examples=200, deadline=None)
@given(documents.filter(lambda text: text[0] in '{["'), st.binary(max_size=10))
def test_what_follows_the_first_value_changes_nothing(text, trailer):
    body = text.encode("utf-8", "surrogatepass")
    assert plain(decode_json(body + trailer)) == plain(decode_json(body))


@settings(max_examples=200, deadline=None)
@given(documents.filter(lambda text: text[0] in '{["'), st.data())
def test_every_truncation_of_a_container_is_an_unexpected_end(text, data):
    body = text.encode("utf-8", "surrogatepass")
    cut = data.draw(st.integers(1, len(body) - 1))
    try:
        decode_json(body[:cut])
    except JsonError as error:
        assert str(error) == "unexpected EOF"  # noqa: PT017 # the point is that it always is this one
    else:
        raise AssertionError(string.Template("$body was read").substitute(body=body[:cut]))
