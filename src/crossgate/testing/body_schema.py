"""A JSON schema that a response's body has to fit, as KrakenD's own specs have it. Knows the schema; not the test."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from crossgate.config.read_file import read_bytes
from crossgate.pipeline.failure import RefusedError


class UnusableSchemaError(ValueError):
    """No schema, or no library for it. `str()` says why, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def check_of(schema: Any) -> Callable[[bytes], str]:
    """What is wrong with a body, empty where it fits. Raises UnusableSchemaError."""
    if not isinstance(schema, dict | bool):
        raise UnusableSchemaError("a JSON schema must be an object, or true or false")
    if find_spec("jsonschema_rs") is None:
        raise UnusableSchemaError("this needs the jsonschema-rs library", 'pip install "crossgate[json-schema]"')
    from crossgate.components.json_schema.check import check_body
    from crossgate.components.json_schema.subschemas import SchemaError
    from crossgate.components.json_schema.validator import Validator

    try:
        validator = Validator(schema, 3, read_bytes)
    except SchemaError as error:
        raise UnusableSchemaError(f"the schema cannot be used: {error}") from None

    def mistakes(body: bytes) -> str:
        try:
            check_body(body, validator)
        except RefusedError as error:
            return str(error)
        return ""

    return mistakes
