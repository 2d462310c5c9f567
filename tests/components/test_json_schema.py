"""JSON schemas: what a file may say, what bodies are taken, and that neither takes more than its share."""

import contextlib
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossgate.components import COMPONENTS
from crossgate.components.json_schema.body import (
    MAX_BODY_BYTES,
    MAX_VALUES,
    BodyError,
    BodyTooLargeError,
    depth_of,
    parse_body,
    values_in,
)
from crossgate.components.json_schema.subschemas import MAX_DEPTH, SchemaError, Subschemas
from crossgate.components.json_schema.validator import Validator
from crossgate.config import load_text
from crossgate.config.read_file import read_bytes
from tests.support.component_gateway import Answered, ask, json_of

NAME = "validation/json-schema"
DRAFT = {
    "4": "http://json-schema.org/draft-04/schema#",
    "6": "http://json-schema.org/draft-06/schema#",
    "7": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}
PERSON = {
    "type": "object",
    "properties": {"age": {"type": "integer", "minimum": 0}, "names": {"items": {"type": "string", "maxLength": 9}}},
    "required": ["age"],
    "additionalProperties": False,
}


def file(schema: Any, *, version: int = 3, style: str = "", **router: Any) -> dict[str, Any]:
    name = NAME if version == 3 else "github.com/devopsfaith/krakend-jsonschema"
    backend = {"host": ["http://backend:8000"], "url_pattern": "/b"}
    extra: dict[str, Any] = {"router": router} if router else {}
    if style:
        extra["crossgate/errors"] = {"style": style}
    return {
        "version": version,
        "extra_config": extra,
        "endpoints": [{"endpoint": "/e", "method": "POST", "backend": [backend], "extra_config": {name: schema}}],
    }


def post(schema: Any, body: Any, **keys: Any) -> Answered:
    return ask(file(schema, **keys), method="POST", body=body if isinstance(body, bytes) else json.dumps(body).encode())


def complaints(schema: Any, *, severity: str = "error", version: int = 3) -> list[tuple[str, str]]:
    found = load_text(json_of(file(schema, version=version)), components=COMPONENTS).diagnostics
    return [(one.path, one.message) for one in found if one.severity == severity]


@pytest.mark.parametrize(
    ("schema", "place", "words"),
    [
        ({"properties": {"a": {"type": "text"}}}, ".properties.a.type", "not valid"),
        ({"properties": {"a": {"pattern": "^(?=a)"}}}, ".properties.a.pattern", "regular expression"),
        ({"required": "a"}, ".required", 'not of type "array"'),
        ({"allOf": [{"$ref": "#/$defs/none"}]}, '.allOf[0]["$ref"]', "is not there"),
        ({"$ref": "https://a.example/s.json"}, "", "nothing is fetched"),
        ({"$id": "https://a.example/s.json", "$ref": "t.json"}, "", "nothing is fetched"),
        ({"$ref": "no-such-file.json"}, "", "cannot be read"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, '["$schema"]', "this draft is not known"),
        ({"$schema": DRAFT["4"], "exclusiveMinimum": True}, "", "required property"),
        ({"items": [{"type": "string"}]}, ".items", "not of types"),
        ({"$ref": "#"}, "", "refers to itself"),
        ({"anyOf": [{"type": "null"}, {"allOf": [{"$ref": "#"}]}]}, "", "refers to itself"),
    ],
)
def test_a_schema_that_cannot_be_compiled_prevents_the_start(schema: Any, place: str, words: str) -> None:
    """DEV-SCHEMA-1."""
    [(path, message)] = complaints(schema)
    assert path.startswith(f'$.endpoints[0].extra_config["validation/json-schema"]{place}')
    assert words in message


@pytest.mark.parametrize("schema", [[{"type": "object"}], "object", 5, None])
def test_what_is_no_schema_prevents_the_start(schema: Any) -> None:
    assert complaints(schema)


def test_allowing_what_is_not_run_closes_the_endpoint() -> None:
    answered = ask(file({"required": "a"}), method="POST", body=b"{}", allow_unsupported=True)
    assert (answered.status, answered.calls) == (501, [])


