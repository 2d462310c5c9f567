"""Why name and password do not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason("basic.missing", "there are no name and password", "Send them in `Authorization`.")
WRONG = Reason("basic.wrong", "name or password is wrong", "Send those of the file.")
TOO_MANY = Reason(
    "basic.too-many", "too many wait to be checked", "Come again later: checking a password is slow on purpose."
)

REASONS = (MISSING, WRONG, TOO_MANY)
