"""Why name and password do not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason("basic.missing", "the request has no username and password", "Send them in `Authorization: Basic`.")
WRONG = Reason(
    "basic.wrong", "the username or password is wrong", "Check both against the file or its `htpasswd_path`."
)
TOO_MANY = Reason(
    "basic.too-many",
    "too many passwords are waiting to be checked",
    "Try again later: checking a password is slow by design.",
)

REASONS = (MISSING, WRONG, TOO_MANY)
