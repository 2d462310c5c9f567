"""`response-schema-validator`: answers that do not fit a JSON Schema do not reach the client.

Source: the public documentation of KrakenD Enterprise 2.13.
"""

from importlib.util import find_spec

from crossgate.components.plugins.own.reading import check_names, read_object, read_text
from crossgate.plugins import Answer, Refusal, Setup


class ResponseSchemaValidator:
    """Raises a Refusal in the place of an answer."""

    def __init__(self, setup: Setup) -> None:
        """Raises ValueError."""
        if find_spec("jsonschema_rs") is None:
            raise ValueError("this needs jsonschema-rs, which is not installed: pip install crossgate[json-schema]")
        import jsonschema_rs

        config = setup.config
        check_names(config, ("schema", "error"))
        schema = config.get("schema")
        if not isinstance(schema, (dict, bool)):
            raise ValueError('"schema" must be a JSON Schema')  # noqa: TRY004 # a fault of the file
        error = read_object(config, "error")
        check_names(error, ("body", "status", "content_type"))
        self._body = read_text(error, "body", "")
        self._content_type = read_text(error, "content_type", "text/plain; charset=utf-8")
        self._status = error.get("status", 500)
        if type(self._status) is not int or not 200 <= self._status <= 599:
            raise ValueError('"status" must be a status from 200 to 599')
        try:
            self._validator = jsonschema_rs.validator_for(schema)
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as fault:
            raise ValueError(f'"schema" is no JSON Schema: {fault}') from None

    def modify_response(self, answer: Answer) -> None:
        """Refuse what does not fit."""
        error = next(self._validator.iter_errors(answer.data), None)
        if error is not None:
            raise Refusal(self._status, self._body or error.message, self._content_type)
