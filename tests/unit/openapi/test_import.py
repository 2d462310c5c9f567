"""A configuration made of an OpenAPI document serves it: every operation, passed on as it is; the rest is told of."""

import json

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from crossgate.cli.main import main
from crossgate.openapi.import_ import import_document
from crossgate.openapi.read import DocumentError
from crossgate.testing import Gateway

WHOLE_SEGMENTS = "{name}.json is a parameter and more: a gateway's parameters are whole segments"


def document(paths, **more):
    return {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths, **more}


def shop(resources=("users", "orders", "items", "carts", "bills", "tickets", "reviews", "stores", "staff", "parcels")):
    """Ten resources with five operations each."""
    paths = {}
    shown = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}
    for name in resources:
        number = {"name": f"{name}Id", "in": "path", "required": True, "schema": {"type": "string"}}
        body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
        paths[f"/{name}"] = {
            "get": {
                "operationId": f"list{name}",
                "parameters": [{"$ref": "#/components/parameters/page"}, {"name": "q", "in": "query", "schema": {}}],
                "responses": shown,
            },
            "post": {"operationId": f"add{name}", "requestBody": body, "responses": shown, "security": [{"token": []}]},
        }
        paths[f"/{name}/{{{name}Id}}"] = {
            "parameters": [number, {"name": "X-Trace", "in": "header", "schema": {"type": "string"}}],
            "get": {"operationId": f"show{name}", "responses": shown},
            "put": {"operationId": f"put{name}", "requestBody": body, "responses": shown},
            "delete": {"operationId": f"drop{name}", "responses": {"204": {"description": "Gone"}}},
        }
    components = {
        "parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer"}}},
        "schemas": {"Thing": {"type": "object"}},
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    return document(paths, servers=[{"url": "https://shop.example/api/v2/"}], components=components)


def test_document_of_fifty_operations_serves():
    tree = shop()
    OpenAPIV31SpecValidator(tree).validate()
    configuration, notes = import_document(tree)
    assert len(configuration["endpoints"]) == 50
    (note,) = notes
    assert note == (
        "the security scheme token (http) is left to the backend, which gets what a request brings; "
        'to have the gateway check tokens, add "auth/validator" with the issuer\'s "jwk_url"'
    )
    with Gateway(configuration) as gateway:
        for path, item in tree["paths"].items():
            for method in ("get", "post", "put", "delete"):
                if method not in item:
                    continue
                target = path.replace("{", "<").replace("}", ">").replace("<", "a-").replace(">", "")
                headers = {"X-Trace": "t", "Authorization": "Bearer x", "X-Other": "o"}
                answer = gateway.ask(method.upper(), f"{target}?page=1&other=2", headers=headers)
                (call,) = answer.received
                assert (answer.status, call.method, call.path) == (200, method.upper(), f"/api/v2{target}")
                assert call.authority == "shop.example"
                lists = method == "get" and "Id" not in path
                assert call.seen["query"] == ("page=1" if lists else "")
                assert ("X-Trace" in call.seen["headers"]) is ("Id" in path)
                assert ("Authorization" in call.seen["headers"]) is (method == "post")
                assert "X-Other" not in call.seen["headers"]


def test_parameters_of_one_place_get_one_name():
    get = {"get": {"responses": {}}}
    tree = document({"/users/{id}": get, "/users/{userId}/orders": get, "/users/{u}/orders/{id}": get})
    configuration, _ = import_document({**tree, "servers": [{"url": "http://a:80"}]})
    assert [(each["endpoint"], each["backend"][0]["url_pattern"]) for each in configuration["endpoints"]] == [
        ("/users/{id}", "/users/{id}"),
        ("/users/{id}/orders", "/users/{id}/orders"),
    ]


def test_what_cannot_be_served_is_told_of_and_everything_else_is():
    get = {"responses": {}}
    tree = document(
        {
            "/a": {"get": get, "head": get, "options": get},
            "/b/{name}.json": {"get": get},
            "/c/{x}": {"get": get},
            "/c/{y}": {"get": get},
            "/d": {"get": {"parameters": [{"$ref": "other.yaml#/p"}, {"$ref": "#/none"}], "responses": {}}},
            "e": {"get": get},
        }
    )
    configuration, notes = import_document(tree)
    assert [each["endpoint"] for each in configuration["endpoints"]] == ["/a", "/c/{x}", "/d"]
    assert notes == [
        'the document does not say where the API is: "host" is http://127.0.0.1:8000, write the right one',
        "GET /b/{name}.json is left out: " + WHOLE_SEGMENTS,
        "GET /c/{y} is left out: another path of the document matches the same requests",
        "HEAD /a: endpoints cannot have that method; it is left out",
        "OPTIONS /a: endpoints cannot have that method; it is left out",
        "other.yaml#/p: references to other documents are not followed",
        "#/none leads nowhere",
        "e: a path begins with a slash; it is left out",
    ]