def test_schemas_of_version_2_files_are_of_drafts_4_to_7() -> None:
    list_form = {"items": [{"type": "string"}], "additionalItems": False}
    assert complaints(list_form)
    assert complaints(list_form, version=2) == []
    assert complaints({"minimum": 1, "exclusiveMinimum": True}, version=2) == []
    assert post(list_form, [1], version=2).status == 400
    assert post({"minimum": 1, "exclusiveMinimum": True}, 1, version=2).status == 400
    assert post({"format": "email"}, "x", version=2).status == 400


@pytest.mark.parametrize("draft", ["2019-09", "2020-12"])
def test_formats_that_nothing_checks_are_told(draft: str) -> None:
    schema = {"$schema": DRAFT[draft], "properties": {"a": {"format": "email"}}}
    [(path, message)] = complaints(schema, severity="warning")
    assert path.endswith(".properties.a.format")
    assert "not checked" in message
    assert complaints({**schema, "$schema": DRAFT["7"]}, severity="warning") == []


def test_a_body_is_looked_at_before_anybody_is_called() -> None:
    assert (post(PERSON, {"age": "x"}).status, post(PERSON, {"age": "x"}).calls) == (400, [])
    assert len(post(PERSON, {"age": 3}).calls) == 1


def test_the_backend_gets_the_body_as_it_came() -> None:
    body = b'{ "age" : 3.0 }'
    assert post(PERSON, body).bodies == [body]


SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    ("schema", "body", "errors"),
    [
        (PERSON, {"age": "x", "names": ["a", 1, 2]}, ["#/age", "#/names/1", "#/names/2"]),
        (PERSON, {}, ["#"]),
        (PERSON, {"age": 1, SECRET: 1}, ["#"]),
        ({"properties": {"a/b~c": {"type": "null"}}}, {"a/b~c": SECRET}, ["#/a~1b~0c"]),
        ({"const": SECRET + "!"}, SECRET, ["#"]),
        ({"enum": [SECRET + "!"]}, SECRET, ["#"]),
        ({"propertyNames": {"maxLength": 3}}, {SECRET: 1}, ["#"]),
        ({"items": {"pattern": "^a"}}, [SECRET], ["#/0"]),
        ({"unevaluatedProperties": False}, {SECRET: 1}, ["#"]),
        ({"anyOf": [{"type": "null"}, {"minLength": 99}]}, SECRET, ["#"]),
        ({"items": {"type": "null"}}, ["x"] * 50, [f"#/{n}" for n in range(10)]),
        ({"items": {"type": "null"}}, ["x"] * 30_000, ["#/0"]),
    ],
)
def test_the_honest_style_says_which_fields_failed_and_nothing_of_their_values(
    schema: Any, body: Any, errors: list[str]
) -> None:
    """DEV-SCHEMA-3."""
    answered = post(schema, body, style="http")
    problem = json.loads(answered.body)
    assert answered.values("content-type") == ["application/problem+json"]
    assert (answered.status, problem["status"]) == (400, 400)
    assert [error["pointer"] for error in problem["errors"]] == errors
    told = "".join(error["detail"] for error in problem["errors"]) + " ".join(answered.log)
    assert SECRET not in told
    assert len(answered.body) < 4000


def test_krakends_text_is_told_where_it_is_asked_for_and_has_no_values() -> None:
    """DEV-SCHEMA-3."""
    answered = post(PERSON, {"age": SECRET}, return_error_msg=True)
    assert answered.body == b"""jsonschema validation failed\n- at '/age': is not of type "integer\""""
    assert post(PERSON, {"age": SECRET}).body == b""


