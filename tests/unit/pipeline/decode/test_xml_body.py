"""XML by mxj's rules."""

import pytest

from crossgate.pipeline.decode import DecodeError, decoder_for

decode = decoder_for("xml")


@pytest.mark.parametrize(
    ("body", "data"),
    [
        ("<a/>", {"a": ""}),
        ("<a></a>", {"a": ""}),
        ("<a> \n </a>", {"a": ""}),
        ("<a> text </a>", {"a": "text"}),
        ("<a>42</a>", {"a": "42"}),
        ('<a id="1">x</a>', {"a": {"-id": "1", "#text": "x"}}),
        ('<a id="1"/>', {"a": {"-id": "1"}}),
        ("<a><b>1</b><c/></a>", {"a": {"b": "1", "c": ""}}),
        ("<a><b>1</b><b>2</b><b x='3'/></a>", {"a": {"b": ["1", "2", {"-x": "3"}]}}),
        ("<a>before<b/></a>", {"a": {"b": "", "#text": "before"}}),
        ("<a><b/>after</a>", {"a": {"b": "", "#text": "after"}}),
        ("<a>one<!-- c -->two</a>", {"a": "two"}),
        ("<a><![CDATA[<x>&amp;]]></a>", {"a": "<x>&amp;"}),
        ("<a>&amp;&#65;&lt;</a>", {"a": "&A<"}),
        ('<n:a xmlns:n="u" xmlns="v"><n:b n:c="1"/></n:a>', {"a": {"-n": "u", "-xmlns": "v", "b": {"-c": "1"}}}),
        ("noise <a/> noise <", {"a": ""}),
        ("\ufeff\n<?xml version='1.0'?>\n<!DOCTYPE a><a/>", {"a": ""}),
    ],
)
def test_documents_become_maps(body, data):
    assert decode(body.encode(), False) == data
    assert decode(body.encode(), True) == {"collection": data}


@pytest.mark.parametrize("codec", ["iso-8859-1", "windows-1252", "utf-16", "iso-8859-15", "cp1251", "gbk", "shift_jis"])
def test_the_declared_encoding_is_used(codec):
    text = {"cp1251": "Привет", "gbk": "你好", "shift_jis": "日本"}.get(codec, "é")
    body = f'<?xml version="1.0" encoding="{codec}"?><a>{text}</a>'.encode(codec)
    assert decode(body, False) == {"a": text}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"3",
        b"<a>",
        b"<a",
        b"<a></b>",
        b"<a b></a>",
        b"<a>\xff</a>",
        b"<a>&nbsp;</a>",
        b"<a>\x00</a>",
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b'<?xml version="1.0" encoding="punycode"?><a/>',
        b"<a>" * 20_000,
    ],
)
def test_what_is_no_document_is_refused(body):
    with pytest.raises(DecodeError):
        decode(body, False)


def test_truncation_is_told_in_the_words_of_go():
    with pytest.raises(DecodeError) as raised:
        decode(b"<a>\n<b>", False)
    assert str(raised.value) == "xml.Decoder.Token() - XML syntax error on line 2: unexpected EOF"


def bomb(kind: str) -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    document = {
        "text": "<a>&e11;</a>",
        "attribute": '<a b="&e11;"/>',
        "parameter": "<a/>",
        "external": "<a>&x;</a>",
        "subset": "<a>&x;</a>",
    }[kind]
    inside = {
        "external": '<!ENTITY x SYSTEM "file:///etc/passwd">',
        "parameter": '<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;',
    }.get(kind, f'<!ENTITY e0 "lol">{entities}')
    subset = ' SYSTEM "http://127.0.0.1:1/x.dtd"' if kind == "subset" else f" [{inside}]"
    return f"<!DOCTYPE a{subset}>{document}".encode()


@pytest.mark.parametrize("kind", ["text", "attribute", "parameter", "external", "subset"])
def test_entities_are_neither_expanded_nor_fetched(kind):
    """DEV-DATA-1."""
    with pytest.raises(DecodeError, match="invalid character entity"):
        decode(bomb(kind), False)


def test_depth_up_to_the_limit_is_read_and_no_further():
    """DEV-DATA-9."""
    with pytest.raises(DecodeError, match="too deep"):
        decode(b"<a>" * 10_001 + b"</a>" * 10_001, False)
    data = decode(b"<a>" * 10_000 + b"</a>" * 10_000, False)
    for _ in range(10_000):
        data = data["a"]
    assert data == ""


def test_text_of_any_length_is_one_run():
    assert decode(b"<a>" + b"x\n" * 300_000 + b"</a>", False) == {"a": ("x\n" * 300_000).strip()}
