"""Why a token does not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason("token.missing", "there is no token", "Send a token in the field or cookie that the validator names.")
MALFORMED = Reason(
    "token.malformed",
    "it is no compact JWS that may be used",
    "Send three parts with dots between, signed, with a header that has no key of its own.",
)
UNTRUSTED_ISSUER = Reason(
    "token.issuer-unknown",
    "its issuer is not one of those that are trusted",
    "Get a token from an issuer in the file, or add the issuer to the validator.",
)
NONE_HOLDS = Reason(
    "token.none-holds",
    "no token can be validated as the gateway is configured",
    "See what `crossgate check` says of the validator.",
)
OTHER_ALG = Reason(
    "token.alg", "its alg is not the one that is asked for", "Sign with the `alg` of the validator, or change that."
)
UNKNOWN_KEY = Reason(
    "token.key",
    "its key is not known",
    "Look whether the key set has the key that the header names; a new key is seen once the cache is over.",
)
BAD_SIGNATURE = Reason(
    "token.signature",
    "its signature does not hold",
    "Get a new token: this one was changed, or signed with another key.",
)
BAD_CLAIM = Reason(
    "token.claim",
    "one of its claims is not what it has to be",
    "See the log for which claim; it comes from the issuer.",
)
OTHER_ISSUER = Reason(
    "token.issuer", "it is from another issuer", "Compare `iss` with `issuer` of the validator, to the letter."
)
OTHER_AUDIENCE = Reason(
    "token.audience", "it is for another audience", "Ask the issuer for a token whose `aud` has all of `audience`."
)
NOT_YET = Reason("token.not-yet", "it is not valid yet", "Wait until `nbf`, or set the clocks right.")
EXPIRED = Reason("token.expired", "it has expired", "Get a new token.")
FROM_THE_FUTURE = Reason(
    "token.from-the-future", "it was issued in the future", "Set the clocks of issuer and gateway right."
)
REVOKED = Reason("token.revoked", "it was revoked", "Sign in again.")
CLAIMS_REFUSED = Reason(
    "token.refused", "its claims are refused", "See the expressions of `validation/cel` at the endpoint."
)
ROLE = Reason(
    "token.role",
    "it lacks the roles that are asked for",
    "Give the user a role of `roles`, or take it from the endpoint.",
)
SCOPE = Reason(
    "token.scope",
    "it lacks the scopes that are asked for",
    "Ask for the scopes when getting the token, or take them from the endpoint.",
)
NEEDED_CLAIM = Reason(
    "token.claim-needed",
    "it lacks a claim that the path of the backend needs",
    "Get a token with the claim that `url_pattern` names.",
)
CLAIM_DOES_NOT_FIT = Reason(
    "token.claim-unusable",
    "a claim that is passed on does not fit into a field",
    "Look at `propagate_claims`: the value has a line break, or is nested too deep.",
)

REASONS = (
    MISSING,
    MALFORMED,
    UNTRUSTED_ISSUER,
    NONE_HOLDS,
    OTHER_ALG,
    UNKNOWN_KEY,
    BAD_SIGNATURE,
    BAD_CLAIM,
    OTHER_ISSUER,
    OTHER_AUDIENCE,
    NOT_YET,
    EXPIRED,
    FROM_THE_FUTURE,
    REVOKED,
    CLAIMS_REFUSED,
    ROLE,
    SCOPE,
    NEEDED_CLAIM,
    CLAIM_DOES_NOT_FIT,
)
