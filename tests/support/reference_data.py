"""Data as the reference gateway reads, changes and writes it: KrakenD's rules, one after the other."""

import json
import re
from collections.abc import Mapping
from itertools import permutations
from typing import Any
from xml.sax.saxutils import escape

import yaml

Keys = Mapping[str, Any]
"""An object of the configuration."""
Data = dict[str, Any] | None


class FailedError(Exception):
    """A backend's answer is no answer. `body` is what is told of it, None where that is not foretold.

    `status` and `content_type` are the client's where nothing else was asked.
    """

    def __init__(self, body: bytes | None = None, status: int = 500, content_type: bytes = b"") -> None:
        super().__init__()
        self.body = body
        self.status = status
        self.content_type = content_type


class Literal(str):
    """A number as it was written."""

    __slots__ = ()


class InOrder(dict[str, Any]):
    """An object whose members stand in an order of their own."""


def _no_constant(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_float=Literal, parse_int=Literal, parse_constant=_no_constant)


def decoded(backend: Keys, body: bytes) -> Data:
    """The data of a body, by the backend's `encoding`."""
    if backend.get("encoding") == "string":
        return {"content": body.decode("utf-8", "surrogateescape")}
    if backend.get("encoding") == "no-op":
        return {}
    try:
        value, _ = _DECODER.raw_decode(body.decode().lstrip(" \t\r\n"))  # what follows the first value is nobody's
    except ValueError:
        raise FailedError from None
    if backend.get("encoding") == "safejson":
        if isinstance(value, dict):
            return value
        return {"collection" if isinstance(value, list) else "content": value}
    wanted: type = list if backend.get("is_collection") else dict
    if value is not None and not isinstance(value, wanted):
        raise FailedError
    return {"collection": value} if backend.get("is_collection") else value


def manipulated(backend: Keys, data: Data) -> Data:
    """Target, then allow or else deny, then mapping, then group."""
    if backend.get("target"):
        here: Any = data
        for step in backend["target"].split("."):
            here = here.get(step) if isinstance(here, dict) else None
        data = here if isinstance(here, dict) else {}
    if data:
        if backend.get("allow"):
            kept: dict[str, Any] = {}
            for path in backend["allow"]:
                _keep(data, path.split("."), kept)
            data = kept
        elif backend.get("deny"):
            data = json_copy(data)
            for path in backend["deny"]:
                _drop(data, path.split("."))
    for old, new in backend.get("mapping", {}).items():
        if data and old in data:
            data = {key: value for key, value in [*data.items(), (new, data[old])] if key != old}
    return {backend["group"]: data} if backend.get("group") else data


def _keep(data: dict[str, Any], steps: list[str], kept: dict[str, Any]) -> None:
    """Only where the whole path is there: nothing is kept of its beginnings alone."""
    *parents, last = steps
    for step in parents:
        data = data.get(step)  # type: ignore[assignment]
        if not isinstance(data, dict):
            return
    if last not in data:
        return
    for step in parents:
        kept = kept.setdefault(step, {})
    kept[last] = data[last]


def _drop(data: Any, steps: list[str]) -> None:
    *parents, last = steps
    for step in parents:
        data = data.get(step) if isinstance(data, dict) else None
    if isinstance(data, dict):
        data.pop(last, None)


def json_copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: json_copy(item) for key, item in value.items()}
    return [json_copy(item) for item in value] if isinstance(value, list) else value


def merged(parts: list[tuple[Data, bool]], expected: int) -> list[tuple[Data, bool]]:
    """What may become of parts, each with whether it is complete: whichever comes last wins where they collide."""
    if len(parts) == 1:
        return [(parts[0][0], parts[0][1] and expected == 1)]
    is_complete = len(parts) == expected and all(complete and data is not None for data, complete in parts)
    results: list[tuple[Data, bool]] = []
    for order in permutations(parts):
        whole: dict[str, Any] = {}
        for data, _ in order:
            whole.update(data or {})
        if (whole, is_complete) not in results:
            results.append((whole, is_complete))
    return results


# -- writing

JSON = b"application/json; charset=utf-8"


def rendered(output: str, data: Data, accept: bytes) -> tuple[bytes, bytes]:
    """Content type and body. YAML is written as its meaning, see `yaml_meaning`."""
    if output == "negotiate":
        output = negotiated(accept)
    if output == "json-collection":
        return JSON, json_text((data or {}).get("collection", [])).encode()
    if output == "string":
        content = (data or {}).get("content")
        is_text = isinstance(content, str) and not isinstance(content, Literal)
        return b"text/plain; charset=utf-8", content.encode("utf-8", "surrogateescape") if is_text else b""  # type: ignore[union-attr]
    if output == "xml":
        return b"application/xml", xml_document(data or {}).encode("utf-8", "surrogateescape")
    if output == "yaml":
        return b"application/yaml; charset=utf-8", json_text(_as_texts(data or {})).encode()
    return JSON, json_text(data).encode()


def negotiated(accept: bytes) -> str:
    """The first media type that can be had; parameters count for nothing."""
    offers = {b"application/json": "json", b"text/plain": "yaml", b"application/xml": "xml", b"*/*": "json"}
    offers[b"application/x-yaml"] = "yaml"
    types = [part.partition(b";")[0].strip() for part in accept.split(b",")]
    return next((offers[one] for one in types if one in offers), "json")


def json_text(value: Any) -> str:
    """Compact, keys sorted by their bytes, numbers as they came, what is dangerous in HTML escaped."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict):
        keys = list(value) if isinstance(value, InOrder) else sorted(value, key=str.encode)
        return "{" + ",".join(f"{json_text(key)}:{json_text(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    text = re.sub("[\ud800-\udfff]", r"\\ufffd", text)  # bytes that are no UTF-8
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def xml_document(data: dict[str, Any]) -> str:
    """One key is the root, unless there would be several roots."""
    if len(data) == 1:
        ((name, only),) = data.items()
        if not isinstance(only, list) or all(isinstance(item, dict) for item in only):
            return xml_element(name, only)
    return xml_element("doc", data)


def xml_element(name: str, value: Any) -> str:
    if isinstance(value, list) and value:
        return "".join(xml_element(name, item) for item in value)
    if isinstance(value, dict):
        text = "".join(xml_element(key, value[key]) for key in sorted(value))
    elif value is None or value == []:
        text = ""
    else:
        shown = ("false", "true")[value] if isinstance(value, bool) else str(value)
        text = escape(shown, {'"': "&quot;", "'": "&apos;"})
    name = re.sub("[\\x00-\\x20<>&\"'/=]", "_", name)  # DEV-DATA-2
    return f"<{name}>{text}</{name}>" if text else f"<{name}/>"


def yaml_meaning(body: bytes) -> bytes:
    """A YAML document as the JSON that means the same."""
    return json_text(yaml.safe_load(body)).encode()


def _as_texts(value: Any) -> Any:
    """YAML shows number literals as texts."""
    if isinstance(value, Literal):
        return str(value)
    if isinstance(value, dict):
        return {key: _as_texts(item) for key, item in value.items()}
    return [_as_texts(item) for item in value] if isinstance(value, list) else value
