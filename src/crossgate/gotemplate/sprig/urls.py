"""sprig's functions on URLs. Source: sprig 3.2.3 `url.go`."""

from typing import Any

from crossgate.golang.url import UrlError
from crossgate.golang.url_parts import UrlParts, parse_url
from crossgate.gotemplate.errors import NIL_POINTER, GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.values import kind_of


def _parse(text: str) -> dict[str, Any]:
    try:
        parts = parse_url(text)
    except UrlError as error:
        raise GoError(f"unable to parse url: {error}") from None
    return {
        "scheme": parts.scheme,
        "host": parts.host,
        "hostname": parts.hostname,
        "path": parts.path,
        "query": parts.query,
        "opaque": parts.opaque,
        "fragment": parts.fragment,
        "userinfo": parts.user or "",
    }


def _text(mapping: dict[str, Any], key: str) -> str:
    if key not in mapping:
        return ""
    value = mapping[key]
    if value is None:
        raise GoError(NIL_POINTER)
    if not isinstance(value, str):
        raise GoError(f"unable to parse {key} key, must be of type string, but {kind_of(value)} found")
    return value


def _join(mapping: dict[str, Any]) -> str:
    parts = UrlParts(
        scheme=_text(mapping, "scheme"),
        host=_text(mapping, "host"),
        path=_text(mapping, "path"),
        query=_text(mapping, "query"),
        opaque=_text(mapping, "opaque"),
        fragment=_text(mapping, "fragment"),
    )
    userinfo = _text(mapping, "userinfo")
    if userinfo:
        try:
            parts.user = parse_url(f"proto://{userinfo}@host").user
        except UrlError as error:
            raise GoError(f"unable to parse userinfo in dict: {error}") from None
    return parts.text()


URLS: dict[str, Function] = {
    "urlJoin": go_function("map", _join),
    "urlParse": go_function("string", _parse),
}
