"""sprig's functions that read and write JSON. Source: sprig 3.2.3 `defaults.go`."""

from collections.abc import Callable
from typing import Any

from crossgate.golang.json_parser import JsonError
from crossgate.gotemplate.errors import GoError
from crossgate.gotemplate.functions import Function, go_function
from crossgate.gotemplate.marshal import from_json, to_json


def _must_from_json(text: str) -> Any:
    try:
        return from_json(text)
    except JsonError as error:
        raise GoError(str(error)) from None


def _from_json(text: str) -> Any:
    try:
        return from_json(text)
    except JsonError:
        return None


def json_or_nothing(value: Any) -> str:
    """json.Marshal with its error ignored, which gives an empty text."""
    return _lenient(to_json)(value)


def _lenient(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def written(value: Any) -> str:
        try:
            return write(value)
        except GoError as error:
            if not str(error).startswith("json:"):
                raise
            return ""

    return written


def _pretty(value: Any) -> str:
    return to_json(value, indent="  ")


def _raw(value: Any) -> str:
    return to_json(value, html=False)


JSON: dict[str, Function] = {
    "fromJson": go_function("string", _from_json),
    "mustFromJson": go_function("string", _must_from_json),
    "mustToJson": go_function("any", to_json),
    "mustToPrettyJson": go_function("any", _pretty),
    "mustToRawJson": go_function("any", _raw),
    "toJson": go_function("any", json_or_nothing),
    "toPrettyJson": go_function("any", _lenient(_pretty)),
    "toRawJson": go_function("any", _lenient(_raw)),
}
