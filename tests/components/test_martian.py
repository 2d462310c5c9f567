"""Martian's modifiers: what a file may say, what each does, and that none of them opens a way in."""

import base64
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.components.martian.errors import MartianError
from crossgate.components.martian.exchange import Incoming, Outgoing
from crossgate.components.martian.parse import SHAPES, parse_modifier
from crossgate.config import load_text
from crossgate.http.failure import UpstreamError
from crossgate.http.message import UpstreamRequest
from crossgate.pipeline.failure import RefusedError
from crossgate.transport.request_head import render_request_head
from tests.support.component_gateway import Answered, ask, json_of
from tests.support.transport_lines import LINES

NAME = "modifier/martian"
BOTH = ["request", "response"]


def file(modifier: Any, *, no_op: bool = False, method: str = "GET", **endpoint: Any) -> dict[str, Any]:
    backend = {"host": ["http://backend:8000"], "url_pattern": "/b/{id}", "extra_config": {NAME: modifier}}
    endpoint |= {"output_encoding": "no-op"} if no_op else {}
    return {
        "version": 3,
        "endpoints": [{"endpoint": "/e/{id}", "method": method, "backend": [backend], **endpoint}],
    }


def sent(modifier: Any, target: str = "/e/7", **keys: Any) -> Answered:
    keys.setdefault("input_headers", ["*"])
    keys.setdefault("input_query_strings", ["*"])
    fields = keys.pop("fields", ())
    body = keys.pop("body", b"")
    return ask(file(modifier, **keys), target, keys.get("method", "GET"), fields, body=body)


def complaints(modifier: Any, *, severity: str = "error") -> list[tuple[str, str]]:
    found = load_text(json_of(file(modifier)), components=COMPONENTS).diagnostics
    return [(one.path, one.message) for one in found if one.severity == severity]


HEAD = {"name": "X-A", "value": "1"}


@pytest.mark.parametrize(
    ("modifier", "place", "words"),
    [
        ({"header.modifier": HEAD}, '["header.modifier"]', "there is no modifier"),
        ({"header.Modifier": HEAD, "header.Append": HEAD}, "", "this has 2"),
        ({}, "", "this has 0"),
        ([], "", "must be an object"),
        ("x", "", "must be an object"),
        ({"header.Modifier": []}, '["header.Modifier"]', "must be an object"),
        ({"header.Modifier": {"name": 1}}, '["header.Modifier"].name', "must be a string"),
        ({"header.Modifier": {"value": "1"}}, '["header.Modifier"]', "the name of a field"),
        ({"header.Modifier": {**HEAD, "name": "X A"}}, '["header.Modifier"].name', "is not the name of a field"),
        ({"header.Modifier": {**HEAD, "name": "X\r\nA"}}, '["header.Modifier"].name', "is not the name of a field"),
        ({"header.Modifier": {**HEAD, "scope": ["both"]}}, '["header.Modifier"].scope', "there is no scope"),
        ({"header.Modifier": {**HEAD, "scope": "request"}}, '["header.Modifier"].scope', "list of strings"),
        ({"header.Id": {"scope": ["response"]}}, '["header.Id"].scope', "does nothing to a response"),
        ({"status.Modifier": {"statusCode": 101}}, '["status.Modifier"].statusCode', "whole response"),
        ({"status.Modifier": {"statusCode": 200.5}}, '["status.Modifier"].statusCode', "whole number"),
        ({"body.Modifier": {"body": "_-8="}}, '["body.Modifier"].body', "base64"),
        ({"url.Modifier": {"scheme": "ftp"}}, '["url.Modifier"].scheme', "neither http nor https"),
        ({"url.Modifier": {"host": "a b"}}, '["url.Modifier"].host', "no host"),
        ({"url.Modifier": {"query": "a b"}}, '["url.Modifier"].query', "not a query"),
        (
            {"url.RegexFilter": {"regex": "(?=a)", "modifier": {"header.Id": {}}}},
            '["url.RegexFilter"].regex',
            "regular",
        ),
        ({"url.Filter": {"path": "/"}}, '["url.Filter"]', 'no "modifier"'),
        ({"url.Verifier": {}}, '["url.Verifier"]', "makes every request fail"),
        ({"port.Modifier": {"port": 70000}}, '["port.Modifier"].port', "no port"),
        ({"port.Modifier": {}}, '["port.Modifier"]', "one of"),
        ({"cookie.Modifier": {"name": "a;b"}}, '["cookie.Modifier"].name', "name of a cookie"),
        ({"cookie.Modifier": {"name": "a", "domain": "x\r\ny"}}, '["cookie.Modifier"].domain', "domain"),
        ({"cookie.Modifier": {"name": "a", "expires": "2030"}}, '["cookie.Modifier"].expires', "not a time"),
        (
            {"fifo.Group": {"modifiers": [{"header.Id": {}}, {"nope": {}}]}},
            '["fifo.Group"].modifiers[1].nope',
            "no modifier",
        ),
        (
            {"priority.Group": {"modifiers": [{"priority": 1.5, "modifier": {"header.Id": {}}}]}},
            '["priority.Group"].modifiers[0].priority',
            "whole number",
        ),
        (
            {"header.Filter": {**HEAD, "modifier": {"header.Id": {}}, "else": {"nope": {}}}},
            '["header.Filter"].else.nope',
            "no modifier",
        ),
    ],
)
def test_what_cannot_be_parsed_prevents_the_start(modifier: Any, place: str, words: str) -> None:
    """DEV-MARTIAN-1."""
    [(path, message)] = complaints(modifier)
    assert path == f'$.endpoints[0].backend[0].extra_config["modifier/martian"]{place}'
    assert words in message


