"""Why a token does not let a request in."""

from crossgate.http.reason import Reason

MISSING = Reason(
    "token.missing", "the request has no token", "Send a token in the header or cookie that the validator names."
)
MALFORMED = Reason(
    "token.malformed",
    "the token is not a valid compact JWS",
    "Send a signed JWT, which has three parts separated by dots. Its header must not bring a key of its own (`jwk`).",
)
UNTRUSTED_ISSUER = Reason(
    "token.issuer-unknown",
    "the token's issuer is not trusted",
    "Get a token from an issuer that the validator lists, or add the issuer.",
)
NONE_HOLDS = Reason(
    "token.none-holds",
    "the validator's configuration rejects every token",
    "See what `crossgate check` reports for the validator.",
)
OTHER_ALG = Reason(
    "token.alg",
    "the token is signed with another algorithm",
    "Sign tokens with the validator's `alg`, or change `alg`.",
)
UNKNOWN_KEY = Reason(
    "token.key",
    "the token's key is not in the key set",
    "Check that the key set has the key that the token's header names. A new key may only be seen once "
    "the cached key set expires (`cache_duration`).",
)
BAD_SIGNATURE = Reason(
    "token.signature",
    "the token's signature is wrong",
    "Get a new token: this one was changed or signed with another key.",
)
BAD_CLAIM = Reason(
    "token.claim",
    "one of the token's claims has an invalid value",
    "The log names the claim. The issuer has to correct it.",
)
OTHER_ISSUER = Reason(
    "token.issuer",
    "the token is from another issuer",
    "Make the token's `iss` and the validator's `issuer` match exactly.",
)
OTHER_AUDIENCE = Reason(
    "token.audience", "the token is for another audience", "Get a token whose `aud` contains every value of `audience`."
)
NOT_YET = Reason("token.not-yet", "the token is not valid yet", "Wait until the time in `nbf`, or correct the clocks.")
EXPIRED = Reason("token.expired", "the token has expired", "Get a new token.")
FROM_THE_FUTURE = Reason(
    "token.from-the-future",
    "the token was issued in the future",
    "Synchronize the clocks of the issuer and the gateway.",
)
REVOKED = Reason("token.revoked", "the token was revoked", "Sign in again.")
CLAIMS_REFUSED = Reason(
    "token.refused",
    "a CEL expression rejected the token's claims",
    "Check the endpoint's expressions in `validation/cel`.",
)
ROLE = Reason(
    "token.role",
    "the token has none of the required roles",
    "Give the user one of the roles in `roles`, or change the endpoint's `roles`.",
)
SCOPE = Reason(
    "token.scope",
    "the token lacks the required scopes",
    "Request the scopes when getting the token, or change the endpoint's `scopes`.",
)
NEEDED_CLAIM = Reason(
    "token.claim-needed",
    "the token lacks a claim that the backend's path needs",
    "Get a token with the claim that `url_pattern` uses.",
)
CLAIM_DOES_NOT_FIT = Reason(
    "token.claim-unusable",
    "a claim cannot be passed on as a header",
    "Check `propagate_claims`: the claim's value has a line break or is nested too deeply.",
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
