"""Requests that reach an endpoint, made of what its configuration names: what examples are built from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crossgate.compare.bodies import accepted_body
from crossgate.compare.bound import Bound
from crossgate.compare.difference import Example, Fields
from crossgate.components.component import Component
from crossgate.components.json_schema.config import BodySchema
from crossgate.golang.url import query_escape

_CREDENTIALS = {"jwt": "a token", "api_keys": "an API key", "basic_auth": "a name and password"}
_BODY_METHODS = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True)
class Requests:
    """Makes requests to endpoints of either plan. `paths` are those known to lead there in both."""

    components: Sequence[Component]
    paths: Mapping[tuple[str, str], str]

    def plain(self, bound: Bound, other: Bound | None = None) -> Example:
        """One that gets in, at the other one, too, as far as a request by itself can: credentials are named, not
        there."""
        path = self.paths.get((bound.route.method, bound.route.pattern)) or path_of(bound)
        fields: Fields = ()
        conditions = []
        config = bound.endpoint.config
        for component in self.components:
            if component.name not in config.components:
                continue
            credential = component.credential(config.components[component.name])
            if credential is not None:
                what = _CREDENTIALS.get(component.name, "a credential")
                fields = (*fields, (credential.field, f"({what})"))
                conditions.append(f"with {what} that is accepted")
        body = '{"sent":"by the client"}' if bound.route.method in _BODY_METHODS else None
        if "cel" in config.components:
            conditions.append("where its expressions hold")
        schemas = [
            schema
            for one in (bound, other)
            if one is not None and isinstance(schema := one.endpoint.config.components.get("json_schema"), BodySchema)
        ]
        if schemas:
            body = accepted_body(schemas) or body
        if body is not None:
            fields = (*fields, ("Content-Type", "application/json"))
        return Example(bound.route.method, path, fields, body, ", ".join(conditions))


def path_of(bound: Bound) -> str:
    """A path that the endpoint's pattern matches."""
    segments = []
    for number, segment in enumerate(bound.route.pattern.split("/")):
        text = bound.known.get(number)
        segments.append(text if text is not None else re.sub(r"(?<!\\)[:*].*", f"v{number}", segment))
    return "/".join(segments).replace("\\:", ":")


def with_field(example: Example, name: str, value: str) -> Example:
    """The same with one field more, or another value of it."""
    return replace(example, fields=(*without_field(example, name).fields, (name, value)))


def without_field(example: Example, name: str) -> Example:
    """The same without that field."""
    return replace(example, fields=tuple(field for field in example.fields if field[0].lower() != name.lower()))


def with_query(example: Example, name: str, value: str) -> Example:
    """The same with one query parameter more."""
    mark = "&" if "?" in example.target else "?"
    return replace(example, target=f"{example.target}{mark}{query_escape(name.encode()).decode()}={value}")


def on_condition(example: Example, condition: str) -> Example:
    """The same where something else has to be the case, too."""
    both = f"{example.condition}, {condition}" if example.condition else condition
    return replace(example, condition=both)