@pytest.mark.parametrize(
    "body",
    [
        b'{"age":1,"age":2}',
        b'{"age":1,"names":[{"x":1,"x":2}]}',
        b'{"age":1}\xff',
        b'{"age":1,"names":["\xff"]}',
        b'\xef\xbb\xbf{"age":1}',
        '{"age":1}'.encode("utf-16"),
        b'{"age":1e999}',
        b'{"age":' + b"9" * 5000 + b"}",
        b'{"age":Infinity}',
        b'{"age":1}{"age":1}',
        b"{'age':1}",
        b'{"age":1,}',
        b'{"age":01}',
        b'{"names":["\x01"],"age":1}',
        b"[" * 100_000,
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        b" ",
        b"",
    ],
)
def test_bodies_that_can_be_read_in_two_ways_or_none_are_refused(body: bytes) -> None:
    """DEV-SCHEMA-2."""
    answered = post({}, body)
    assert (answered.status, answered.calls) == (400, [])


@pytest.mark.parametrize(
    "body",
    [b'"' + b"x" * MAX_BODY_BYTES + b'"', b"[" + b"1," * MAX_VALUES + b"1]", b"[" + b"[]," * MAX_VALUES + b"[]]"],
    ids=["bytes", "items", "lists"],
)
def test_bodies_that_are_too_large_to_be_validated_are_refused(body: bytes) -> None:
    """DEV-SCHEMA-2."""
    assert post({}, body).status == 413


def test_a_lone_surrogate_is_what_go_reads() -> None:
    assert post({"minLength": 1, "maxLength": 1}, b'"\\ud800"').status == 200
    assert post({}, b'{"\\ud800":1,"\\udfff":2}').status == 400


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_a_sound_body_is_its_value(value: Any) -> None:
    body = json.dumps(value).encode()
    assert parse_body(body) == value
    assert values_in(body) >= _count(value)


def _count(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(_count, inner))


@given(st.binary(max_size=60) | st.text('[]{}",:1e\\ud8', max_size=60).map(str.encode))
def test_any_bytes_are_a_value_or_a_body_error(body: bytes) -> None:
    with contextlib.suppress(BodyError):
        assert depth_of(parse_body(body)) <= MAX_DEPTH


def test_too_large_is_told_from_wrong() -> None:
    with pytest.raises(BodyTooLargeError):
        parse_body(b"[" + b"1," * MAX_VALUES + b"1]")


def test_other_files_are_read_from_where_the_gateway_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other.json").write_text('{"definitions": {"n": {"type": "integer"}}}')
    monkeypatch.chdir(tmp_path)
    for reference in ("other.json#/definitions/n", f"file://{tmp_path}/other.json#/definitions/n"):
        assert post({"properties": {"a": {"$ref": reference}}}, {"a": 1}).status == 200
        assert post({"properties": {"a": {"$ref": reference}}}, {"a": "x"}).status == 400


def test_other_files_are_read_once_and_are_those_that_were_checked() -> None:
    read: list[str] = []

    def read_file(path: str) -> bytes:
        read.append(path)
        return b'{"type": "integer"}'

    schema = {"properties": {"a": {"$ref": "file:///nowhere/other.json"}}}
    text = json.dumps(file(schema)).encode()
    loaded = load_text(text, components=COMPONENTS, read_file=read_file)
    assert loaded.config is not None
    value = loaded.config.endpoints[0].components["json_schema"]
    assert read == ["/nowhere/other.json"]
    assert value.files == {"/nowhere/other.json": b'{"type": "integer"}'}
    validator = Validator(value.schema, value.version, value.files.__getitem__)
    assert (validator.is_valid({"a": 1}), validator.is_valid({"a": "x"})) == (True, False)


def checks(schema: Any) -> list[int]:
    def load(uri: str) -> Any:
        raise AssertionError(uri)

    return Subschemas(schema, load).checks


