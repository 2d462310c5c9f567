"""The form of test files, as they are written: the one source of their schema (`crossgate schema --tests`).

Knows which keys there are and of what type; does not know what becomes of them. Where two names of a key stand here,
the second is KrakenD's.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from crossgate.components import COMPONENTS
from crossgate.components.all_reasons import all_reasons

HeaderValue = str | list[str]
_DURATION = r"^[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$"
_BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
TIME_PATTERN = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:\d\d)?)?$"
Seconds = Annotated[str, Meta(description="A Go duration: 1h, 250ms.")]
_COMMENT = "^[@$_#]"
_AIM = r"^([A-Z]+ )?(https?://[^/]+)?(/.*|\*)?$"


class WrittenAnswer(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What a backend answers. `echo`: what it received, as JSON; so does a backend of which nothing is said."""

    status: Annotated[int, Meta(ge=200, le=999)] = 200
    reason: str | None = None
    headers: dict[str, HeaderValue] = {}
    json: Any = UNSET
    body: str | UnsetType = UNSET
    base64: Annotated[str, Meta(description="The body's bytes.")] | UnsetType = UNSET
    echo: bool = False
    gzip: bool = False
    chunked: bool = False
    until_close: bool = False
    length: Annotated[int, Meta(ge=0, description="Another Content-Length than the body's.")] | None = None
    truncate: Annotated[int, Meta(ge=0, description="How many bytes of the body come.")] | None = None
    delay: Seconds | None = None
    delay_ms: Annotated[float, Meta(ge=0)] | None = None
    fail: (
        Annotated[
            Literal["refused", "closed", "silent"],
            Meta(description="No connection, none that answers, one that never answers."),
        ]
        | None
    ) = None
    drop: Annotated[bool, Meta(description="As fail: closed.")] = False
    raw: Annotated[str, Meta(description="Latin-1: what is sent in the place of an answer.")] | None = None
    sequence: Annotated[list["WrittenAnswer"], Meta(min_length=1, description="One after the other.")] | None = None


class WrittenRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is asked."""

    url: Annotated[str, Meta(min_length=1, description="A path with its query, or a whole URL.")]
    method: Annotated[str, Meta(min_length=1)] = "GET"
    headers: dict[str, HeaderValue] = {}
    header: dict[str, HeaderValue] = {}
    body: Any = UNSET
    json: Any = UNSET
    chunked: bool = False
    token: Annotated[str, Meta(description="The name of a token, or `valid`.")] | None = None
    key: (
        Annotated[Literal["valid", "no-roles"], Meta(description="An API key of the test, or a user of its own.")]
        | None
    ) = None
    client: Annotated[str, Meta(description="The client's address.")] | None = None
    credentials: Annotated[
        Literal["omit", "same-origin", "include"], Meta(description="As the page's script says to fetch().")
    ] = "same-origin"


class WrittenCors(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What the page is to see, and why."""

    verdict: Literal["allowed", "blocked"]
    step: str | None = None
    reason: Annotated[str, Meta(description="Words that the reason has in it.")] | None = None
    chromium_error: str | None = None


