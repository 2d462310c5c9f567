"""`xml`: data as XML by the rules of mxj. A single key is the root element, otherwise the root is `doc`.

Elements stand in the order of their sorted names, keys that begin with `-` are attributes, `#text` is text, a list
repeats its element, null and empty values are empty elements. Source: krakend-xml 2 `gin/render.go`, mxj 2.7 `xml.go`.
"""

import re
from typing import Any

from crossgate.golang.print_form import print_form
from crossgate.pipeline.encode.string_render import text_bytes

_CONTENT_TYPE = b"application/xml"
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"})
_NOT_IN_NAMES = re.compile("[\x00-\x20<>&\"'/=]")


class _AttributeError(Exception):
    """An attribute's value is neither text, number nor boolean."""


def render_xml(data: dict[str, Any] | None) -> tuple[bytes, bytes]:
    """All of the data. An attribute that is null, a list or an object gives an empty body, as in KrakenD.

    DEVIATION(DEV-DATA-2): characters that would end a name stand as `_`; KrakenD writes keys as they are, and a key
    could open elements of its own.
    """
    try:
        return _CONTENT_TYPE, text_bytes(_document(data or {}))
    except _AttributeError:
        return _CONTENT_TYPE, b""


def _document(data: dict[str, Any]) -> str:
    name, value = "doc", data
    if len(data) == 1:
        key, only = next(iter(data.items()))
        if type(only) is not list or all(type(item) is dict for item in only):
            name, value = key, only
    out: list[str] = []
    todo: list[tuple[str, Any]] = [(name, value)]  # elements to write; ("", text) is finished text
    while todo:
        name, value = todo.pop()
        if not name and type(value) is _Markup:
            out.append(value)
        elif type(value) is list and value:
            todo.extend([(name, item) for item in reversed(value)])
        elif type(value) is dict:
            _write_object(_safe_name(name), value, out, todo)
        else:
            text = _text(value) if value is not None and type(value) is not list else ""
            tag = _safe_name(name)
            out.append(f"<{tag}>{text}</{tag}>" if text else f"<{tag}/>")
    return "".join(out)


class _Markup(str):
    """Finished XML on the stack."""

    __slots__ = ()


def _write_object(tag: str, members: dict[str, Any], out: list[str], todo: list[tuple[str, Any]]) -> None:
    """The element's beginning now, its elements and its end left to do."""
    names = sorted(members)
    attributes = [name for name in names if len(name) > 1 and name[0] == "-"]
    out.append(f"<{tag}")
    for name in attributes:
        value = members[name]
        if value is None or type(value) in (list, dict):
            raise _AttributeError(name)
        out.append(f' {_safe_name(name[1:])}="{_text(value)}"')
    if len(attributes) == len(members):
        out.append("/>")
        return
    out.append(">")
    if "#text" in members:
        out.append(_text(members["#text"]))
    todo.append(("", _Markup(f"</{tag}>")))
    inner = set(names).difference(attributes, ("#text",))
    todo.extend([(name, members[name]) for name in reversed(names) if name in inner])


def _text(value: Any) -> str:
    return print_form(value).translate(_ESCAPES)


def _safe_name(name: str) -> str:
    return _NOT_IN_NAMES.sub("_", name) or "_"
