"""Requests and answers that an endpoint can be tried with, made of what its configuration names.

Knows the model; does not know what the gateway makes of them.
"""

import copy
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from crossgate.components.cel.config import Checks
from crossgate.components.client_credentials.config import ClientConfig
from crossgate.config.model import BackendConfig, EndpointConfig
from crossgate.golang.url import query_escape
from crossgate.testing.init.modified import modified_fields

_PARAM = re.compile(r"\{([^{}]*)\}")
_OF_ANSWER = re.compile(r"resp_data\.([\w.]+)")
UNLISTED_HEADER = "X-Unlisted"
OF_BACKENDS = frozenset(("Cache-Control", "Content-Type", "X-From"))
"""Fields of answers that have nothing to do with what is configured."""
UNLISTED_QUERY = "unlisted"
_TOKEN = {"access_token": "of-the-gateway", "token_type": "bearer", "expires_in": 3600}


def target_of(
    endpoint: EndpointConfig,
    params: Mapping[str, str] = MappingProxyType({}),
    query: Mapping[str, str | None] = MappingProxyType({}),
) -> str:
    """Its path with values for its parameters, and a query with all that it lets through and one that it does not.

    Those given are in the place of samples, None: without it.
    """
    number = iter(range(1, 100))
    path = _PARAM.sub(lambda match: _escaped(params.get(match[1]) or f"v{next(number)}"), endpoint.path)
    path = re.sub(r"/\*[^/]*\Z", "/rest", path)
    values = {name: f"q{index}" for index, name in enumerate(endpoint.input_query_strings, 1) if name != "*"}
    pairs = [(name, value) for name, value in {**values, **query}.items() if value is not None]
    return f"{path}?{'&'.join(f'{_escaped(name)}={_escaped(text)}' for name, text in (*pairs, (UNLISTED_QUERY, 'q0')))}"


def _escaped(text: str) -> str:
    return query_escape(text.encode()).decode()


def headers_of(endpoint: EndpointConfig) -> dict[str, str]:
    """A value for each field it lets through, and one that it does not."""
    modified = {name: value for backend in endpoint.backends for name, value in modified_fields(backend).items()}
    names = [name for name in endpoint.input_headers if name != "*"]
    names += modified if "*" in endpoint.input_headers else ()
    sent = dict.fromkeys(name for name in names if name.lower() not in _NOT_OURS)
    values = {name: modified.get(name) or f"h{number}" for number, name in enumerate(sent, 1)}
    return {**values, UNLISTED_HEADER: "h0"}


_NOT_OURS = frozenset(
    ("host", "connection", "content-length", "transfer-encoding", "authorization", "origin", "te", "upgrade", "cookie")
)


_USUAL = {"id": 7, "name": "Ada", "email": "ada@app.example", "password": "secret", "data": {"id": 8, "items": [1]}}
"""What backends have in their answers, whatever the configuration says of it."""


def document_of(
    backend: BackendConfig,
    also: Iterable[str] = (),
    without: str = "",
    given: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """What a backend can answer so that filters, mappings and groups have something to work on, and `also` names; but
    for the member `without`, and with those `given`.
    """
    document: dict[str, Any] = {**copy.deepcopy(_USUAL), "other": "kept or not"}
    whose = f" of backend {backend.index + 1}" if backend.index else ""
    for number, name in enumerate((*_named(backend), *also), 1):
        _put(document, name.split("."), f"value {number}{whose}")
    document["other"] += whose
    for name, value in given.items():
        _put(document, name.split("."), value)
    if without:
        _take(document, without.split("."))
    if backend.target:
        inner = document
        document = {"outside": True}
        _put(document, backend.target.split("."), inner)
    return [document, {"other": 2}] if backend.is_collection else document


def _named(backend: BackendConfig) -> Iterable[str]:
    names = [*backend.allow, *backend.deny, *backend.mapping]
    for operation in backend.flatmap:
        names += operation.args[:1]
    return dict.fromkeys(name for name in names if name and not name.startswith((".", "*")))


def _put(document: dict[str, Any], steps: list[str], value: Any) -> None:
    """The value at the end of the steps; behind a step that "*" follows is a list."""
    step, *rest = steps
    there = document.get(step)
    if not rest:
        document[step] = there if isinstance(there, dict) else value
    elif rest[0] != "*":
        document[step] = there if isinstance(there, dict) else {}
        _put(document[step], rest, value)
    elif len(rest) == 1:
        document[step] = [value]
    else:
        document[step] = [each for each in there if isinstance(each, dict)] if isinstance(there, list) else [{}]
        for each in document[step]:
            _put(each, rest[1:], value)


def _take(document: dict[str, Any], steps: list[str]) -> None:
    place: Any = document
    for step in steps[:-1]:
        place = place.get(step) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place.pop(steps[-1], None)


def answers_of(
    endpoint: EndpointConfig, without: str = "", given: Mapping[str, Any] = MappingProxyType({}), **more: Any
) -> Mapping[str, Any]:
    """An answer for each of its backends, by their places; `more` is in each of them. The rest: see document_of."""
    found: dict[str, Any] = {}
    asked = members_in(expressions_about_answers(endpoint))
    for backend in endpoint.backends:
        path = "/" + _PARAM.sub("*", backend.url_pattern).lstrip("/")
        hosts = backend.hosts if backend.sd == "static" else ()
        for host in dict.fromkeys(hosts) or ("",):
            place = f"{_authority(host)}{path.partition('?')[0]}"
            found.setdefault(place, {**_content(backend, asked, without, given), **more})
        client = backend.components.get("client_credentials")
        if isinstance(client, ClientConfig):
            found.setdefault(client.token_url.partition("?")[0], {"json": _TOKEN})
    return found


def members_in(expressions: Iterable[str]) -> list[str]:
    """What of answers they look at."""
    return list(dict.fromkeys(name for text in expressions for name in _OF_ANSWER.findall(text)))


def expressions_about_answers(endpoint: EndpointConfig) -> Iterator[str]:
    """Of the endpoint and its backends."""
    for components in (endpoint.components, *[backend.components for backend in endpoint.backends]):
        checks = components.get("cel")
        if isinstance(checks, Checks):
            yield from checks.after


def _content(backend: BackendConfig, also: Iterable[str], without: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if backend.encoding in ("xml", "rss"):
        name = "document"
        return {"headers": {"Content-Type": "application/xml"}, "body": f"<{name}><other>1</other></{name}>"}
    if backend.encoding == "string":
        return {"headers": {"Content-Type": "text/plain"}, "body": "text"}
    modified = {name: value or "of the backend" for name, value in modified_fields(backend).items()}
    modified = {name: value for name, value in modified.items() if name.lower() not in _NOT_OURS}
    return {
        "headers": {**modified, "Content-Type": "application/json", "X-From": "backend"},
        "json": document_of(backend, also, without, given),
    }


def _authority(host: str) -> str:
    return re.sub(r"\A(https?://[^/]*).*", r"\1", host) if host.startswith("http") else ""