@pytest.mark.parametrize("name", ["Transfer-Encoding", "transfer-encoding"])
@pytest.mark.parametrize(
    "modifier",
    [
        lambda name: {"header.Modifier": {"name": name, "value": "identity"}},
        lambda name: {"header.Append": {"name": name, "value": "chunked", "scope": ["request"]}},
        lambda name: {"header.Copy": {"from": "X-A", "to": name}},
    ],
)
def test_no_modifier_frames_a_body_anew(modifier: Any, name: str) -> None:
    """DEV-MARTIAN-2."""
    [(_, message)] = complaints(modifier(name))
    assert message.startswith("Transfer-Encoding cannot be changed")


def test_a_modifier_of_an_endpoint_is_read_by_nobody() -> None:
    """DEV-CONF-5."""
    config = file({"header.Id": {}}, extra_config={NAME: {"header.Id": {}}})
    assert any(one.severity == "error" for one in load_text(json_of(config), components=COMPONENTS).diagnostics)


def test_keys_that_nobody_reads_are_told() -> None:
    [(path, message)] = complaints({"fifo.Group": {"modifiers": [{"header.Id": {"nmae": 1}}]}}, severity="warning")
    assert path.endswith('.modifiers[0]["header.Id"].nmae')
    assert "no such key" in message
    assert complaints({"header.Id": {"@comment": "x", "SCOPE": ["request"]}}, severity="warning") == []


def test_allowing_what_is_not_run_closes_the_endpoint() -> None:
    answered = ask(file({"nope": {}}), "/e/7", allow_unsupported=True)
    assert (answered.status, answered.calls) == (501, [])


def test_what_groups_can_hold_is_bounded() -> None:
    group: Any = {"header.Id": {}}
    for _ in range(60):
        group = {"fifo.Group": {"modifiers": [group]}}
    assert complaints(group)
    assert complaints({"fifo.Group": {"modifiers": [{"header.Id": {}}] * 3000}})


@pytest.mark.parametrize(
    ("modifier", "method"),
    [
        ({"header.Modifier": {"name": "Content-Length", "value": "10"}}, "POST"),
        ({"header.Modifier": {"name": "Content-Length", "value": "5"}}, "GET"),
        ({"header.Modifier": {"name": "Content-Length", "value": "3, 4"}}, "POST"),
        ({"header.Copy": {"from": "X-A", "to": "Content-Length"}}, "POST"),
        ({"header.Append": {"name": "Host", "value": "x"}}, "GET"),
        ({"header.Modifier": {"name": "X-B", "value": "a\r\nX-Injected: 1"}}, "GET"),
        ({"header.Modifier": {"name": "Host", "value": "a\r\nX-Injected: 1"}}, "GET"),
        ({"header.Modifier": {"name": "Host", "value": "a b"}}, "GET"),
        ({"header.Copy": {"from": "X-Odd", "to": "Host"}}, "GET"),
    ],
)
def test_a_request_that_cannot_be_written_is_not_sent(modifier: Any, method: str) -> None:
    """DEV-MARTIAN-2."""
    [name] = modifier
    scoped = {name: {**modifier[name], "scope": ["request"]}}
    body = b"abc" if method == "POST" else b""
    answered = sent(scoped, method=method, fields=(("X-A", "12"), ("X-Odd", "a/b c")), body=body)
    if answered.status != 500:
        [call] = answered.calls
        with pytest.raises(UpstreamError, match="ContentLength"):
            render_request_head(call, b" HTTP/1.1\r\nHost: backend:8000", LINES)


