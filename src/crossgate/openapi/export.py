"""A configuration as an OpenAPI 3.1 document: its endpoints, what they take, who may call them, from which pages.

Knows the model and the components that say something of it; does not know files.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from crossgate.components.json_schema.config import BodySchema
from crossgate.components.openapi.config import Documentation
from crossgate.components.openapi.schemas import named
from crossgate.config.model import EndpointConfig, ServiceConfig
from crossgate.openapi.cors import cors_of
from crossgate.openapi.security import Security

_PARAM = re.compile(r"\{([^{}]*)\}")
_WITH_BODY = ("POST", "PUT", "PATCH")
_MEDIA = {
    "json": "application/json",
    "json-collection": "application/json",
    "fast-json": "application/json",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "string": "text/plain",
    "no-op": "*/*",
    "negotiate": "application/json",
}
# Request fields that OpenAPI describes elsewhere (section 4.8.12: they are ignored as parameters).
_NO_PARAMETERS = frozenset(("accept", "content-type", "authorization"))


def export(config: ServiceConfig, *, audience: str = "") -> dict[str, Any]:
    """The document. With `audience`, of what is said to be for it and of what is for everybody."""
    service = _said(config.components)
    security = Security(config, service.text("jwt_key") or "jwt")
    paths: dict[str, dict[str, Any]] = {}
    taken: set[str] = set()
    for endpoint in config.endpoints:
        said = _said(endpoint.components)
        wanted = said.texts("audience") or service.texts("audience")
        if audience and wanted and audience not in wanted:
            continue
        path = _path(endpoint)
        item = paths.setdefault(path, {})
        item[endpoint.method.lower()] = _operation(config, endpoint, said, security, taken)
    document: dict[str, Any] = {"openapi": "3.1.0", "info": _info(config, service)}
    servers = _servers(service)
    if servers:
        document["servers"] = servers
    if service.objects("tag_definition"):
        document["tags"] = [_kept(tag, ("name", "description")) for tag in service.objects("tag_definition")]
    document["paths"] = paths
    components: dict[str, Any] = {}
    schemas = dict(service.said.get("components_schemas") or {})
    for name in list(named([paths, schemas])):
        schemas.setdefault(name, {"description": "The configuration does not say what this is."})
    if schemas:
        components["schemas"] = schemas
    if security.schemes:
        components["securitySchemes"] = security.schemes
    if components:
        document["components"] = components
    cors = cors_of(config.cors)
    if cors is not None:
        document["x-cors"] = cors
    return document


def _said(components: Mapping[str, Any]) -> Documentation:
    value = components.get("openapi")
    return value if isinstance(value, Documentation) else Documentation()


def _path(endpoint: EndpointConfig) -> str:
    """Its path; what is left over of a path that ends in `*` is a parameter, too."""
    path = re.sub(r"/\*([^/]*)\Z", lambda found: f"/{{{found[1] or 'rest'}}}", endpoint.path)
    return re.sub(r"/:([^/]+)", r"/{\1}", path)


def _info(config: ServiceConfig, service: Documentation) -> dict[str, Any]:
    info: dict[str, Any] = {"title": config.name or "API", "version": service.text("version") or "1.0.0"}
    for name, key in (("description", "description"), ("termsOfService", "terms_of_service")):
        if service.text(key):
            info[name] = service.text(key)
    contact = {name: service.text(f"contact_{name}") for name in ("name", "email", "url")}
    if any(contact.values()):
        info["contact"] = {name: text for name, text in contact.items() if text}
    if service.text("license_name"):
        info["license"] = {"name": service.text("license_name")}
        if service.text("license_url"):
            info["license"]["url"] = service.text("license_url")
    return info


def _servers(service: Documentation) -> list[dict[str, Any]]:
    host, base = service.text("host"), service.text("base_path").rstrip("/")
    if base and not base.startswith("/"):
        base = f"/{base}"
    if not host:
        return [{"url": base}] if base else []
    host = host.partition("://")[2] or host
    return [{"url": f"{scheme}://{host}{base}"} for scheme in service.texts("schemes") or ("https",)]


def _operation(
    config: ServiceConfig, endpoint: EndpointConfig, said: Documentation, security: Security, taken: set[str]
) -> dict[str, Any]:
    operation: dict[str, Any] = {}
    for name, key in (("summary", "summary"), ("description", "description")):
        if said.text(key):
            operation[name] = said.text(key)
    operation["operationId"] = _unique(said.text("operation_id") or _name_of(endpoint), taken)
    if said.texts("tags"):
        operation["tags"] = list(said.texts("tags"))
    parameters = _parameters(endpoint, said)
    if parameters:
        operation["parameters"] = parameters
    body = _request_body(endpoint, said)
    if body:
        operation["requestBody"] = body
    operation["responses"] = _responses(endpoint, said, security)
    asked = security.of(endpoint)
    if asked is not None:
        operation["security"] = asked
    cors = cors_of(endpoint.cors) if endpoint.cors is not None and endpoint.cors is not config.cors else None
    if cors is not None:
        operation["x-cors"] = cors
    return operation


def _name_of(endpoint: EndpointConfig) -> str:
    words = re.findall(r"[A-Za-z0-9]+", endpoint.path)
    return endpoint.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _unique(name: str, taken: set[str]) -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{number}", number + 1
    taken.add(found)
    return found


def _parameters(endpoint: EndpointConfig, said: Documentation) -> list[dict[str, Any]]:
    written = {str(each.get("name", "")): each for each in said.objects("param_definition")}
    found = [
        {**_parameter(written.get(name, {"name": name}), "path"), "required": True}
        for name in dict.fromkeys(_PARAM.findall(_path(endpoint)))
    ]
    for key, place, listed in (
        ("query_definition", "query", endpoint.input_query_strings),
        ("header_definition", "header", endpoint.input_headers),
        ("cookie_definition", "cookie", ()),
    ):
        written = {str(each.get("name", "")): each for each in said.objects(key)}
        names = [name for name in dict.fromkeys([*written, *listed]) if name and name != "*"]
        found += [
            _parameter(written.get(name, {"name": name}), place)
            for name in names
            if place != "header" or name.lower() not in _NO_PARAMETERS
        ]
    return found


def _parameter(written: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": str(written.get("name", "")), "in": place}
    if isinstance(written.get("description"), str):
        found["description"] = written["description"]
    if written.get("required") is True:
        found["required"] = True
    schema = _schema(written)
    if schema is None:
        schema = {"type": written.get("type") or "string"}
        schema |= _kept(written, ("format", "pattern", "enum", "minimum", "maximum"))
    found["schema"] = schema
    if "example" in written:
        found["example"] = written["example"]
    return found


def _schema(written: Mapping[str, Any]) -> Any:
    reference = written.get("ref")
    if isinstance(reference, str) and reference:
        return {"$ref": reference if reference.startswith("#") else f"#/components/schemas/{reference}"}
    return written.get("example_schema") or None


def _request_body(endpoint: EndpointConfig, said: Documentation) -> dict[str, Any] | None:
    bodies = said.objects("request_definition")
    checked = endpoint.components.get("json_schema")
    if not bodies and isinstance(checked, BodySchema) and endpoint.method in _WITH_BODY:
        schema = _alone(checked.schema, _name_of(endpoint))
        return {"required": True, "content": {"application/json": {"schema": schema}}}
    if not bodies and endpoint.method in _WITH_BODY:
        return {"content": {"*/*": {}}}
    if not bodies:
        return None
    content = {str(body.get("content_type") or "application/json"): _media(body) for body in bodies}
    found: dict[str, Any] = {"content": content}
    descriptions = [body["description"] for body in bodies if isinstance(body.get("description"), str)]
    if descriptions:
        found["description"] = descriptions[0]
    if any(body.get("required") is True for body in bodies):
        found["required"] = True
    return found


def _alone(schema: Any, name: str) -> Any:
    """A schema whose references are to itself: a document of its own inside the document (JSON Schema, section 9.3)."""
    if isinstance(schema, Mapping) and "$id" not in schema and "id" not in schema and "$ref" in str(schema):
        return {"$id": f"urn:crossgate:{name}", **schema}
    return schema


def _media(written: Mapping[str, Any]) -> dict[str, Any]:
    schema = _schema(written)
    found: dict[str, Any] = {} if schema is None else {"schema": schema}
    if "example" in written:
        found["example"] = written["example"]
    return found


def _responses(endpoint: EndpointConfig, said: Documentation, security: Security) -> dict[str, Any]:
    found: dict[str, Any] = {}
    written = said.said.get("response_definition")
    if isinstance(written, Mapping):
        for status, answer in written.items():
            if re.fullmatch(r"[1-5](?:[0-9]{2}|XX)|default", str(status)) and isinstance(answer, Mapping):
                media = {str(answer.get("content_type") or "application/json"): _media(answer)}
                found[str(status)] = {"description": str(answer.get("description") or ""), "content": media}
    if not found:
        media = {_MEDIA.get(endpoint.output_encoding, "application/json"): {}}
        examples = said.said.get("example")
        if isinstance(examples, Mapping):
            media = {str(name): {"example": example} for name, example in examples.items() if "/" in str(name)} or media
        found["200"] = {"description": "OK", "content": media}
    for status, description in security.refusals(endpoint):
        found.setdefault(status, {"description": description})
    return found


def _kept(written: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: written[name] for name in names if written.get(name) not in (None, "")}
