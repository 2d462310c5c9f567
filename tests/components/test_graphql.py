"""Operations of GraphQL servers: what is asked, what is refused, and what no value can do."""

import json
from pathlib import Path
from typing import Any

import pytest

from crossgate.components import COMPONENTS
from crossgate.components.graphql.asking import MAX_EXPLAINED_BYTES
from crossgate.components.graphql.config import Operation
from crossgate.config import load_text
from crossgate.http.message import Response
from crossgate.plan import BackendPlan, EndpointPlan
from tests.support.pipeline import Backend, Gateway, backend, endpoint, result, service
from tests.support.pipeline import request as asked

QUERY = "query ($id: ID!) { user(id: $id) { name } }"
DO = "mutation ($x: Int) { do(x: $x) }"


def configuration(value: Any) -> bytes:
    call = {"host": ["http://localhost:8000"], "url_pattern": "/graphql", "extra_config": {"backend/graphql": value}}
    return json.dumps({"version": 3, "endpoints": [{"endpoint": "/a/{id}", "backend": [call]}]}).encode()


def operation(value: dict[str, Any]) -> Operation:
    loaded = load_text(configuration(value), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    found: Operation = loaded.config.endpoints[0].backends[0].components["graphql"]
    return found


def gateway(value: dict[str, Any], **keys: Any) -> Gateway:
    """One endpoint, `/a/{id}`, whose backend is asked that."""
    from crossgate.components.graphql.asking import Asking
    from crossgate.pipeline.joined import NothingJoined

    class Joined(NothingJoined):
        def __init__(self) -> None:
            pass

        def around_call(self, endpoint: EndpointPlan, backend: BackendPlan, proxy: Any) -> Any:
            return Asking(operation(value), proxy)

    call = backend("/graphql", wrapped_by=("graphql",), components={"graphql": 1}, **keys.pop("backend", {}))
    return Gateway(service(endpoint("/a/{id}", call, **keys)), Backend(), joined=Joined())


def test_a_value_stays_a_value_of_its_variable() -> None:
    one = gateway({"type": "query", "query": QUERY, "variables": {"id": "{id}"}})
    text = '"},"query":"{ secrets }'
    one.get("/a/%22%7D%2C%22query%22%3A%22%7B%20secrets%20%7D")
    assert json.loads(one.backend.bodies[0]) == {"query": QUERY, "variables": {"id": text}}


def test_by_get_the_operation_is_in_the_url_behind_what_clients_may_add() -> None:
    """DEV-GQL-1."""
    value = {"type": "query", "query": QUERY, "variables": {"id": "{id}", "n": 1}, "method": "get"}
    one = gateway({**value, "operationName": "B"}, input_query_strings=("z",))
    one.get("/a/x&query=y?z=1&query=evil")
    call = one.backend.calls[0]
    assert call.method == b"GET"
    assert call.body == b""
    assert call.target == (
        b"/graphql?z=1&operationName=B&query=query+%28%24id%3A+ID%21%29+%7B+user%28id%3A+%24id%29+%7B+name+%7D+%7D"
        b"&variables=%7B%22id%22%3A%22x%5Cu0026query%3Dy%22%2C%22n%22%3A1%7D"
    )


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("listed", [("*",), ("query", "operationName", "variables", "extensions", "z")])
def test_no_client_can_put_another_operation_into_the_url(method: str, listed: tuple[str, ...]) -> None:
    """DEV-GQL-4."""
    one = gateway({"type": "query", "query": "{a}", "method": method}, input_query_strings=listed)
    for query in ("query=evil&z=1", "%71uery=evil&variables=%7B%7D&z=1&operationName=B", "extensions=e&query=&z=1"):
        one.get(f"/a/1?{query}")
        target = one.backend.calls[-1].target.decode()
        assert target == ("/graphql?z=1" if method == "POST" else "/graphql?z=1&query=%7Ba%7D")
    one.get("/a/1?query=evil")
    assert one.backend.calls[-1].target.decode() == ("/graphql" if method == "POST" else "/graphql?query=%7Ba%7D")


def posted(one: Gateway, body: bytes) -> Response:
    fields = [("Content-Type", "text/plain"), ("Content-Length", "3")]
    return result(one.start(asked("/a/1", "POST", fields, body=body)))


def test_a_mutation_has_a_length_and_a_type_of_its_own() -> None:
    one = gateway({"type": "mutation", "query": DO}, method="POST", input_headers=("*",))
    assert posted(one, b'{"x":1}').status == 200
    call = one.backend.calls[0]
    assert one.backend.bodies == [b'{"query":"mutation ($x: Int) { do(x: $x) }","variables":{"x":1}}']
    assert call.content_length == len(one.backend.bodies[0])
    assert [value for name, value in call.fields if name == b"Content-Type"] == [b"application/json"]


def test_null_has_no_fields() -> None:
    """DEV-GQL-3."""
    one = gateway({"type": "mutation", "query": DO, "variables": {"a": 1}}, method="POST")
    assert posted(one, b"null").status == 200
    assert json.loads(one.backend.bodies[0])["variables"] == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x=1",
        b"[1]",
        b'"a"',
        b"7",
        b'{"a":1} x',
        b'{"a":1e999}',
        b'{"a":NaN}',
        b'{"a":' * 100_000,
        b"[" * 5_000 + b"]" * 5_000,
        b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        b'{"a":"' + b"x" * 2 * MAX_EXPLAINED_BYTES,
    ],
)
def test_a_body_that_is_no_object_of_json_asks_nothing(body: bytes) -> None:
    one = gateway({"type": "mutation", "query": DO}, method="POST")
    assert posted(one, body).status == 500
    assert one.backend.calls == []


FAULTS: list[tuple[Any, str]] = [
    ({"type": "subscription", "query": "q"}, ".type"),
    ({"query": "q"}, ""),
    ({"type": "query"}, ""),
    ({"type": "query", "query": " "}, ""),
    ({"type": "query", "query": 1}, ".query"),
    ({"type": "query", "query_path": "nowhere.graphql"}, ".query_path"),
    ({"type": "query", "query": "q", "variables": [1]}, ".variables"),
    ({"type": "query", "query": "q", "variables": {"a": ""}}, ".variables.a"),
    ({"type": "query", "query": "q", "variables": {"a": "{}"}}, ".variables.a"),
    ({"type": "query", "query": "q", "operation_name": "B"}, ".operation_name"),
    ([1], ""),
]


@pytest.mark.parametrize(("value", "place"), FAULTS)
def test_an_operation_that_cannot_be_asked_prevents_the_start(value: Any, place: str) -> None:
    """DEV-GQL-2."""
    loaded = load_text(configuration(value), components=COMPONENTS)
    assert loaded.config is None
    path = '$.endpoints[0].backend[0].extra_config["backend/graphql"]' + place
    assert path in [one.path for one in loaded.diagnostics if one.code == "CFG406"]


def test_names_of_keys_are_read_in_any_letter_case() -> None:
    found = operation({"TYPE": "Query", "Query": "q", "OperationName": "B"})
    assert (found.kind, found.query, found.name) == ("query", "q", "B")


def test_an_operation_in_a_file_is_watched(tmp_path: Path) -> None:
    path = tmp_path / "q.graphql"
    path.write_text(QUERY, encoding="utf-8")
    loaded = load_text(configuration({"type": "query", "query_path": str(path)}), components=COMPONENTS)
    assert loaded.config is not None
    assert loaded.config.endpoints[0].backends[0].components["graphql"].query == QUERY
    assert loaded.watched == (str(path),)
