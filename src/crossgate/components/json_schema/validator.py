"""A schema compiled by jsonschema-rs: nothing is fetched, patterns take linear time, formats are checked as by KrakenD.

Knows the library; does not know requests.

Source: santhosh-tekuri/jsonschema v6, which KrakenD 2.13 uses: 2020-12 where a schema does not say, formats checked up
to draft 7. KrakenD 1.4 uses gojsonschema, which takes drafts 4 to 7 together.
"""

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from crossgate.components.json_schema.body import depth_of, whole
from crossgate.components.json_schema.subschemas import MAX_CHECKS, MAX_DEPTH, SchemaError, Subschemas
from crossgate.golang.number import Number

MAX_WORK = 5_000_000
"""Checks of one body: half a second at worst."""

MAX_LISTED_WORK = 4_000
"""Of a body all of whose mistakes are looked for: the library makes a list of them, at 1.5 KB each. Of others the first
is, unless a value in them is subject to more than MAX_CHECKS.
"""

MAX_MISTAKES = 10
_MAX_TEXT = 200

Draft = Literal["4", "6", "7", "2019-09", "2020-12"]
_DRAFTS: Mapping[str, Draft] = {
    "json-schema.org/draft-04/schema": "4",
    "json-schema.org/draft-06/schema": "6",
    "json-schema.org/draft-07/schema": "7",
    "json-schema.org/draft/2019-09/schema": "2019-09",
    "json-schema.org/draft/2020-12/schema": "2020-12",
    "json-schema.org/schema": "2020-12",
}
_CLASSES: Mapping[Draft, str] = {
    "4": "Draft4Validator",
    "6": "Draft6Validator",
    "7": "Draft7Validator",
    "2019-09": "Draft201909Validator",
    "2020-12": "Draft202012Validator",
}
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")
_DURATION = re.compile(
    r"P(?!\Z)(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D)?(?:T(?=\d)(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)\Z"
)
_OF_LATER_DRAFTS: Mapping[str, Callable[[str], bool]] = {
    "uuid": lambda text: _UUID.match(text) is not None,
    "duration": lambda text: _DURATION.match(text) is not None,
}
_SAID = {
    "const": "is not the value that is expected",
    "enum": "is none of the values that are allowed",
    "propertyNames": "has a member whose name is not allowed",
    "additionalProperties": "has members that are not allowed",
    "unevaluatedProperties": "has members that are not allowed",
    "falseSchema": "is not allowed",
}


class Mistake:
    """One thing that is wrong with a body: `pointer` (RFC 6901) is where, `detail` what, without any of its values."""

    __slots__ = ("detail", "pointer")

    def __init__(self, error: Any) -> None:
        steps = [str(step).replace("~", "~0").replace("/", "~1") for step in error.instance_path]
        self.pointer = "".join([f"/{step}" for step in steps])[:_MAX_TEXT]
        said = _SAID.get(error.kind.name, error.message.removeprefix("the value "))
        self.detail = said[:_MAX_TEXT]


class Validator:
    """One schema. `unchecked_formats` are the places of formats that nothing checks, as steps from the root."""

    __slots__ = ("_checks", "_compiled", "unchecked_formats")

    def __init__(self, schema: Any, version: Literal[2, 3], read_file: Callable[[str], bytes]) -> None:
        """Raises SchemaError."""
        schema = _plain(schema, 0)
        documents = _Documents(read_file)
        subschemas = Subschemas(schema, documents.load)
        self._checks = subschemas.checks
        draft = draft_of(schema)
        if draft is None and version == 2:
            try:
                self._compiled = _compiled(schema, "7", documents)
            except SchemaError:
                self._compiled = _compiled(schema, "4", documents)
        else:
            self._compiled = _compiled(schema, draft or "2020-12", documents)
        checks_formats = draft in ("4", "6", "7") or (draft is None and version == 2)
        self.unchecked_formats = [] if checks_formats else subschemas.formats

    def is_affordable(self, value: Any, count: int) -> bool:
        """Whether a value may be validated, `count` being how many values are in it."""
        return self._work(value, count, MAX_WORK) <= MAX_WORK

    def is_valid(self, value: Any) -> bool:
        """Whether a value that can be afforded is what the schema says. Raises ValueError where it cannot be told."""
        return bool(self._compiled.is_valid(value))

    def mistakes(self, value: Any, count: int) -> list[Mistake]:
        """What is wrong with a value that is not valid: a few of its mistakes, the first, or none that can be told."""
        import jsonschema_rs

        if self._work(value, count, MAX_LISTED_WORK) <= MAX_LISTED_WORK:
            found = [error for _, error in zip(range(MAX_MISTAKES), self._compiled.iter_errors(value), strict=False)]
            return [Mistake(error) for error in found]
        if self._work(value, 1, MAX_CHECKS) > MAX_CHECKS:
            return []
        try:
            self._compiled.validate(value)
        except jsonschema_rs.ValidationError as error:
            return [Mistake(error)]
        return []

    def _work(self, value: Any, count: int, enough: int) -> int:
        """At least as many checks as are made of a value; looked at closely only where it matters."""
        most = self._checks[-1] * count
        if most <= enough:
            return most
        return self._checks[min(depth_of(value), len(self._checks) - 1)] * count


