"""Why a body is not passed on."""

from crossgate.http.reason import Reason

INVALID = Reason(
    "schema.invalid",
    "the body does not match the JSON schema",
    "The response or the log names the fields that do not match.",
)
NO_JSON = Reason("schema.no-json", "the body is missing or not JSON", "Send a JSON body.")
TOO_LARGE = Reason(
    "schema.too-large", "the body is too large or too deeply nested to be validated", "Send a smaller body."
)

REASONS = (INVALID, NO_JSON, TOO_LARGE)
