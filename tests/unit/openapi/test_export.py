"""The OpenAPI document of a configuration is valid, and says of each endpoint what the gateway does."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from crossgate.cli.main import main
from crossgate.components import COMPONENTS
from crossgate.config.load import load_text
from crossgate.openapi.export import export

CONFIG = {
    "version": 3,
    "name": "Shop",
    "host": ["http://shop:8000"],
    "extra_config": {
        "security/cors": {"allow_origins": ["https://shop.example"], "max_age": "1h"},
        "auth/api-keys": {
            "keys": [{"key": "k", "roles": ["partner"]}],
            "strategy": "header",
            "identifier": "X-Key",
        },
        "documentation/openapi": {
            "version": "2.1",
            "description": "Everything",
            "host": "api.shop.example",
            "base_path": "/v1",
            "schemes": ["https"],
            "contact_email": "api@shop.example",
            "license_name": "MIT",
            "tag_definition": [{"name": "users", "description": "People"}],
            "components_schemas": {"User": {"type": "object", "properties": {"id": {"type": "integer"}}}},
        },
    },
    "endpoints": [
        {
            "endpoint": "/users/{id}",
            "input_headers": ["X-Trace", "Authorization"],
            "input_query_strings": ["page"],
            "extra_config": {
                "documentation/openapi": {
                    "summary": "A user",
                    "operation_id": "showUser",
                    "tags": ["users"],
                    "audience": ["public"],
                    "param_definition": [{"name": "id", "type": "integer", "description": "Whose"}],
                    "query_definition": [{"name": "page", "type": "integer", "minimum": 1}],
                    "response_definition": {
                        "200": {"description": "Here", "ref": "User"},
                        "404": {"description": "Nobody", "example_schema": {"type": "object"}},
                    },
                },
            },
            "backend": [{"url_pattern": "/u/{id}"}],
        },
        {
            "endpoint": "/users",
            "method": "POST",
            "extra_config": {
                "auth/validator": {
                    "alg": "RS256",
                    "jwk_url": "https://id.example/keys",
                    "issuer": "https://id.example",
                    "scopes": ["write"],
                    "scopes_key": "scope",
                },
                "qos/ratelimit/router": {"max_rate": 5},
                "validation/json-schema": {
                    "$schema": "http://json-schema.org/draft-07/schema#",
                    "properties": {"a": {"$ref": "#/definitions/a"}},
                    "definitions": {"a": {"type": "string"}},
                },
            },
            "backend": [{"url_pattern": "/u", "method": "POST"}],
        },
        {
            "endpoint": "/partner",
            "extra_config": {
                "auth/api-keys": {"roles": ["partner"]},
                "crossgate/cors": {"allow_origins": ["https://partner.example"]},
                "documentation/openapi": {"audience": ["partners"]},
            },
            "backend": [{"url_pattern": "/p"}],
        },
        {"endpoint": "/files/{name}", "output_encoding": "no-op", "backend": [{"url_pattern": "/f"}]},
    ],
}


def document(config=CONFIG, **options):
    loaded = load_text(json.dumps(config).encode(), components=COMPONENTS)
    assert loaded.config is not None, loaded.diagnostics
    return json.loads(json.dumps(export(loaded.config, **options)))


def test_document_is_valid():
    OpenAPIV31SpecValidator(document()).validate()


def test_it_says_about_the_service_what_the_file_says():
    found = document()
    assert found["info"] == {
        "title": "Shop",
        "version": "2.1",
        "description": "Everything",
        "contact": {"email": "api@shop.example"},
        "license": {"name": "MIT"},
    }
    assert found["servers"] == [{"url": "https://api.shop.example/v1"}]
    assert found["tags"] == [{"name": "users", "description": "People"}]
    assert found["x-cors"]["allow_origins"] == ["https://shop.example"]
    assert found["x-cors"]["max_age"] == "3600s"


def test_parameters_are_those_that_the_endpoint_lets_through():
    operation = document()["paths"]["/users/{id}"]["get"]
    shown = [(each["in"], each["name"], each["schema"], each.get("required")) for each in operation["parameters"]]
    assert shown == [
        ("path", "id", {"type": "integer"}, True),
        ("query", "page", {"type": "integer", "minimum": 1}, None),
        ("header", "X-Trace", {"type": "string"}, None),
    ]
    assert (operation["operationId"], operation["tags"]) == ("showUser", ["users"])
    assert operation["responses"]["200"]["content"] == {
        "application/json": {"schema": {"$ref": "#/components/schemas/User"}}
    }


def test_security_is_what_the_endpoint_asks_for():
    found = document()
    assert found["components"]["securitySchemes"] == {
        "jwt": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Tokens of https://id.example.",
        },
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-Key"},
    }
    users, partner = found["paths"]["/users"]["post"], found["paths"]["/partner"]["get"]
    assert users["security"] == [{"jwt": ["write"]}]
    assert set(users["responses"]) == {"200", "401", "403", "429", "503"}
    assert partner["security"] == [{"apiKey": ["partner"]}]
    assert partner["x-cors"]["allow_origins"] == ["https://partner.example"]
    assert "security" not in found["paths"]["/users/{id}"]["get"]


def test_schema_that_is_checked_is_the_schema_of_the_body():
    schema = document()["paths"]["/users"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["properties"] == {"a": {"$ref": "#/definitions/a"}}
    assert schema["$id"] == "urn:crossgate:postUsers"  # so that its references are to itself


def test_audience_keeps_what_is_for_it_and_what_is_for_everybody():
    assert set(document(audience="public")["paths"]) == {"/users/{id}", "/users", "/files/{name}"}
    assert set(document(audience="partners")["paths"]) == {"/partner", "/users", "/files/{name}"}


def test_operation_ids_differ_even_where_paths_look_alike():
    paths = ["/a-b", "/a_b", "/a/b"]
    endpoints = [{"endpoint": path, "backend": [{"url_pattern": "/"}]} for path in paths]
    found = document({"version": 3, "host": ["http://a:80"], "endpoints": endpoints})
    assert [found["paths"][path]["get"]["operationId"] for path in paths] == ["getAB", "getAB2", "getAB3"]
    OpenAPIV31SpecValidator(found).validate()


def test_schemas_that_are_nothing_but_themselves_are_told_of_and_open_to_anything(tmp_path, capsys):
    here = "#/components/schemas/"
    schemas = {
        "A": {"$ref": here + "B"},
        "B": {"allOf": [{"not": {"$ref": here + "A"}}]},
        "Self": {"anyOf": [{"type": "null"}, {"$ref": here + "Self"}]},
        "Tree": {"properties": {"left": {"$ref": here + "Tree"}, "right": {"$ref": here + "Nowhere"}}},
        "Alias": {"$ref": here + "Tree"},
    }
    bodies = [{"ref": name, "content_type": f"text/{name}"} for name in (*schemas, "Missing")]
    tree = {
        "version": 3,
        "host": ["http://a:80"],
        "extra_config": {"documentation/openapi": {"components_schemas": schemas}},
        "endpoints": [
            {
                "endpoint": "/a",
                "method": "POST",
                "extra_config": {"documentation/openapi": {"request_definition": bodies}},
                "backend": [{"url_pattern": "/"}],
            }
        ],
    }
    found = document(tree)
    OpenAPIV31SpecValidator(found).validate()
    written = found["components"]["schemas"]
    assert [name for name in schemas if written[name] == {}] == ["A", "B", "Self"]
    assert written["Tree"] == schemas["Tree"]
    assert "does not say" in written["Missing"]["description"] == written["Nowhere"]["description"]
    (tmp_path / "krakend.json").write_text(json.dumps(tree, indent=1))
    assert main(["check", "-c", str(tmp_path / "krakend.json")]) == 0
    told = capsys.readouterr()
    text = told.out + told.err
    assert 'the schema "A" leads back to itself (A → B → A)' in text
    assert 'the schema "Self" leads back to itself (Self → Self)' in text
    line = (tmp_path / "krakend.json").read_text().splitlines().index('    "A": {') + 1
    assert f"krakend.json:{line}:" in text


@pytest.mark.parametrize("name", ["out.json", "out.yaml"])
def test_command_writes_a_file_that_can_be_imported_again(tmp_path, capsys, name):
    (tmp_path / "krakend.json").write_text(json.dumps(CONFIG))
    out, back = tmp_path / name, tmp_path / "back.json"
    assert main(["openapi", "export", "-c", str(tmp_path / "krakend.json"), "-o", str(out)]) == 0
    assert main(["openapi", "import", str(out), "-o", str(back)]) == 0
    again = json.loads(back.read_text())
    assert [(each["method"], each["endpoint"]) for each in again["endpoints"]] == [
        ("GET", "/users/{id}"),
        ("POST", "/users"),
        ("GET", "/partner"),
        ("GET", "/files/{name}"),
    ]
    assert again["host"] == ["https://api.shop.example"]
    assert again["extra_config"]["security/cors"]["allow_origins"] == ["https://shop.example"]
    assert main(["check", "-c", str(back)]) == 0
    assert main(["openapi", "export", "-c", str(back), "-o", str(tmp_path / "again.json")]) == 0
    OpenAPIV31SpecValidator(json.loads((tmp_path / "again.json").read_text())).validate()
