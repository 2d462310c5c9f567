"""A configuration made of an OpenAPI document: an endpoint for each operation, passed on as it is.

Knows both forms; what cannot be carried over is told of, never dropped in silence.
"""

import re
from collections.abc import Mapping
from typing import Any

from crossgate.openapi.read import ApiDocument, Operation
from crossgate.openapi.routes import RouteError, Routes

UNKNOWN_HOST = "http://127.0.0.1:8000"
_SAID = ("summary", "description", "tags")


def import_document(tree: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The configuration, and notes about what somebody has to look at. Raises DocumentError."""
    document = ApiDocument(tree)
    host, base = document.server()
    notes: list[str] = []
    if not host:
        host = UNKNOWN_HOST
        notes.append(f'the document does not say where the API is: "host" is {UNKNOWN_HOST}, write the right one')
    routes = Routes()
    endpoints: list[dict[str, Any]] = []
    asked: set[str] = set()
    for operation in document.operations():
        try:
            endpoints.append(_endpoint(operation, base, routes, document, asked))
        except RouteError as error:
            notes.append(f"{operation.method} {operation.path} is left out: {error}")
    if not endpoints:
        notes.append("no operation of the document can be served")
    notes += [_about_scheme(name, document.schemes.get(name)) for name in sorted(asked)]
    extra: dict[str, Any] = {"documentation/openapi": _about(document)}
    cors = tree.get("x-cors")
    if isinstance(cors, Mapping):
        extra["security/cors"] = {name: value for name, value in cors.items() if name != "rules"}
    configuration = {
        "$schema": "crossgate.schema.json",
        "version": 3,
        "name": str(document.info.get("title") or "API"),
        "host": [host],
        "extra_config": extra,
        "endpoints": endpoints,
    }
    return configuration, notes + document.notes


def _endpoint(
    operation: Operation, base: str, routes: Routes, document: ApiDocument, asked: set[str]
) -> dict[str, Any]:
    path, renamed = routes.add(operation.method, operation.path)
    behind = re.sub(r"\{([^{}]+)\}", lambda found: f"{{{renamed[found[1]]}}}", operation.path)
    found: dict[str, Any] = {"endpoint": path, "method": operation.method, "output_encoding": "no-op"}
    queries = [each.name for each in operation.parameters if each.place == "query"]
    headers = [each.name for each in operation.parameters if each.place == "header"]
    if any(each.place == "cookie" for each in operation.parameters):
        headers.append("Cookie")
    for name in operation.security:
        asked.add(name)
        _let_through(document.schemes.get(name, {}), headers, queries)
    if operation.body:
        headers.append("Content-Type")
    headers.append("Accept")
    found["input_headers"] = _once(headers)
    if queries:
        found["input_query_strings"] = list(dict.fromkeys(queries))
    said = {name: operation.written[name] for name in _SAID if operation.written.get(name)}
    if operation.written.get("operationId"):
        said["operation_id"] = operation.written["operationId"]
    for key, place in (("param_definition", "path"), ("query_definition", "query"), ("header_definition", "header")):
        described = [_described(each.written, renamed) for each in operation.parameters if each.place == place]
        if described:
            said[key] = described
    bodies = [_body(media, content) for media, content in operation.body.items() if media != "*/*"]
    if bodies:
        said["request_definition"] = bodies
    if said:
        found["extra_config"] = {"documentation/openapi": said}
    backend: dict[str, Any] = {"method": operation.method, "encoding": "no-op"}
    if operation.server is not None:
        host, base = operation.server
        backend["host"] = [host]
    found["backend"] = [{"url_pattern": f"{base}{behind}" or "/", **backend}]
    return found


def _once(names: list[str]) -> list[str]:
    """Each once, whatever its letters."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return list(found.values())


def _let_through(scheme: Mapping[str, Any], headers: list[str], queries: list[str]) -> None:
    """What a request brings for a security scheme has to reach the backend."""
    place, name = scheme.get("in"), str(scheme.get("name") or "")
    if scheme.get("type") == "apiKey" and place == "query" and name:
        queries.append(name)
    elif scheme.get("type") == "apiKey" and place == "cookie":
        headers.append("Cookie")
    elif scheme.get("type") == "apiKey" and name:
        headers.append(name)
    else:
        headers.append("Authorization")


def _about_scheme(name: str, scheme: Mapping[str, Any] | None) -> str:
    if not scheme:
        return f"the security scheme {name} is not in the document: Authorization is passed on"
    kind = scheme.get("type")
    if kind == "apiKey":
        what = 'to have the gateway check keys, add "auth/api-keys"'
    elif kind == "http" and str(scheme.get("scheme", "")).lower() == "basic":
        what = 'to have the gateway check passwords, add "auth/basic"'
    else:
        what = 'to have the gateway check tokens, add "auth/validator" with the issuer\'s "jwk_url"'
    return f"the security scheme {name} ({kind}) is left to the backend, which gets what a request brings; {what}"


def _described(written: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    name = str(written.get("name"))
    found: dict[str, Any] = {"name": renamed.get(name, name) if written.get("in") == "path" else name}
    if written.get("description"):
        found["description"] = written["description"]
    if written.get("required") is True:
        found["required"] = True
    schema = written.get("schema")
    if isinstance(schema, Mapping) and set(schema) <= {"type", "format", "pattern", "enum", "minimum", "maximum"}:
        found |= {key: value for key, value in schema.items() if isinstance(value, str) or key != "type"}
    elif isinstance(schema, Mapping):
        found |= _schema(schema)
    else:
        found |= {key: written[key] for key in ("type", "format", "enum") if isinstance(written.get(key), str | list)}
    return found


def _body(media: str, content: Any) -> dict[str, Any]:
    schema = content.get("schema") if isinstance(content, Mapping) else None
    return {"content_type": media, **(_schema(schema) if isinstance(schema, Mapping) else {})}


def _schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/components/schemas/"):
        return {"ref": reference.removeprefix("#/components/schemas/")}
    return {"example_schema": dict(schema)} if schema else {}


def _about(document: ApiDocument) -> dict[str, Any]:
    info = document.info
    found: dict[str, Any] = {"version": str(info.get("version") or "1.0.0")}
    if info.get("description"):
        found["description"] = info["description"]
    if info.get("termsOfService"):
        found["terms_of_service"] = info["termsOfService"]
    for group in ("contact", "license"):
        part = info.get(group)
        if isinstance(part, Mapping):
            texts = {name: part.get(name) for name in ("name", "email", "url")}
            found |= {f"{group}_{name}": text for name, text in texts.items() if isinstance(text, str)}
    tags = document.tree.get("tags")
    described = [tag for tag in tags if isinstance(tag, Mapping) and tag.get("name")] if isinstance(tags, list) else []
    if described:
        found["tag_definition"] = [
            {name: tag[name] for name in ("name", "description") if isinstance(tag.get(name), str)} for tag in described
        ]
    if document.schemas:
        found["components_schemas"] = document.schemas
    return found
