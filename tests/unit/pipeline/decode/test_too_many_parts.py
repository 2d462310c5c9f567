"""Bodies of few bytes and many parts, which cost most: refused before they are read (DEV-LIM-4)."""

import pytest

from crossgate.pipeline.decode import DecodeError, decoder_for, json_body, rss_body, xml_body


@pytest.mark.parametrize("piece", [b"[],", b"{},", b"0,", b"["])
@pytest.mark.parametrize("encoding", ["json", "safejson"])
def test_json_of_too_many_values_is_refused(encoding, piece):
    body = b'{"a":[' + piece * (json_body.MAX_VALUES + 1) + b"0]}"
    with pytest.raises(DecodeError, match="more than 2000000 values"):
        decoder_for(encoding)(body, False)


def test_xml_of_too_many_tags_is_refused():
    body = b"<a>" + b"<b/>" * xml_body.MAX_TAGS + b"</a>"
    with pytest.raises(DecodeError, match="more than 500000 tags"):
        decoder_for("xml")(body, False)


def test_a_feed_of_too_many_tags_is_refused():
    body = b"<rss><channel>" + b"<item/>" * rss_body.MAX_TAGS + b"</channel></rss>"
    with pytest.raises(DecodeError, match="more than 100000 tags"):
        decoder_for("rss")(body, False)


def test_a_large_body_of_few_values_is_decoded():
    text = "x" * (json_body.MAX_VALUES * 2)
    assert decoder_for("json")(b'{"a":"%b"}' % text.encode(), False) == {"a": text}
