"""Hostile bodies: whatever the bytes, a decoder gives data that every renderer takes, or a DecodeError."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossgate.pipeline.decode import DecodeError, decoder_for, gunzip
from crossgate.pipeline.encode import renderer_for

xml_pieces = st.lists(
    st.sampled_from(
        ["<a>", "</a>", "<b x='1' y=\"&lt;\">", "</b>", "<c/>", "text", "&amp;", "&x;", "<![CDATA[", "]]>", "<!--",
         "-->", "<?xml version='1.0' encoding='", "iso-8859-1", "'?>", "<!DOCTYPE a [", "<!ENTITY x 'y'>", "]>", "é",
         "<n:d>", "<rss version='2.0'>", "<channel>", "<item>", "<title>", "</title>", "</item>", "</channel>",
         "</rss>", "<feed xmlns='http://www.w3.org/2005/Atom'>", "<entry>", "</entry>", "</feed>",
         "<pubDate>x</pubDate>"]
    ),
    max_size=12,
).map("".join)  # fmt: skip
json_pieces = st.lists(
    st.sampled_from(['{"a":', "}", "[", "]", ",", "1.0", "-0", '"\\ud800"', "null", '"-x":', '"#text":', '"', "\\"]),
    max_size=12,
).map("".join)
bodies = st.one_of(
    st.binary(max_size=60),
    xml_pieces.map(str.encode),
    xml_pieces.map(lambda text: text.encode("utf-16")),
    json_pieces.map(str.encode),
)


@pytest.mark.parametrize("encoding", ["json", "safejson", "string", "xml", "rss", "no-op"])
def test_hostile_bodies_end_in_data_or_in_a_decode_error(encoding):
    decode = decoder_for(encoding)

    @settings(max_examples=150, deadline=None)
    @given(bodies, st.booleans())
    def check(body, is_collection):
        try:
            data = decode(body, is_collection)
        except DecodeError as error:
            assert str(error)  # noqa: PT017 # any refusal will do
            return
        for output in ("json", "json-collection", "xml", "yaml", "string", "negotiate"):
            content_type, rendered = renderer_for(output, [])(data, b"application/xml")
            assert content_type
            assert isinstance(rendered, bytes)

    check()


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=3), st.integers(0, 700))
def test_gunzip_undoes_gzip_within_the_limit_and_refuses_beyond_it(contents, max_bytes):
    whole = b"".join(contents)
    body = b"".join(gzip.compress(content) for content in contents)
    if len(whole) <= max_bytes:
        assert gunzip(body, max_bytes) == whole
    else:
        with pytest.raises(DecodeError):
            gunzip(body, max_bytes)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 60), st.integers(0, 255))
def test_gunzip_of_damaged_bodies_gives_content_or_a_decode_error(content, position, byte):
    body = bytearray(gzip.compress(content))
    body[position % len(body)] = byte
    try:
        assert len(gunzip(bytes(body), 100)) <= 100
    except DecodeError as error:
        assert str(error)  # noqa: PT017 # any refusal will do
