"""What a file says for people about its API, at the service and at endpoints. It changes no answer.

Source: KrakenD Enterprise's public page "Document your endpoints with OpenAPI"; version 2 files: its krakend-swagger.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossgate.components.openapi.schemas import circles
from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child

NAME = "documentation/openapi"


def _table(title: str, *keys: Key, is_list: bool = False) -> KeyTable:
    return KeyTable(title, Manner.JSON, keys, is_list=is_list)


_SCHEMA_KEYS = (
    Key("ref", Kind.TEXT, "The schema's name in `components_schemas`, or `#/components/schemas/…`."),
    Key("example_schema", Kind.OBJECT, "A JSON schema."),
    Key("example", Kind.ANY, "An example of it."),
)
_PARAMETER = _table(
    "the parameter",
    Key("name", Kind.TEXT, "Its name."),
    Key("description", Kind.TEXT, "What it means."),
    Key("required", Kind.BOOLEAN, "Whether a request needs it.", False),
    Key("type", Kind.TEXT, "Its type in JSON schema.", "string"),
    Key("format", Kind.TEXT, "The type's format, such as `int64` or `date`."),
    Key("pattern", Kind.TEXT, "A regular expression that values match."),
    Key("enum", Kind.ANY, "The list of its values."),
    Key("minimum", Kind.ANY, "Its least value.", shape="number"),
    Key("maximum", Kind.ANY, "Its largest value.", shape="number"),
    *_SCHEMA_KEYS,
    is_list=True,
)
_REQUEST = _table(
    "the body of requests",
    Key("content_type", Kind.TEXT, "Its media type.", "application/json"),
    Key("description", Kind.TEXT, "What it is."),
    Key("required", Kind.BOOLEAN, "Whether a request needs one.", False),
    *_SCHEMA_KEYS,
    is_list=True,
)
_TAG = _table(
    "the tag",
    Key("name", Kind.TEXT, "Its name."),
    Key("description", Kind.TEXT, "What it means."),
    is_list=True,
)
_AUDIENCE = Key("audience", Kind.TEXTS, "Whom it is for; `openapi export --audience` keeps what is for somebody.")
SERVICE_KEYS = _table(
    "the documentation of the service",
    Key("version", Kind.TEXT, "The version of the API.", "1.0.0"),
    Key("description", Kind.TEXT, "What the API is for, in Markdown."),
    Key("base_path", Kind.TEXT, "A path in front of those of all endpoints, where another proxy adds one."),
    Key("host", Kind.TEXT, "Where the API is reached.", old="host"),
    Key("schemes", Kind.TEXTS, "How it is reached: `http`, `https`."),
    Key("terms_of_service", Kind.TEXT, "The URL of the terms.", old="termsOfService", also_old=True),
    Key("contact_name", Kind.TEXT, "Whom to ask.", old="contactName", also_old=True),
    Key("contact_email", Kind.TEXT, "Where to write.", old="contactEmail", also_old=True),
    Key("contact_url", Kind.TEXT, "Where to read.", old="contactURL", also_old=True),
    Key("license_name", Kind.TEXT, "The licence of the API.", old="licenseName", also_old=True),
    Key("license_url", Kind.TEXT, "The licence's URL.", old="licenseURL", also_old=True),
    Key("jwt_key", Kind.TEXT, "The name of the security scheme for tokens.", "jwt"),
    Key("tag_definition", Kind.OBJECTS, "The tags, with what they mean.", inner=_TAG),
    Key("components_schemas", Kind.OBJECT, "JSON schemas by name."),
    _AUDIENCE,
)
ENDPOINT_KEYS = _table(
    "the documentation of an endpoint",
    Key("summary", Kind.TEXT, "What it does, in a few words."),
    Key("description", Kind.TEXT, "What it does, in Markdown."),
    Key("operation_id", Kind.TEXT, "Its name for programs.", old="operationId", also_old=True),
    Key("tags", Kind.TEXTS, "What it belongs to."),
    Key("param_definition", Kind.OBJECTS, "The parameters of its path.", inner=_PARAMETER),
    Key("query_definition", Kind.OBJECTS, "The parameters of its query.", inner=_PARAMETER),
    Key("header_definition", Kind.OBJECTS, "Its request fields.", inner=_PARAMETER),
    Key("cookie_definition", Kind.OBJECTS, "Its cookies.", inner=_PARAMETER),
    Key("request_definition", Kind.OBJECTS, "The bodies of requests.", inner=_REQUEST),
    Key("response_definition", Kind.OBJECT, "The answers by status, each written like a body of requests."),
    Key("example", Kind.ANY, "Examples of its answer by media type."),
    _AUDIENCE,
)
NAMESPACE = ComponentNamespace(
    NAME, "Describes the API for `crossgate openapi export`.", {"service": SERVICE_KEYS, "endpoint": ENDPOINT_KEYS}
)


@dataclass(frozen=True, slots=True)
class Documentation:
    """What is said of a service or an endpoint, by KrakenD 2's names; what cannot be read is left out."""

    said: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text; empty where nothing is said."""
        value = self.said.get(name, "")
        return value if isinstance(value, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(self.said.get(name, ()))

    def objects(self, name: str) -> list[Mapping[str, Any]]:
        """A list of objects."""
        return [each for each in self.said.get(name, ()) if isinstance(each, Mapping)]


def decode_documentation(section: Section) -> Documentation | None:
    """What an object says; None where it says nothing. Nothing here keeps a file from starting."""
    table = SERVICE_KEYS if section.scope == "service" else ENDPOINT_KEYS
    fields = section.fields(NAME, table)
    if fields is None:
        namespace = section.namespaces.get(NAME)
        if namespace is not None and namespace.value is not None:
            section.report.warning("CFG202", namespace.path, "the documentation must be an object; it is not read")
        return None
    said = {key.name: value for key in table.keys if (value := _read(fields, key)) not in (None, "", (), [], {})}
    schemas = said.get("components_schemas")
    if schemas:
        said["components_schemas"] = _without_circles(section, fields.at("components_schemas"), schemas)
    return Documentation(said)


def _without_circles(section: Section, path: str, schemas: Mapping[str, Any]) -> dict[str, Any]:
    """The schemas, those that are nothing but themselves open to anything: tools would follow them for ever."""
    found = circles(schemas)
    for name, way in found.items():
        message = f'the schema "{name}" leads back to itself ({" → ".join(way)}): the document says that it is anything'
        hint = "write a schema in the place of one of these references"
        section.report.warning("CFG217", child(path, name), message, hint=hint)
    return {name: {} if name in found else schema for name, schema in schemas.items()}


def _read(fields: Fields, key: Key) -> Any:
    match key.kind:
        case Kind.TEXT:
            return fields.text(key.name)
        case Kind.TEXTS:
            return fields.texts(key.name)
        case Kind.OBJECT:
            return fields.object(key.name)
        case Kind.OBJECTS:
            return [item for _, item in fields.objects(key.name)]
        case _:
            return fields.get(key.name)
