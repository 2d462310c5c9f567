"""The key tables of `auth/validator` and `crossgate/auth`."""

from crossgate.config.component import ComponentNamespace
from crossgate.config.keys import Key, KeyTable, Kind, Manner
from crossgate.jose.algorithms import ALGORITHMS
from crossgate.jose.key_place import PLACE_KEYS

VALIDATOR = "auth/validator"
OWN = "crossgate/auth"
STRATEGIES = ("kid", "x5t", "x5t#S256", "kid_x5t")
_T, _B, _L, _D, _I = Kind.TEXT, Kind.BOOLEAN, Kind.TEXTS, Kind.DURATION, Kind.INTEGER

ISSUER_KEYS = (
    Key("alg", _T, "The algorithm of the signatures.", choices=ALGORITHMS),
    *PLACE_KEYS,
    Key("issuer", _T, "What `iss` has to be; absent: anything."),
    Key("audience", _L, "What `aud` has to contain, all of it; absent: anything."),
    Key("key_identify_strategy", _T, "How tokens name their key.", "kid", choices=STRATEGIES),
    Key("leeway", _T, "How far clocks may differ, at least a second.", "1s", since3=True),
    Key("cache", _B, "Keep the keys for `cache_duration`; without it they are kept for a minute.", False),
    Key("cache_duration", _I, "Seconds for which keys are kept.", 900),
    Key("failed_jwk_key_cooldown", _T, "How long a key is not looked for again that was not found.", since3=True),
)
VALIDATOR_KEYS = KeyTable(
    "the validator",
    Manner.JSON,
    (
        *ISSUER_KEYS,
        Key("roles", _L, "Roles of which a token needs one; absent: none."),
        Key("roles_key", _T, "The claim with the roles.", "roles"),
        Key("roles_key_is_nested", _B, "`roles_key` is a path, parted by dots.", False),
        Key("scopes", _L, "Scopes of which a token needs one, or all; absent: none.", since3=True),
        Key("scopes_key", _T, "The claim with the scopes; with a dot it is a path.", since3=True),
        Key("scopes_matcher", _T, "How many of the scopes.", "any", since3=True, choices=("any", "all")),
        Key("auth_header_name", _T, "The request field with the token.", "Authorization", since3=True),
        Key("cookie_key", _T, "The cookie with the token, where the field is absent.", "access_token"),
        Key(
            "propagate_claims",
            Kind.ANY,
            "Pairs of a claim and the request field it becomes, parted by dots where it is nested.",
            old="propagate-claims",
            also_old=True,
            shape="list of pairs",
        ),
        Key("propagate_claims_preserve_array", _B, "One line for each item of a list.", False, since3=True),
        Key("operation_debug", _B, "Log why tokens are refused.", False, since3=True),
        Key(
            "shared_cache_duration",
            Kind.ANY,
            "Read at the service and not needed: keys are shared by URL.",
            shape="integer",
        ),
    ),
)
PROVIDER_KEYS = KeyTable(
    "a provider",
    Manner.OWN,
    (Key("name", _T, "How endpoints name it."), *ISSUER_KEYS),
)
SERVICE_OWN_KEYS = KeyTable(
    "crossgate/auth",
    Manner.OWN,
    (
        Key(
            "validator",
            Kind.OBJECT,
            "Keys of `auth/validator`, for every endpoint that does not opt out.",
            inner=VALIDATOR_KEYS,
        ),
        Key("providers", Kind.OBJECTS, "Issuers of which the token's `iss` chooses one.", inner=PROVIDER_KEYS),
    ),
)
ENDPOINT_OWN_KEYS = KeyTable(
    "crossgate/auth",
    Manner.OWN,
    (
        Key("public", _B, "Opt out of what the service asks for.", False),
        Key("providers", _L, "The names of the providers whose tokens are taken here."),
    ),
)
NAMESPACES = (
    ComponentNamespace(
        VALIDATOR,
        "Lets requests in that bring a JSON Web Token.",
        {"service": VALIDATOR_KEYS, "endpoint": VALIDATOR_KEYS},
    ),
    ComponentNamespace(
        OWN,
        "A validator and issuers for all endpoints, and endpoints that opt out.",
        {"service": SERVICE_OWN_KEYS, "endpoint": ENDPOINT_OWN_KEYS},
    ),
)
