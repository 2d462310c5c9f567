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

_PARAM = re.compile(r"\{([^{}]*)\}")
_OF_ANSWER = re.compile(r"resp_data\.([\w.]+)")
UNLISTED_HEADER = "X-Unlisted"
UNLISTED_QUERY = "unlisted"
_TOKEN = {"access_token": "of-the-gateway", "token_type": "bearer", "expires_in": 3600}


def target_of(
    endpoint: EndpointConfig, params: Mapping[str, str] = MappingProxyType({}), query: Mapping[str, str] | None = None
) -> str:
    """Its path with values for its parameters, and a query with all that it lets through and one that it does not.

    Those given are in the place of samples.
    """
    number = iter(range(1, 100))
    path = _PARAM.sub(lambda match: _escaped(params.get(match[1]) or f"v{next(number)}"), endpoint.path)
    path = re.sub(r"/\*[^/]*\Z", "/rest", path)
    values = {name: f"q{index}" for index, name in enumerate(endpoint.input_query_strings, 1) if name != "*"}
    values |= query or {}
    query_text = "&".join(f"{_escaped(name)}={_escaped(value)}" for name, value in values.items())
    return f"{path}?{query_text}{'&' if values else ''}{UNLISTED_QUERY}=q0"


def _escaped(text: str) -> str:
    return query_escape(text.encode()).decode()


def headers_of(endpoint: EndpointConfig) -> dict[str, str]:
    """A value for each field it lets through, and one that it does not."""
    names = [name for name in endpoint.input_headers if name != "*" and name.lower() not in _NOT_OURS]
    return {**{name: f"h{index}" for index, name in enumerate(names, 1)}, UNLISTED_HEADER: "h0"}


_NOT_OURS = frozenset(
    ("host", "connection", "content-length", "transfer-encoding", "authorization", "origin", "te", "upgrade", "cookie")
)


_USUAL = {"id": 7, "name": "Ada", "email": "ada@app.example", "password": "secret", "data": {"id": 8, "items": [1]}}
"""What backends have in their answers, whatever the configuration says of it."""


def document_of(backend: BackendConfig, also: Iterable[str] = ()) -> Any:
    """What a backend can answer so that filters, mappings and groups have something to work on, and `also` names."""
    document: dict[str, Any] = {**copy.deepcopy(_USUAL), "other": "kept or not"}
    whose = f" of backend {backend.index + 1}" if backend.index else ""
    for number, name in enumerate((*_named(backend), *also), 1):
        _put(document, name.split("."), f"value {number}{whose}")
    document["other"] += whose
    if backend.target:
        inner = document
        document = {"outside": True}
        _put(document, backend.target.split("."), inner)
    return [document, {"other": 2}] if backend.is_collection else document


def _named(backend: BackendConfig) -> Iterable[str]:
    names = [*backend.allow, *backend.deny, *backend.mapping]
    for operation in backend.flatmap:
        names += [argument for argument in operation.args[:1] if "*" not in argument]
    return dict.fromkeys(name for name in names if name and not name.startswith("."))


def _put(document: dict[str, Any], steps: list[str], value: Any) -> None:
    place: Any = document
    for step in steps[:-1]:
        if not isinstance(place.get(step), dict):
            place[step] = {}
        place = place[step]
    if isinstance(place.get(steps[-1]), dict):
        return
    place[steps[-1]] = value


def answers_of(endpoint: EndpointConfig, **more: Any) -> Mapping[str, Any]:
    """An answer for each of its backends, by their places; `more` is in each of them."""
    found: dict[str, Any] = {}
    asked = dict.fromkeys(name for text in _expressions(endpoint) for name in _OF_ANSWER.findall(text))
    for backend in endpoint.backends:
        path = "/" + _PARAM.sub("*", backend.url_pattern).lstrip("/")
        hosts = backend.hosts if backend.sd == "static" else ()
        for host in dict.fromkeys(hosts) or ("",):
            place = f"{_authority(host)}{path.partition('?')[0]}"
            found.setdefault(place, {**_content(backend, asked), **more})
        client = backend.components.get("client_credentials")
        if isinstance(client, ClientConfig):
            found.setdefault(client.token_url.partition("?")[0], {"json": _TOKEN})
    return found


def _expressions(endpoint: EndpointConfig) -> Iterator[str]:
    """Those about answers."""
    for components in (endpoint.components, *[backend.components for backend in endpoint.backends]):
        checks = components.get("cel")
        if isinstance(checks, Checks):
            yield from checks.after


def _content(backend: BackendConfig, also: Iterable[str]) -> dict[str, Any]:
    if backend.encoding in ("xml", "rss"):
        name = "document"
        return {"headers": {"Content-Type": "application/xml"}, "body": f"<{name}><other>1</other></{name}>"}
    if backend.encoding == "string":
        return {"headers": {"Content-Type": "text/plain"}, "body": "text"}
    return {"headers": {"Content-Type": "application/json", "X-From": "backend"}, "json": document_of(backend, also)}


def _authority(host: str) -> str:
    return re.sub(r"\A(https?://[^/]*).*", r"\1", host) if host.startswith("http") else ""
