"""Output encodings: which one is chosen, and what each writes."""

import pytest
import yaml

from crossgate.golang.json_text import decode_json
from crossgate.pipeline.encode import encoding_name, renderer_for

JSON = b"application/json; charset=utf-8"
YAML = b"application/yaml; charset=utf-8"
XML = b"application/xml"


def body_of(encoding, data, accept=None):
    return renderer_for(encoding, [])(data, accept)[1]


@pytest.mark.parametrize(
    ("output", "backends", "name"),
    [
        ("json", ["xml"], "json"),
        ("", [], "json"),
        ("", ["xml"], "xml"),
        ("fast-json", ["xml"], "xml"),
        ("fast-json", ["xml", "xml"], "json"),
        ("fast-json", ["safejson"], "json"),
        ("unknown", ["no-op"], "no-op"),
        ("JSON", ["string"], "string"),
        ("no-op", ["no-op"], "no-op"),
    ],
)
def test_an_unknown_encoding_falls_back_to_that_of_the_only_backend(output, backends, name):
    assert encoding_name(output, backends) == name


def test_noop_renders_nothing():
    assert renderer_for("no-op", ["no-op"])({"a": 1}, None) == (b"", b"")


@pytest.mark.parametrize(
    ("encoding", "none", "empty"),
    [
        ("json", (JSON, b"null"), (JSON, b"{}")),
        ("json-collection", (JSON, b"[]"), (JSON, b"[]")),
        ("string", (b"text/plain; charset=utf-8", b""), (b"text/plain; charset=utf-8", b"")),
        ("xml", (XML, b"<doc/>"), (XML, b"<doc/>")),
        ("yaml", (YAML, b"{}\n"), (YAML, b"{}\n")),
    ],
)
def test_nothing_is_rendered_too(encoding, none, empty):
    assert renderer_for(encoding, [])(None, None) == none
    assert renderer_for(encoding, [])({}, None) == empty


def test_json_is_compact_and_sorted():
    data = decode_json(b'{"b":[1.0,{"z":1,"a":"<\xc3\xa9>"}],"a":null}')
    assert body_of("json", data) == '{"a":null,"b":[1.0,{"a":"\\u003cé\\u003e","z":1}]}'.encode()


def test_a_collection_stands_alone():
    assert body_of("json-collection", {"collection": [{"b": 1, "a": 2}], "x": 1}) == b'[{"a":2,"b":1}]'
    assert body_of("json-collection", {"collection": None}) == b"null"
    assert body_of("json-collection", {"x": 1}) == b"[]"


def test_string_wants_text():
    assert body_of("string", {"content": "é<"}) == "é<".encode()
    assert body_of("string", {"content": 42}) == b""
    assert body_of("string", {"other": "x"}) == b""


@pytest.mark.parametrize(
    ("data", "xml"),
    [
        ({"a": {"content": "s & t"}, "content": "t", "foo": 42},
         "<doc><a><content>s &amp; t</content></a><content>t</content><foo>42</foo></doc>"),
        ({"user": {"-type": "<\">'", "name": "é"}}, '<user type="&lt;&quot;&gt;&apos;"><name>é</name></user>'),
        ({"a": {"-x": 1, "-b": True}}, '<a b="true" x="1"/>'),
        ({"a": {"-x": "1", "#text": "t<"}}, '<a x="1">t&lt;</a>'),
        ({"a": {"#text": "t", "b": 1}}, "<a>t<b>1</b></a>"),
        ({"a": None, "b": "", "c": {}, "d": [], "e": False}, "<doc><a/><b/><c/><d/><e>false</e></doc>"),
        ({"a": "x"}, "<a>x</a>"),
        ({"a": None}, "<a/>"),
        ({"a": [1, "b", True]}, "<doc><a>1</a><a>b</a><a>true</a></doc>"),
        ({"a": [{"b": 1}, {"b": 2}]}, "<a><b>1</b></a><a><b>2</b></a>"),
        ({"a": [[1, [2]], []], "b": 0}, "<doc><a>1</a><a>2</a><a/><b>0</b></doc>"),
        ({"a><b": "x"}, "<a__b>x</a__b>"),
        ({"a": {"-x": None}}, ""),
        ({"a": {"b": {"-x": [1]}}}, ""),
    ],
)  # fmt: skip
def test_xml_follows_mxj(data, xml):
    """But for DEV-DATA-2: the key that would open an element of its own."""
    assert renderer_for("xml", [])(data, None) == (XML, xml.encode())


def test_xml_keeps_number_literals_and_any_depth():
    assert body_of("xml", decode_json(b'{"a":{"n":1.0,"m":1E+2}}')) == b"<a><m>1E+2</m><n>1.0</n></a>"
    deep = decode_json(b'{"a":' * 9000 + b"1" + b"}" * 9000)
    assert body_of("xml", deep) == b"<a>" * 9000 + b"1" + b"</a>" * 9000


def test_yaml_is_block_style_with_sorted_keys_and_quoted_literals():
    data = decode_json(
        b'{"user":{"-type":"admin","name":"Elliot","social":{"web":"https://x.example","n":2,"f":1.0,"e":"","x":null,'
        b'"t":true,"l":[1,"a",{"b":[]},[],{"k":1,"j":2}],"m":{},"q":"yes","d":"2024-01-02","c":"a: b","nl":"a\\nb"}}}'
    )
    assert body_of("yaml", data).decode() == (
        "user:\n  -type: admin\n  name: Elliot\n  social:\n"
        '    c: "a: b"\n    d: "2024-01-02"\n    e: ""\n    f: "1.0"\n'
        '    l:\n    - "1"\n    - a\n    - b: []\n    - []\n    - j: "2"\n      k: "1"\n'
        '    m: {}\n    n: "2"\n    nl: "a\\nb"\n    q: "yes"\n    t: true\n    web: https://x.example\n    x: null\n'
    )


def test_yaml_that_is_too_deep_is_written_as_json_which_is_yaml_too():
    """DEV-DATA-7."""
    deep = decode_json(b'{"a":' * 5000 + b"1" + b"}" * 5000)
    assert body_of("yaml", deep) == b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"\n"


def test_yaml_reads_back():
    text = {
        "a": ["#", "-", "- x", "x:", ":x", "&a", "*a", "!t", "%", "@", "`", "x #y", " x", "x ", "\t", "é", "\u2028"]
    }
    assert yaml.safe_load(body_of("yaml", text)) == text


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, JSON),
        (b"", JSON),
        (b"*/*", JSON),
        (b"application/json", JSON),
        (b"application/*", JSON),
        (b"application/yaml", JSON),
        (b"text/xml", JSON),
        (b"Application/Xml", JSON),
        (b"application/xml", XML),
        (b" , application/xml;q=0.1, application/json", XML),
        (b"image/png,application/xml", XML),
        (b"text/plain", YAML),
        (b"text/*", YAML),
        (b"application/x-yaml", YAML),
    ],
)
def test_negotiate_takes_the_first_range_it_can_serve(accept, content_type):
    assert renderer_for("negotiate", [])({"a": 1}, accept)[0] == content_type
