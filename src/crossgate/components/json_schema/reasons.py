"""Why a body is not passed on."""

from crossgate.http.reason import Reason

INVALID = Reason(
    "schema.invalid",
    "the body is not what its schema says",
    "See the answer or the log for the fields, and send them as the schema says.",
)
NO_JSON = Reason("schema.no-json", "the body is no JSON, or there is none", "Send a JSON body.")
TOO_LARGE = Reason("schema.too-large", "the body is too large or too deep to be validated", "Send less at once.")

REASONS = (INVALID, NO_JSON, TOO_LARGE)
