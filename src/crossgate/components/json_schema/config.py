"""The schema of an endpoint as a file has it, compiled once to see that it can be.

Source: krakend-jsonschema v2 `jsonschema.go`: the namespace is the schema.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Literal

import msgspec

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import KeyTable, Manner
from crossgate.config.section import Section
from crossgate.diagnostics.path import child

NAME = "validation/json-schema"
KEYS = KeyTable("a JSON schema", Manner.OWN, (), is_free=True)
NAMESPACE = ComponentNamespace(NAME, "The JSON schema that bodies of requests have to follow.", {"endpoint": KEYS})
_OFF = "switches the validation off, with a line in its log"
_SHOWN_FORMATS = 3


@dataclass(frozen=True, slots=True)
class BodySchema:
    """A schema as written, the version of the file it stands in, and the files it refers to as they were then."""

    schema: Any
    version: Literal[2, 3]
    files: Mapping[str, bytes] = field(default_factory=dict)


_LAST: dict[tuple[bytes, int], BodySchema] = {}
"""Endpoints often have the same one: the last few of which there is nothing to be said."""
_MOST_KEPT = 32


def decode_schema(section: Section) -> BodySchema | None:
    """The endpoint's schema; None where it has none.

    DEVIATION(DEV-SCHEMA-1): KrakenD switches the validation off where a schema cannot be compiled.
    """
    namespace = section.namespaces.get(NAME)
    if namespace is None:
        return None
    schema, path = namespace.value, namespace.path
    if not isinstance(schema, dict | bool):
        message = "a JSON schema must be an object, or true or false"
        section.report.error("CFG406", path, message, krakend="panics at start")
        return None
    if find_spec("jsonschema_rs") is None:
        message = "this needs the jsonschema-rs library, which is not installed"
        section.close(NAME, path, message, hint='pip install "crossgate[json-schema]"')
        return None
    from crossgate.components.json_schema.subschemas import SchemaError
    from crossgate.components.json_schema.validator import Validator

    text = _text_of(schema)
    known = _LAST.get((text, section.version))
    if known is not None and text:
        return known
    files: dict[str, bytes] = {}

    def read_file(file: str) -> bytes:
        files[file] = data = section.read_file(file)
        return data

    try:
        validator = Validator(schema, section.version, read_file)
    except SchemaError as error:
        for step in error.at:
            path = child(path, step)
        section.close(NAME, path, f"the schema cannot be used: {error}", krakend=_OFF)
        return None
    for at in validator.unchecked_formats[:_SHOWN_FORMATS]:
        place = path
        for step in at:
            place = child(place, step)
        message = '"format" is not checked: from draft 2019-09 on it is a note for people'
        hint = 'write a "pattern", or "$schema": "http://json-schema.org/draft-07/schema#" if all else suits it'
        section.report.warning("CFG217", place, message, hint=hint, krakend="does not check it either")
    read = BodySchema(schema, section.version, files)
    if text and not files and not validator.unchecked_formats:
        if len(_LAST) >= _MOST_KEPT:
            _LAST.clear()
        _LAST[text, section.version] = read
    return read


def _text_of(schema: Any) -> bytes:
    """A schema as text, which tells true from 1; empty where JSON has no words for it, such as infinity."""
    try:
        text = msgspec.json.encode(schema)
    except (msgspec.MsgspecError, OverflowError, UnicodeError, TypeError, RecursionError):
        return b""
    return b"" if b"null" in text else text