def draft_of(schema: Any) -> Draft | None:
    """The draft that a schema names; None where it names none. Raises SchemaError for one that is not known."""
    name = schema.get("$schema") if isinstance(schema, Mapping) else None
    if name is None:
        return None
    draft = _DRAFTS.get(str(name).partition("://")[2].removesuffix("#"))
    if draft is None:
        raise SchemaError("this draft is not known: there are 4, 6, 7, 2019-09 and 2020-12", ("$schema",))
    return draft


class _Documents:
    """Other files that a schema refers to, read once; nothing else is fetched."""

    def __init__(self, read_file: Callable[[str], bytes]) -> None:
        self._read_file = read_file
        self._known: dict[str, Any] = {}

    def load(self, uri: str) -> Any:
        """A document. Raises SchemaError."""
        if uri not in self._known:
            self._known[uri] = self._read(uri)
        return self._known[uri]

    def _read(self, uri: str) -> Any:
        if uri.partition("://")[2].removesuffix("#") in _DRAFTS or "json-schema.org/draft/" in uri:
            return True  # the library brings the schemas of schemas along
        path = unquote(uri.removeprefix("file://"))
        if "://" in path or (path != uri and not path.startswith("/")):
            raise SchemaError(f"the schema refers to `{uri[:80]}`, and nothing is fetched: put it into `$defs`")
        try:
            return _plain(json.loads(self._read_file(path)), 0)
        except (OSError, ValueError) as error:
            raise SchemaError(f"the schema refers to `{uri[:80]}`, which cannot be read: {error}") from None


def _compiled(schema: Any, draft: Draft, documents: _Documents) -> Any:
    import jsonschema_rs

    if isinstance(schema, Mapping):
        schema = {name: value for name, value in schema.items() if name != "$schema"}
    options: dict[str, Any] = {
        "mask": "the value",
        "pattern_options": _pattern_options(),
        "retriever": documents.load,
        "base_uri": _base_uri(os.getcwd()),  # noqa: PTH109 # a path of it is dear
    }
    if draft in ("4", "6", "7"):
        options |= {"validate_formats": True, "formats": dict(_OF_LATER_DRAFTS)}
    try:
        return getattr(jsonschema_rs, _CLASSES[draft])(schema, **options)
    except jsonschema_rs.ValidationError as error:
        reason = error.message.replace("the value", "this").split("\n")[0]
        raise SchemaError(_explained(reason, error.instance_path), tuple(error.instance_path)) from None
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        raise SchemaError(str(error).split("\n")[0][:_MAX_TEXT]) from None


@cache
def _pattern_options() -> Any:
    import jsonschema_rs

    return jsonschema_rs.RegexOptions(size_limit=1 << 20, dfa_size_limit=1 << 20)


@lru_cache(maxsize=4)
def _base_uri(folder: str) -> str:
    return f"{Path(folder).as_uri()}/schema"


def _explained(reason: str, at: Sequence[str | int]) -> str:
    if at and at[-1] == "pattern":
        return "this is not a regular expression without look-around and back-references"
    return reason[:_MAX_TEXT]


def _plain(value: Any, depth: int) -> Any:
    """A schema with numbers as float64 has them, as KrakenD reads those of a file."""
    if depth > 2 * MAX_DEPTH:
        raise SchemaError(f"the schema is nested deeper than {MAX_DEPTH}")
    if isinstance(value, Mapping):
        return {str(name): _plain(item, depth + 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, Number):
        value = float(bytes(value))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1 << 53:
        try:
            value = float(value)
        except OverflowError:
            raise SchemaError("a number is too large") from None
    return whole(value) if isinstance(value, float) and value - value == 0 else value
