"""An OpenAPI document as what an import needs: operations with their parameters resolved, servers, security.

Reads OpenAPI 3.0 and 3.1, and Swagger 2.0. References inside the document are followed, others are told of. Does not
know configurations.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

METHODS = ("get", "post", "put", "patch", "delete")
_UNSERVED = ("head", "options", "trace")
_MAX_HOPS = 32


class DocumentError(ValueError):
    """No OpenAPI document that can be read. `str()` says why."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; `place` is path, query, header or cookie."""

    name: str
    place: str
    written: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `security` are the schemes that a request may need, `body` its media types. `server` is
    where this one is, as ApiDocument.server gives it; None where all are."""

    path: str
    method: str
    written: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    security: tuple[str, ...]
    body: Mapping[str, Any]
    server: tuple[str, str] | None = None


@dataclass(slots=True)
class ApiDocument:
    """A document. `notes` grows with what could not be read, as it is met."""

    tree: Mapping[str, Any]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        version = self.tree.get("openapi", self.tree.get("swagger"))
        if not isinstance(version, str) or not re.match(r"(3\.[01]|2\.0)(\.|\Z)", version):
            shown = "none" if version is None else str(version)[:40]
            raise DocumentError(f"an OpenAPI document says version 3.0, 3.1 or (Swagger) 2.0, and this one {shown}")
        if not isinstance(self.tree.get("paths"), Mapping):
            raise DocumentError("the document has no paths")

    @property
    def info(self) -> Mapping[str, Any]:
        """Title, version, contact, licence."""
        return _mapping(self.tree.get("info"))

    @property
    def schemes(self) -> dict[str, Mapping[str, Any]]:
        """The security schemes by name."""
        found = _mapping(self.tree.get("components")).get("securitySchemes", self.tree.get("securityDefinitions"))
        return {str(name): self.resolved(scheme) for name, scheme in _mapping(found).items()}

    @property
    def schemas(self) -> Mapping[str, Any]:
        """The schemas by name."""
        return _mapping(_mapping(self.tree.get("components")).get("schemas"))

    def server(self) -> tuple[str, str]:
        """Where the API is: scheme and host, empty where the document does not say; and the path in front of all."""
        if "swagger" in self.tree:
            host = str(self.tree.get("host") or "")
            schemes = self.tree.get("schemes")
            scheme = "https" if not isinstance(schemes, list) or "https" in schemes else "http"
            return (f"{scheme}://{host}" if host else ""), _base(str(self.tree.get("basePath") or ""))
        found = [_place(server) for server in _list(self.tree.get("servers"))]
        return next((place for place in found if place[0]), found[0] if found else ("", ""))

    def operations(self) -> Iterator[Operation]:
        """All that a gateway can serve, in the order of the document."""
        for path, written in self.tree["paths"].items():
            item = self.resolved(written)
            if str(path).startswith("x-"):
                continue  # an extension
            if not str(path).startswith("/"):
                self._note(f"{path}: a path begins with a slash; it is left out")
                continue
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    yield self._operation(str(path), method, item)
            for method in _UNSERVED:
                if method in item:
                    self._note(f"{method.upper()} {path}: endpoints cannot have that method; it is left out")

    def _operation(self, path: str, method: str, item: Mapping[str, Any]) -> Operation:
        written = _mapping(item[method])
        parameters: dict[tuple[str, str], Parameter] = {}
        body: Mapping[str, Any] = {}
        for each in (*_list(item.get("parameters")), *_list(written.get("parameters"))):
            parameter = self.resolved(each)
            name, place = str(parameter.get("name", "")), str(parameter.get("in", ""))
            if place in ("body", "formData"):  # Swagger 2.0
                body = {"application/json": {"schema": parameter.get("schema", {})}} if place == "body" else {"*/*": {}}
            elif name:
                parameters[name, place] = Parameter(name, place, parameter)
        if "requestBody" in written:
            body = _mapping(self.resolved(written["requestBody"]).get("content")) or {"*/*": {}}
        asked = written.get("security", self.tree.get("security"))
        names = [str(name) for one in _list(asked) if isinstance(one, Mapping) for name in one]
        places = [_place(server) for server in _list(written.get("servers") or item.get("servers"))]
        server = next((place for place in places if place[0]), None)
        security = tuple(dict.fromkeys(names))
        return Operation(path, method.upper(), written, tuple(parameters.values()), security, body, server)

    def resolved(self, value: Any) -> Mapping[str, Any]:
        """An object, a reference to one followed. An empty one where it leads nowhere."""
        for _ in range(_MAX_HOPS):
            if not isinstance(value, Mapping):
                return {}
            reference = value.get("$ref")
            if not isinstance(reference, str):
                return value
            if not reference.startswith("#/"):
                self._note(f"{reference}: references to other documents are not followed")
                return {}
            value = self._at(reference)
        self._note("a reference leads to itself; it is left out")
        return {}

    def _at(self, reference: str) -> Any:
        value: Any = self.tree
        for step in reference[2:].split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(value, Mapping) and name in value:
                value = value[name]
            else:
                self._note(f"{reference} leads nowhere")
                return {}
        return value

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _place(server: Any) -> tuple[str, str]:
    """A server's scheme and host, empty where it is relative, and its path; variables have their defaults."""
    server = _mapping(server)
    url = str(server.get("url") or "")
    for name, variable in _mapping(server.get("variables")).items():
        url = url.replace(f"{{{name}}}", str(_mapping(variable).get("default", "")))
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    has_host = parts.scheme in ("http", "https") and parts.netloc
    return (f"{parts.scheme}://{parts.netloc}" if has_host else ""), _base(parts.path)


def _base(path: str) -> str:
    return path.rstrip("/")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
