"""The operation of a backend as a file has it.

Source: lura 2.13 `transport/http/client/graphql/graphql.go`. DEVIATION(DEV-GQL-2): what KrakenD cannot read it leaves
out, and calls the backend without a query; here it prevents the start.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from crossgate.config.component import ComponentNamespace
from crossgate.config.fields import Fields
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child
from crossgate.golang.number import with_float64_numbers
from crossgate.plan.url_template import internal_name

NAME = "backend/graphql"
KEYS = KeyTable(
    NAME,
    Manner.JSON,
    (
        Key("type", Kind.TEXT, "What the operation is.", choices=("query", "mutation")),
        Key("query", Kind.TEXT, "The operation, as GraphQL."),
        Key("query_path", Kind.TEXT, "A file that has the operation, in the place of `query`."),
        Key("operationName", Kind.TEXT, "Which operation to run, where there are several."),
        Key(
            "variables",
            Kind.OBJECT,
            'The operation\'s variables. In a query, `"{name}"` is the value of a parameter; in a mutation, the fields '
            "of the request's JSON body take their place.",
        ),
        Key("method", Kind.TEXT, "How the server is asked.", "POST", choices=("POST", "GET")),
    ),
)
NAMESPACE = ComponentNamespace(NAME, "Asks a GraphQL server for what a request is about.", {"backend": KEYS})
_LEFT_OUT = "starts, and calls the backend without a query"


@dataclass(frozen=True, slots=True)
class Operation:
    """What to ask. `variables` are those that do not depend on requests, as they are written; `parameters` lead from a
    variable to the internal name of the parameter whose value it is."""

    kind: Literal["query", "mutation"]
    method: Literal["GET", "POST"]
    query: str
    name: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def decode_operation(section: Section) -> Operation | None:
    """The operation; None where there is none, or none that can be asked."""
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    if not isinstance(namespace.value, dict):
        section.close(NAME, namespace.path, f'"{NAME}" must be an object', krakend=_LEFT_OUT)
        return None
    fields = section.guard_fields(NAME, KEYS, krakend=_LEFT_OUT)
    kind = fields.text("type").lower()
    if kind not in ("query", "mutation"):
        hint = 'write "query" or "mutation"; subscriptions are not run'
        section.close(NAME, fields.at("type"), "this is no type of operation", hint=hint, krakend=_LEFT_OUT)
        return None
    method = fields.text("method").upper()
    query = _query(section, fields)
    given = with_float64_numbers(fields.object("variables") or {})
    parameters = {} if kind == "mutation" else _parameters(given)
    for name, value in given.items():
        if value in ("", "{}"):
            place = child(fields.at("variables"), name)
            hint = "leave it out, or give it a value"
            section.close(NAME, place, "a variable cannot be empty", hint=hint, krakend="panics at start")
    return Operation(
        "mutation" if kind == "mutation" else "query",
        "GET" if method == "GET" else "POST",
        query,
        fields.text("operationName"),
        {name: value for name, value in given.items() if name not in parameters},
        parameters,
    )


def _query(section: Section, fields: Fields) -> str:
    path = fields.text("query_path")
    query = fields.text("query")
    if path:
        try:
            query = section.read_file(path).decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            section.close(NAME, fields.at("query_path"), f"the file cannot be read: {reason}", krakend=_LEFT_OUT)
            return ""
    if not query.strip() and not fields.broken & {"query", "query_path"}:
        krakend = "starts, and asks nothing"
        section.close(NAME, fields.path, "there is no operation", hint='give it a "query"', krakend=krakend)
    return query


def _parameters(variables: Mapping[str, Any]) -> dict[str, str]:
    """Only a whole text can stand for a parameter, and only at the top."""
    return {
        name: internal_name(value[1:-1])
        for name, value in variables.items()
        if isinstance(value, str) and len(value) > 2 and value[0] == "{" and value[-1] == "}"
    }
