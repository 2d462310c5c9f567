"""Why an answer was not signed."""

from crossgate.http.reason import Reason

NO_KEY = Reason("signer.no-key", "the key to sign with is not there", "Look at the key set and `kid`.")
FAILED = Reason("signer.failed", "the answer to be signed did not come", "See the log for what the backend did.")

REASONS = (NO_KEY, FAILED)