def test_a_negative_length_is_none() -> None:
    modifier = {"header.Modifier": {"name": "Content-Length", "value": "-1", "scope": ["request"]}}
    [call] = sent(modifier, method="POST", body=b"abc").calls
    assert call.content_length is None


def test_a_line_break_is_none_in_an_answer() -> None:
    modifier = {"header.Modifier": {"name": "X-B", "value": "a\r\nX-Injected: 1", "scope": ["response"]}}
    fields = dict(sent(modifier, no_op=True).fields)
    assert "x-injected" not in fields


def test_the_host_is_what_a_modifier_says_and_the_connection_is_to_the_backend() -> None:
    answered = sent({"header.Modifier": {"name": "host", "value": "h.example", "scope": ["request"]}})
    [call] = answered.calls
    assert call.authority == "backend:8000"
    head = render_request_head(call, b" HTTP/1.1\r\nHost: backend:8000", LINES)
    assert head.count(b"Host: ") == 2  # X-Forwarded-Host is the other
    assert b"\r\nHost: h.example\r\n" in head


def test_where_a_request_goes_leaves_the_host_alone() -> None:
    answered = sent({"url.Modifier": {"host": "other:9", "path": "/ü x", "query": "z=1"}}, "/e/7?q=1")
    [call] = answered.calls
    assert (call.authority, call.host, call.target) == ("other:9", b"backend:8000", b"/%C3%BC%20x?z=1")


def test_what_the_client_adds_is_not_there_yet_and_is_added_afterwards() -> None:
    black = {"header.Blacklist": {"names": ["User-Agent", "X-Forwarded-For"], "scope": ["request"]}}
    [call] = sent(black).calls
    assert [value for name, value in call.fields if name == b"User-Agent"] == [b"Go-http-client/1.1"]
    assert call.undoes_gzip
    seen = {"header.Filter": {"name": "Accept-Encoding", "value": "gzip", "modifier": {"header.Modifier": HEAD}}}
    assert sent(seen).sent("x-a") == []
    own = {"header.Modifier": {"name": "Accept-Encoding", "value": "br", "scope": ["request"]}}
    [call] = sent(own).calls
    assert [value for name, value in call.fields if name == b"Accept-Encoding"] == [b"br"]
    assert not call.undoes_gzip


WORDS = base64.b64encode(b"0123456789").decode()


@pytest.mark.parametrize(
    ("asked", "status", "body", "content_range"),
    [
        ("", 200, b"0123456789", []),
        ("bytes=2-4", 206, b"234", ["bytes 2-4/10"]),
        ("bytes=7-", 206, b"789", ["bytes 7-9/10"]),
        ("bytes=0-99", 206, b"0123456789", ["bytes 0-9/10"]),
        ("bytes=10-11", 416, b"", ["bytes */10"]),
        ("bytes=4-2", 416, b"", ["bytes */10"]),
        ("bytes=1-2,4-5", 200, b"0123456789", []),
        ("bytes=a-b", 500, b"", []),
    ],
)
def test_a_body_of_the_file_obeys_ranges(asked: str, status: int, body: bytes, content_range: list[str]) -> None:
    """DEV-MARTIAN-2."""
    modifier = {"body.Modifier": {"body": WORDS, "contentType": "text/x", "scope": ["response"]}}
    answered = sent(modifier, no_op=True, fields=(("Range", asked),) if asked else ())
    assert (answered.status, answered.body) == (status, body)
    assert answered.values("content-range") == content_range
    assert answered.values("content-length") == []


def test_files_are_those_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "www/b").mkdir(parents=True)
    (tmp_path / "www/b/7").write_text("seven")
    (tmp_path / "www/other.json").write_text("{}")
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "www/b/link").symlink_to(tmp_path / "secret")
    static = {"static.Modifier": {"rootPath": str(tmp_path / "www"), "explicitPaths": {"/b/x": "/other.json"}}}
    found = {target: sent(static, f"/e/{target}", no_op=True) for target in ("7", "x", "none", "link", "..%2fsecret")}
    assert (found["7"].status, found["7"].body, found["7"].calls) == (200, b"seven", [])
    assert (found["x"].body, found["x"].values("content-type")) == (b"{}", ["application/json"])
    assert found["none"].status == 404
    assert all(answered.body != b"secret" for answered in found.values())