class WrittenExpectation(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What is to come back. A field that is null or an empty text must not be there."""

    status: Annotated[int, Meta(ge=0, le=999)] | None = None
    status_code: int | None = None
    headers: dict[str, HeaderValue | None] = {}
    header: dict[str, HeaderValue | None] = {}
    body: Annotated[Any, Meta(description="The exact text; anything else than a text is JSON.")] = UNSET
    body_matches: Annotated[str, Meta(description="A regular expression for the whole body.")] = ""
    json: Any = UNSET
    json_has: Annotated[Any, Meta(description="What must be in it; null: must not.")] = UNSET
    schema: Annotated[Any, Meta(description="A JSON schema that the body fits.")] = UNSET
    route: Annotated[str, Meta(description="The endpoint's path as written; empty: none.")] | None = None
    cors: Literal["allowed", "blocked"] | WrittenCors | None = None
    reason: (
        Annotated[str, Meta(description="Why the gateway refuses: a code of docs/reasons; empty: it does not.")] | None
    ) = None
    log: Annotated[str, Meta(description="Words that a line of the gateway's log has in it.")] | None = None


class WrittenCase(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True, rename={"in_": "in"}):
    """One test."""

    in_: WrittenRequest
    out: WrittenExpectation
    name: str = ""
    rule: str = ""
    error: Annotated[str, Meta(description="Of KrakenD's: the connection ends without an answer.")] = ""
    page: Annotated[str, Meta(description="The origin of the page whose script asks.")] | None = None
    received: (
        Annotated[list[dict[str, Any]], Meta(description="What reached the backends, in any order: all of it.")] | None
    ) = None
    backends: dict[str, WrittenAnswer] = {}
    backend: dict[str, WrittenAnswer] = {}
    after: Annotated[Seconds, Meta(description="How much time passes before it is asked.")] | None = None
    times: Annotated[
        int,
        Meta(ge=1, le=100_000, description="How often it is asked; {n} in client, url and headers is the number."),
    ] = 1
    at_least_ms: float | None = None
    at_most_ms: float | None = None
    next: Annotated["WrittenCase", Meta(description="Asked next, of a gateway that remembers.")] | None = None


class WrittenPassed(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What passes to and from one backend."""

    allow: list[str] | UnsetType = UNSET
    deny: list[str] | UnsetType = UNSET
    mapping: dict[str, str] | UnsetType = UNSET
    input_headers: list[str] | UnsetType = UNSET
    input_query_strings: list[str] | UnsetType = UNSET


class WrittenLetsThrough(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Lists that say who and what may pass. One that is left out is not compared."""

    input_headers: list[str] | UnsetType = UNSET
    input_query_strings: list[str] | UnsetType = UNSET
    allow_origins: list[str] | UnsetType = UNSET
    allow_methods: list[str] | UnsetType = UNSET
    allow_headers: list[str] | UnsetType = UNSET
    expose_headers: list[str] | UnsetType = UNSET
    allow_credentials: bool | UnsetType = UNSET
    allow_private_network: bool | UnsetType = UNSET
    max_age_seconds: int | UnsetType | None = UNSET
    rules: list["WrittenLetsThrough"] | UnsetType = UNSET
    token_issuers: list[str] | UnsetType = UNSET
    token_audience: list[str] | UnsetType = UNSET
    token_roles: list[str] | UnsetType = UNSET
    token_scopes: list[str] | UnsetType = UNSET
    key_roles: list[str] | UnsetType = UNSET
    backends: list[WrittenPassed] | UnsetType = UNSET
    endpoints: Annotated[list[str], Meta(description="All of the service: GET /users/{id}.")] | UnsetType = UNSET
    settings: (
        Annotated[dict[str, Any], Meta(description="What guards, limits and other parts are set to, by namespace.")]
        | UnsetType
    ) = UNSET
    untested: (
        Annotated[
            dict[str, Any],
            Meta(
                description="What requests would show of an endpoint: timeout, encodings, what its backends are asked."
            ),
        ]
        | UnsetType
    ) = UNSET


class WrittenLock(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A test of what an endpoint lets through: no request can show that nothing else does."""

    endpoint: Annotated[str, Meta(description="Its method and path as written: GET /users/{id}; or *: the service.")]
    lets_through: WrittenLetsThrough
    name: str = ""


class WrittenToken(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """A token, minted for the endpoint that is asked: its issuer's, for its audience, unless `claims` say otherwise."""

    claims: dict[str, Any] = {}
    expires_in: Annotated[str, Meta(description="A Go duration from the test's now; negative: expired.")] = "1h"
    algorithm: (
        Annotated[
            Literal[
                "HS256",
                "HS384",
                "HS512",
                "RS256",
                "RS384",
                "RS512",
                "ES256",
                "ES384",
                "ES512",
                "PS256",
                "PS384",
                "PS512",
                "EdDSA",
            ],
            Meta(description="What it is signed by; by default as the endpoint wants it."),
        ]
        | None
    ) = None
    signed_by: Annotated[Literal["issuer", "stranger"], Meta(description="A stranger's key has the same name.")] = (
        "issuer"
    )


class WrittenSuite(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True, rename={"in_": "in"}):
    """A file of tests; or, with `in` and `out`, one test, as KrakenD's own are."""

    config: Annotated[str | dict[str, Any], Meta(description="The configuration, or its file.")] | None = None
    environ: dict[str, str] = {}
    now: Annotated[str, Meta(description="The time when each test begins, as RFC 3339.")] | None = None
    url: Annotated[str, Meta(description="Where pages reach the gateway.")] = "https://gateway.test"
    client: Annotated[str, Meta(description="The address of clients that a test says nothing of.")] = "127.0.0.1"
    proxy_headers: Annotated[
        dict[str, str], Meta(description="What a proxy in front adds to requests that do not have it.")
    ] = {}
    tokens: dict[str, WrittenToken] = {}
    backends: dict[str, WrittenAnswer] = {}
    backend: dict[str, WrittenAnswer] = {}
    tests: list[Any] = []
    specs: list[Any] = []
    in_: Any = UNSET
    out: Any = UNSET
    name: str = ""
    error: str = ""


def schema() -> dict[str, Any]:
    """The published schema (JSON Schema 2020-12)."""
    (reference,), parts = msgspec.json.schema_components((WrittenSuite,), ref_template="#/$defs/{name}")
    (_,), more = msgspec.json.schema_components((WrittenCase,), ref_template="#/$defs/{name}")
    parts |= more
    (_,), more = msgspec.json.schema_components((WrittenLock,), ref_template="#/$defs/{name}")
    parts |= more
    case = {"anyOf": [{"$ref": "#/$defs/WrittenCase"}, {"$ref": "#/$defs/WrittenLock"}]}
    suite = parts["WrittenSuite"]
    for name in ("tests", "specs"):
        suite["properties"][name]["items"] = case
    _narrow(parts)
    suite["properties"]["in"] = {"$ref": "#/$defs/WrittenRequest"}
    suite["properties"]["out"] = {"$ref": "#/$defs/WrittenExpectation"}
    for part in parts.values():
        if part.get("type") == "object" and "properties" in part:
            part["patternProperties"] = {_COMMENT: {}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Tests of a crossgate configuration",
        **reference,
        "$defs": parts,
    }


def _narrow(parts: Mapping[str, Any]) -> None:
    """What the reader asks of values beyond their types, as far as a schema can say it."""
    suite, case, answer = (parts[name]["properties"] for name in ("WrittenSuite", "WrittenCase", "WrittenAnswer"))
    for owner, name in ((case, "after"), (answer, "delay"), (parts["WrittenToken"]["properties"], "expires_in")):
        _texts(owner[name])["pattern"] = _DURATION
    _texts(answer["base64"])["pattern"] = _BASE64
    _texts(suite["now"])["pattern"] = TIME_PATTERN
    parts["WrittenLock"]["properties"]["endpoint"]["pattern"] = r"^(\*|[^ ]* .*)$"
    asked, out = parts["WrittenRequest"]["properties"], parts["WrittenExpectation"]["properties"]
    asked["url"]["pattern"] = r"^(/[^\x00-\x20\x7f]*|\*|https?://[^/\x00-\x20\x7f][^\x00-\x20\x7f]*)$"
    asked["method"]["pattern"] = r"^[^\x00-\x20\x7f]+$"
    out["schema"]["type"] = ["object", "boolean"]
    _texts(out["reason"])["enum"] = ["", *sorted(all_reasons(COMPONENTS))]
    for owner in (suite, case):
        for name in ("backends", "backend"):
            owner[name] |= {"propertyNames": {"pattern": f"({_AIM})|{_COMMENT}"}, "patternProperties": {_COMMENT: {}}}
    suite["tokens"]["patternProperties"] = {_COMMENT: {}}
    parts["WrittenCase"]["if"] = {"properties": {"page": {"type": "null"}}}
    parts["WrittenCase"]["then"] = {"properties": {"out": {"properties": {"cors": {"type": "null"}}}}}


def _texts(member: dict[str, Any]) -> dict[str, Any]:
    """The part of a member's schema that is about texts."""
    found = next((part for part in member.get("anyOf", ()) if part.get("type") == "string"), member)
    assert found.get("type") == "string"  # noqa: S101 # of its own making
    return found