TREE = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "counts"),
    [
        (True, [1, 0]),
        ({"type": "integer"}, [1, 0]),
        ({"properties": {"a": {}, "b": {}, "c": {}}}, [1, 1]),
        ({"allOf": [{}, {}], "not": {}}, [4]),
        (TREE, [2]),
        ({"items": {"$ref": "#"}}, [2]),
        ({"prefixItems": [{"$ref": "#"}, {"$ref": "#"}]}, [2]),
        ({"properties": {"a": {"$ref": "#"}}, "additionalProperties": {"$ref": "#"}}, [2]),
    ],
)
def test_a_schema_that_looks_once_at_each_value_has_work_that_grows_with_the_values(
    schema: Any, counts: list[int]
) -> None:
    found = checks(schema)
    assert found[0] <= counts[0]
    assert found[-1] <= max(counts)


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]},
        {"properties": {"a": {"$ref": "#"}}, "patternProperties": {"^a": {"$ref": "#"}}},
        {"items": {"$ref": "#"}, "contains": {"$ref": "#"}},
        {
            "anyOf": [{"properties": {"a": {"$ref": "#/$defs/x"}}}],
            "$defs": {"x": {"oneOf": [{"$ref": "#"}, TREE, {"$ref": "#"}]}},
        },
        {"$id": "http://e/x", "allOf": [{"items": {"$ref": "x"}}, {"items": {"$ref": "http://e/x#"}}]},
    ],
)
def test_work_that_doubles_with_each_level_is_known(schema: Any) -> None:
    found = checks(schema)
    assert found[20] >= 2**20 or found[-1] >= 2**20


def test_a_body_that_is_too_deep_for_what_its_schema_does_is_refused() -> None:
    """DEV-SCHEMA-4."""
    schema = {"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]}
    assert post(schema, b"[" * 5 + b"]" * 5).status == 200
    assert post(schema, b"[" * 60 + b"]" * 60).status == 413
    assert post({"items": {"$ref": "#"}}, b"[" * 240 + b"]" * 240).status == 200


def doubling(levels: int) -> dict[str, Any]:
    defs: dict[str, Any] = {"s0": {"type": "integer"}}
    for level in range(1, levels):
        before = {"$ref": f"#/$defs/s{level - 1}"}
        defs[f"s{level}"] = {"anyOf": [before, {"allOf": [before]}]}
    return {"$ref": f"#/$defs/s{levels - 1}", "$defs": defs}


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [doubling(40), nested(400), {"anyOf": [{}] * 2_000}, {"$defs": {str(n): True for n in range(30_000)}}],
)
def test_a_schema_that_is_too_much_for_any_body_is_refused(schema: Any) -> None:
    """DEV-SCHEMA-4."""
    with pytest.raises(SchemaError):
        Validator(schema, 3, read_bytes)


_PROGRAM = """
import json, resource
from crossgate.components.json_schema.check import check_body
from crossgate.components.json_schema.validator import Validator
from crossgate.pipeline.failure import RefusedError
again = {"properties": {"a": {"$ref": "#"}}}
schemas = [
    {"allOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}}]},
    {"anyOf": [{**again, "required": ["z"]}, {**again, "required": ["y"]}]},
    {"unevaluatedProperties": False, "allOf": [again, again]},
    {"items": {"type": "null"}},
    {"uniqueItems": True},
    {"items": {"pattern": "^(a|aa)+$"}},
    {"pattern": "(x+x+)+y"},
    {"patternProperties": {"(a*)*b": False}, "propertyNames": {"pattern": "^(a|a)*$"}},
    {"items": {"anyOf": [{"const": n} for n in range(200)]}},
]
bodies = [b"[" * n + b"]" * n for n in (10, 20, 100, 240)]
bodies += [b'{"a":' * n + b"1" + b"}" * n for n in (10, 14, 18, 100, 240)]
bodies += [json.dumps(["a" * 40] * n).encode() for n in (400, 20_000, 150_000)]
bodies += [json.dumps([{"a": n} for n in range(40_000)]).encode(), json.dumps("x" * 7_000_000).encode()]
bodies += [json.dumps({"a" * 1000 + str(n): 1 for n in range(5_000)}).encode()]
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for schema in schemas:
    validator = Validator(schema, 3, lambda path: b"")
    for body in bodies:
        try:
            check_body(body, validator)
        except RefusedError:
            pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used)
"""


def test_hostile_schemas_stay_within_memory_and_time_on_bodies_of_any_shape() -> None:
    """The process is killed beyond 60 seconds of its own and cannot have more than 1 GB."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM], preexec_fn=bounded, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[-1000:]
    assert int(ran.stdout) < 400 * 1024