EXAMPLES: dict[str, Any] = {
    "header.Modifier": HEAD,
    "header.Append": HEAD,
    "header.Blacklist": {"names": ["X-A"]},
    "header.Copy": {"from": "X-A", "to": "X-B"},
    "header.Id": {},
    "header.Filter": {**HEAD, "modifier": {"header.Id": {}}, "else": {"header.Modifier": HEAD}},
    "header.RegexFilter": {"header": "X-A", "regex": "1", "modifier": {"header.Modifier": HEAD}},
    "header.Verifier": HEAD,
    "status.Modifier": {"statusCode": 201},
    "status.Verifier": {"statusCode": 201},
    "url.Modifier": {"path": "/p", "query": "q=1"},
    "url.Filter": {"path": "/b/7", "modifier": {"header.Modifier": HEAD}},
    "url.RegexFilter": {"regex": "/b", "modifier": {"header.Modifier": HEAD}},
    "querystring.Modifier": HEAD,
    "querystring.Filter": {"name": "q", "modifier": {"header.Modifier": HEAD}},
    "port.Modifier": {"port": 81},
    "port.Filter": {"port": 8000, "modifier": {"header.Modifier": HEAD}},
    "stash.Modifier": {"headerName": "X-A"},
    "cookie.Modifier": {"name": "a", "value": "b", "path": "/", "expires": "2030-01-31T12:00:00Z", "maxAge": -5},
    "cookie.Filter": {"name": "a", "modifier": {"header.Modifier": HEAD}},
    "body.Modifier": {"body": WORDS, "contentType": "text/x"},
    "static.Modifier": {"rootPath": "/nowhere"},
    "fifo.Group": {"modifiers": [{"header.Id": {}}], "aggregateErrors": True},
    "priority.Group": {"modifiers": [{"priority": 1, "modifier": {"header.Id": {}}}]},
}


def test_each_modifier_has_an_example_and_a_place_on_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs/components/martian.md").read_text(encoding="utf-8")
    assert EXAMPLES.keys() == SHAPES.keys()
    assert [name for name in SHAPES if f"`{name}`" not in page] == []
    assert [key for shape in SHAPES.values() for key in shape.keys if f"`{key}`" not in page] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_modifier_runs(name: str) -> None:
    answered = sent({name: EXAMPLES[name]}, "/e/7?q=1", no_op=True, fields=(("X-A", "1"), ("Cookie", "a=b")))
    assert answered.status in (200, 201, 404)


texts = st.text(max_size=6) | st.sampled_from(["X-A", "Host", "Content-Length", "1", "(", "http", "/b", "\r\nX: 1"])
scalars = st.none() | st.booleans() | st.integers(-5, 99999) | texts | st.lists(texts, max_size=2)
keys = st.sampled_from(
    sorted({key for shape in SHAPES.values() for key in shape.keys if key not in ("modifier", "else")})
)
modifiers = st.recursive(
    st.dictionaries(
        st.sampled_from(sorted(SHAPES)), st.dictionaries(keys, scalars, max_size=3), min_size=1, max_size=1
    ),
    lambda inner: st.builds(
        lambda name, values, one, other: {name: {**values, "modifier": one, "else": other, "modifiers": [one, other]}},
        st.sampled_from(sorted(SHAPES)),
        st.dictionaries(keys, scalars, max_size=2),
        inner,
        inner,
    ),
    max_leaves=5,
)


@given(modifiers)
def test_any_modifier_is_parsed_or_refused_and_runs_or_fails(value: Any) -> None:
    try:
        modifier = parse_modifier(value, Random(1))
    except MartianError:
        return
    fields = [(b"x-a", b"1"), (b"host", b"no"), (b"cookie", b"a=1; b")]
    outgoing = Outgoing(b"POST", "http", "backend:8000", b"/b/7?q=1", list(fields), b"body", 4)
    incoming = Incoming(200, [(b"x-a", b"1"), (b"set-cookie", b"a=1; Path=/")], b"body", 4, outgoing)
    for step, message in ((modifier.on_request, outgoing), (modifier.on_response, incoming)):
        if step is not None:
            try:
                step(message)  # type: ignore[operator]
            except RefusedError:
                return
    assert b"\n" not in b"".join(value for _, value in outgoing.fields)
    request = UpstreamRequest(b"GET", "http", outgoing.authority, outgoing.target, outgoing.fields)
    assert request.target.startswith(b"/")
