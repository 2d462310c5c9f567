"""Why an answer was not signed."""

from crossgate.http.reason import Reason

NO_KEY = Reason("signer.no-key", "the signing key was not found", "Check the key set and `kid`.")
FAILED = Reason("signer.failed", "the backend did not return a response to sign", "The log says what the backend did.")

REASONS = (NO_KEY, FAILED)
