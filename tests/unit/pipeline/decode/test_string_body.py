"""The encodings string and no-op."""

from crossgate.pipeline.decode import decoder_for
from crossgate.pipeline.encode import renderer_for


def test_a_string_is_kept_byte_for_byte():
    body = b"a\xffb\x00 \xe2\x82"
    data = decoder_for("string")(body, True)
    assert renderer_for("string", [])(data, None) == (b"text/plain; charset=utf-8", body)
    assert renderer_for("json", [])(data, None)[1] == b'{"content":"a\\ufffdb\\u0000 \\ufffd\\ufffd"}'


def test_a_noop_body_holds_no_data():
    assert decoder_for("no-op")(b'{"a":1}', False) == {}
