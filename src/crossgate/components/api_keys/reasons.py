"""Why an API key does not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason("key.missing", "there is no key", "Send a key where the file asks for it.")
UNKNOWN = Reason("key.unknown", "the key is not known", "Send a key that is in the file; after a change of it, reload.")
ROLE = Reason(
    "key.role", "the key lacks the role", "Give the key a role of the endpoint, or take the role from the endpoint."
)
LIMIT = Reason("limit.key", "this key is used too often", "Wait, or raise `client_max_rate`.")

REASONS = (MISSING, UNKNOWN, ROLE, LIMIT)