def test_servers_of_paths_and_operations_are_those_of_their_backends():
    get = {"responses": {}}
    tree = document(
        {
            "/a": {"get": get},
            "/b": {"servers": [{"url": "https://b.example/base/"}], "get": get},
            "/c": {
                "servers": [{"url": "https://b.example"}],
                "get": {**get, "servers": [{"url": "http://c.example/x"}]},
            },
            "x-more": {"of": "this"},
        },
        servers=[
            {"url": "/relative"},
            {
                "url": "https://{at}.example:{port}/v{n}",
                "variables": {"at": {"default": "eu"}, "port": {"default": "8443"}, "n": {"default": 2}},
            },
        ],
    )
    configuration, notes = import_document(tree)
    assert configuration["host"] == ["https://eu.example:8443"]
    backends = [endpoint["backend"][0] for endpoint in configuration["endpoints"]]
    assert [(each.get("host"), each["url_pattern"]) for each in backends] == [
        (None, "/v2/a"),
        (["https://b.example"], "/base/b"),
        (["http://c.example"], "/x/c"),
    ]
    assert notes == []


def test_paths_that_no_endpoint_can_have_are_told_of_and_all_others_start(tmp_path):
    get = {"get": {"responses": {}}}
    paths = ["/slash", "/slash/", "/__health", "/a/__debug/b", "/q?x=1", "/f#x"]
    configuration, notes = import_document(document(dict.fromkeys(paths, get), servers=[{"url": "http://a:80"}]))
    assert [each["endpoint"] for each in configuration["endpoints"]] == ["/slash", "/slash/"]
    assert [note.partition(" is left out: ")[2] for note in notes] == [
        "__health is reserved for the gateway itself",
        "__debug is reserved for the gateway itself",
        "a path ends where a query or a fragment begins",
        "a path ends where a query or a fragment begins",
    ]
    (tmp_path / "krakend.json").write_text(json.dumps(configuration))
    assert main(["check", "-c", str(tmp_path / "krakend.json")]) == 0


def test_swagger_2_is_read_too():
    tree = {
        "swagger": "2.0",
        "info": {"title": "Old", "version": "1"},
        "host": "old.example",
        "basePath": "/v1",
        "schemes": ["http"],
        "paths": {"/x": {"post": {"parameters": [{"name": "b", "in": "body", "schema": {"type": "object"}}]}}},
    }
    configuration, notes = import_document(tree)
    (endpoint,) = configuration["endpoints"]
    assert configuration["host"] == ["http://old.example"]
    assert endpoint["backend"][0]["url_pattern"] == "/v1/x"
    assert "Content-Type" in endpoint["input_headers"]
    assert notes == []


@pytest.mark.parametrize(
    ("scheme", "headers", "queries"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Key"}, ["X-Key", "Accept"], None),
        ({"type": "apiKey", "in": "query", "name": "key"}, ["Accept"], ["key"]),
        ({"type": "apiKey", "in": "cookie", "name": "s"}, ["Cookie", "Accept"], None),
        ({"type": "openIdConnect", "openIdConnectUrl": "https://id.example"}, ["Authorization", "Accept"], None),
    ],
)
def test_credentials_reach_the_backend_that_asks_for_them(scheme, headers, queries):
    components = {"securitySchemes": {"s": scheme}}
    tree = document({"/a": {"get": {"responses": {}}}}, security=[{"s": []}], components=components)
    configuration, _ = import_document(tree)
    assert configuration["endpoints"][0]["input_headers"] == headers
    assert configuration["endpoints"][0].get("input_query_strings") == queries


@pytest.mark.parametrize(
    "tree",
    [{}, {"openapi": 3}, {"openapi": "4.0.0", "paths": {}}, {"openapi": "3.1.0"}, {"openapi": "3.1.0", "paths": []}],
)
def test_what_is_no_document_is_refused(tree):
    with pytest.raises(DocumentError):
        import_document(tree)


@pytest.mark.parametrize(
    "paths",
    [
        {"/a": None},
        {"/a": {"get": None}},
        {"/a": {"get": {"parameters": "x", "security": 7, "requestBody": []}}},
        {"/a": {"$ref": "#/paths/~1a"}},
        {"/{}": {"get": {}}},
        {7: {"get": {}}},
    ],
)
def test_malformed_parts_break_nothing(paths):
    import_document(document(paths, servers="x", components=[], tags={}))


def test_command_reads_yaml_and_says_what_is_wrong(tmp_path, capsys):
    (tmp_path / "api.yaml").write_text(yaml.safe_dump(shop(("users",))))
    assert main(["openapi", "import", str(tmp_path / "api.yaml")]) == 0
    assert len(json.loads(capsys.readouterr().out)["endpoints"]) == 5
    assert main(["openapi", "import", str(tmp_path / "none.yaml")]) == 1
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "bad.yaml").write_text("a: [")
    assert main(["openapi", "import", str(tmp_path / "bad.yaml")]) == 1
    assert "bad.yaml:1:" in capsys.readouterr().err
