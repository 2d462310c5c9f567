"""The check at work: bodies that are not what they have to be are answered 400, and nobody is called.

Source: krakend-jsonschema v2 `jsonschema.go`.
"""

from collections import deque

from crossgate.components.json_schema.body import BodyError, BodyTooDeepError, BodyTooLargeError, parse_body, values_in
from crossgate.components.json_schema.config import BodySchema
from crossgate.components.json_schema.reasons import INVALID, NO_JSON, TOO_LARGE
from crossgate.components.json_schema.validator import Mistake, Validator
from crossgate.http.reason import Reason
from crossgate.pipeline.failure import RefusedError
from crossgate.pipeline.proxy import Proxy, ProxyRequest, ProxyResponse
from crossgate.pipeline.request_body import read_request_body

_LAST: deque[tuple[BodySchema, Validator]] = deque(maxlen=4)
_EMPTY = "could not validate an empty body"
_TOO_COMPLEX = "the body is too large and too deep for its schema"


def build_schema_check(config: BodySchema, proxy: Proxy) -> Proxy:
    """The proxy behind the check."""
    validator = _validator_of(config)

    async def checked(call: ProxyRequest) -> ProxyResponse:
        call.body = body = await read_request_body(call.body)
        check_body(body, validator)
        return await proxy(call)

    return checked


def _validator_of(config: BodySchema) -> Validator:
    """A test stand builds the same endpoint again for each test: compiling its schema takes longer than a test."""
    for known, validator in _LAST:
        if known is config:
            return validator
    validator = Validator(config.schema, config.version, config.files.__getitem__)
    _LAST.append((config, validator))
    return validator


def check_body(body: bytes, validator: Validator) -> None:
    """Raise RefusedError for a body that is not valid, or cannot be looked at."""
    if not body:
        raise _refused(_EMPTY, NO_JSON)
    try:
        value = parse_body(body)
    except BodyTooLargeError as error:
        raise _refused(str(error), TOO_LARGE, 413) from None
    except BodyTooDeepError as error:
        raise _refused(str(error), TOO_LARGE) from None
    except BodyError as error:
        raise _refused(str(error), NO_JSON) from None
    count = values_in(body)
    if not validator.is_affordable(value, count):
        raise _refused(_TOO_COMPLEX, TOO_LARGE, 413)
    try:
        if validator.is_valid(value):
            return
        mistakes = validator.mistakes(value, count)
    except (ValueError, RecursionError):
        raise _refused("the body cannot be validated", TOO_LARGE) from None
    raise _invalid(mistakes)


def _refused(text: str, reason: Reason, status: int = 400) -> RefusedError:
    return RefusedError(text, reason=reason, status=status, honest_status=status, members={"detail": text})


def _invalid(mistakes: list[Mistake]) -> RefusedError:
    """DEVIATION(DEV-SCHEMA-3): KrakenD's text names the folder it runs in, and shows values."""
    lines = [f"- at '{mistake.pointer}': {mistake.detail}" for mistake in mistakes]
    shown = [{"pointer": f"#{mistake.pointer}", "detail": mistake.detail} for mistake in mistakes]
    return RefusedError(
        "\n".join(["jsonschema validation failed", *lines]),
        reason=INVALID,
        status=400,
        honest_status=400,
        members={"detail": "the body is not what its schema says", "errors": shown},
    )
