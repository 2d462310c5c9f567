"""Modifiers of URLs, and filters by them. Responses are filtered by the URL of their request.

Source: google/martian v2.1 `martianurl/`, `querystring/`, `port/`, `stash/`.
"""

import re
from collections.abc import Callable, Mapping

from crossgate.components.martian.exchange import Incoming, Outgoing
from crossgate.components.martian.kinds import FILTER, Kind, Reading, Shape
from crossgate.components.martian.modifier import Modifier, either
from crossgate.golang.url import UrlError, encode_query, escape_path, parse_query, path_unescape

_PARTS: Mapping[str, Kind] = {"scheme": Kind.TEXT, "host": Kind.TEXT, "path": Kind.TEXT, "query": Kind.TEXT}
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~\-]+)(:[0-9]{1,5})?")
_QUERY = re.compile(r"[\x21-\x7e]*")
_PORTS = {"http": "80", "https": "443"}


def _modifier(reading: Reading) -> Modifier:
    scheme, host = reading.text("scheme"), reading.text("host")
    path, query = reading.text("path"), reading.text("query")
    if scheme not in ("", "http", "https"):
        raise reading.fail("scheme", f'"{scheme[:20]}" is neither http nor https')
    if host and not _AUTHORITY.fullmatch(host):
        raise reading.fail("host", f'"{host[:40]}" is no host', "write name or name:port")
    if not _QUERY.fullmatch(query) or "#" in query:
        raise reading.fail("query", "this is not a query", "percent-encode what cannot stand in a URL")
    encoded = escape_path(path.encode("utf-8", "replace"))
    if path and not path.startswith("/"):
        encoded = b"/" + encoded

    def on_request(outgoing: Outgoing) -> None:
        outgoing.scheme = scheme or outgoing.scheme
        outgoing.authority = host or outgoing.authority
        outgoing.path = encoded or outgoing.path
        outgoing.query = query.encode() or outgoing.query

    return Modifier(on_request)


def _filtering(reading: Reading, matches: Callable[[Outgoing], bool], otherwise: Modifier) -> Modifier:
    return either(matches, lambda incoming: matches(incoming.request), reading.modifier("modifier"), otherwise)


def _filter(reading: Reading) -> Modifier:
    scheme, host = reading.text("scheme"), reading.text("host")
    path, query = reading.text("path").encode(), reading.text("query").encode()

    def matches(outgoing: Outgoing) -> bool:
        return (
            scheme in ("", outgoing.scheme)
            and (not host or _is_host(outgoing.authority, host))
            and (not path or _decoded(outgoing.path) == path)
            and query in (b"", outgoing.query)
        )

    return _filtering(reading, matches, reading.otherwise())


def _decoded(path: bytes) -> bytes:
    try:
        return path_unescape(path)
    except UrlError:
        return path


def _is_host(host: str, pattern: str) -> bool:
    """Whether a host is one of a pattern's, in which `*` stands for one part between dots."""
    if host == pattern:
        return True
    parts, wanted = host.split("."), pattern.split(".")
    return len(parts) == len(wanted) and all(want in ("*", part) for part, want in zip(parts, wanted, strict=True))


def _regex_filter(reading: Reading) -> Modifier:
    search = reading.search("regex")
    return _filtering(reading, lambda outgoing: bool(search(outgoing.url)), reading.otherwise())


def _query_modifier(reading: Reading) -> Modifier:
    name, value = reading.text("name").encode(), reading.text("value").encode()

    def on_request(outgoing: Outgoing) -> None:
        outgoing.query = encode_query({**parse_query(outgoing.query), name: [value]})

    return Modifier(on_request)


def _query_filter(reading: Reading) -> Modifier:
    name, value = reading.text("name").encode(), reading.text("value").encode()

    def matches(outgoing: Outgoing) -> bool:
        values = parse_query(outgoing.query).get(name)
        return values is not None and (not value or value in values)

    return _filtering(reading, matches, reading.otherwise())


def _port_modifier(reading: Reading) -> Modifier:
    given = [name for name in ("port", "defaultForScheme", "remove") if reading.get(name, None)]
    if len(given) != 1:
        raise reading.fail("", 'one of "port", "defaultForScheme" and "remove" has to be set, and no more')
    port = reading.get("port", 0)
    if port and not 1 <= port <= 65535:
        raise reading.fail("port", f"{port} is no port")

    def on_request(outgoing: Outgoing) -> None:
        host, _ = _split(outgoing.authority)
        if given == ["port"]:
            outgoing.authority = f"{host}:{port}"
        elif given == ["remove"]:
            outgoing.authority = host
        else:
            outgoing.authority = f"{host}:{_PORTS[outgoing.scheme]}"

    return Modifier(on_request)


def _port_filter(reading: Reading) -> Modifier:
    """There is no `else`."""
    port = str(reading.get("port", 0))

    def matches(outgoing: Outgoing) -> bool:
        return (_split(outgoing.authority)[1] or _PORTS[outgoing.scheme]) == port

    return _filtering(reading, matches, Modifier())


def _split(authority: str) -> tuple[str, str]:
    match = _AUTHORITY.fullmatch(authority)
    return (authority, "") if match is None else (match[1], (match[2] or "").removeprefix(":"))


def _stash(reading: Reading) -> Modifier:
    """The URL as it is then, in a field of the request and of its response."""
    name = reading.field_name("headerName")
    scopes = reading.get("scope", None)
    if scopes is not None and "request" not in scopes:
        raise reading.fail("scope", "a URL can only be kept with the request", 'add "request"')

    def on_request(outgoing: Outgoing) -> None:
        outgoing.stashed = outgoing.url
        outgoing.set(name, outgoing.stashed)

    def on_response(incoming: Incoming) -> None:
        incoming.set(name, incoming.request.stashed)

    return Modifier(on_request, on_response)


URLS: Mapping[str, Shape] = {
    "url.Modifier": Shape(_PARTS, _modifier),
    "url.Filter": Shape({**_PARTS, **FILTER}, _filter),
    "url.RegexFilter": Shape({"regex": Kind.TEXT, **FILTER}, _regex_filter),
    "querystring.Modifier": Shape({"name": Kind.TEXT, "value": Kind.TEXT}, _query_modifier),
    "querystring.Filter": Shape({"name": Kind.TEXT, "value": Kind.TEXT, **FILTER}, _query_filter),
    "port.Modifier": Shape(
        {"port": Kind.INTEGER, "defaultForScheme": Kind.BOOLEAN, "remove": Kind.BOOLEAN}, _port_modifier
    ),
    "port.Filter": Shape({"port": Kind.INTEGER, "modifier": Kind.MODIFIER}, _port_filter),
    "stash.Modifier": Shape({"headerName": Kind.TEXT}, _stash),
}
