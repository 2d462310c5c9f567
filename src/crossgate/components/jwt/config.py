"""`auth/validator` and `crossgate/auth` as files have them, to a validator for each endpoint.

Source: krakend-jose v2 `jose.go`, `jwk.go`, `gin/jose.go`. What KrakenD starts with and then answers 401 to everything
does so here, with a warning; what it does not start with, or would let everybody in, prevents the start.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crossgate.components.jwt.issuer_config import IssuerReader, refuse_all
from crossgate.components.jwt.keys import (
    ENDPOINT_OWN_KEYS,
    OWN,
    PROVIDER_KEYS,
    SERVICE_OWN_KEYS,
    VALIDATOR,
    VALIDATOR_KEYS,
)
from crossgate.components.jwt.model import ClaimsNeeded, Issuer, Propagated, ServiceAuth, Validator
from crossgate.config.fields import Fields
from crossgate.config.section import GuardFields, Section
from crossgate.config.url_paths import backend_placeholders

_NOTHING_ALONE = frozenset(("shared_cache_duration",))
_KRAKEND_REFUSES = "starts, and answers 401 to everything"


def decode_service(section: Section) -> ServiceAuth | None:
    """What the service says; None where it says nothing that guards.

    DEVIATION(DEV-JWT-1): a whole validator there guards every endpoint, where KrakenD reads nothing but
    `shared_cache_duration`.
    """
    validator = None
    namespace = section.namespaces.get(VALIDATOR)
    if namespace is not None and _is_whole(namespace.value):
        validator = _validator(section, VALIDATOR, namespace.path, namespace.value)
    own = section.namespaces.get(OWN)
    if own is None:
        return None if validator is None else ServiceAuth(validator, {})
    if not isinstance(own.value, dict):
        section.close(OWN, own.path, f'"{OWN}" must be an object')
        return None
    fields = section.guard_fields(OWN, SERVICE_OWN_KEYS)
    providers = _providers(section, fields)
    written = fields.object("validator")
    if written is not None:
        validator = _validator(section, OWN, fields.at("validator"), written)
    elif validator is None and providers:
        validator = Validator(tuple(providers.values()))
    return ServiceAuth(validator, providers)


def decode_endpoint(section: Section) -> Validator | None:
    """The endpoint's validator: its own, the service's, or none."""
    service: ServiceAuth = section.service or ServiceAuth(None, {})
    namespace = section.namespaces.get(VALIDATOR)
    own = section.namespaces.get(OWN)
    names: tuple[str, ...] = ()
    if own is not None:
        if not isinstance(own.value, dict):
            section.close(OWN, own.path, f'"{OWN}" must be an object')
            return None
        fields = section.guard_fields(OWN, ENDPOINT_OWN_KEYS)
        names = fields.texts("providers")
        if fields.boolean("public"):
            if namespace is not None or names:
                section.close(OWN, fields.at("public"), "a public endpoint has no validator and no providers")
            return None
    issuers = _chosen(section, service, names)
    if namespace is None:
        validator = Validator(issuers) if names else service.validator
    else:
        validator = _validator(section, VALIDATOR, namespace.path, namespace.value, issuers)
    return None if validator is None else replace(validator, params=_claims_of_paths(section))


def _is_whole(value: Any) -> bool:
    """Whether an object at the service is more than KrakenD's shared cache."""
    return isinstance(value, dict) and any(
        name.lower().replace("-", "_") in ("alg", "jwk_url", "jwk_local_path") for name in value
    )


def _providers(section: Section, fields: Fields) -> Mapping[str, Issuer]:
    providers: dict[str, Issuer] = {}
    issuers: set[str] = set()
    for path, item in fields.objects("providers"):
        if not isinstance(item, dict):
            section.close(OWN, path, "a provider must be an object")
            continue

        def refuse(path: str, message: str, hint: str) -> None:
            section.close(OWN, path, message, hint=hint)

        keys = GuardFields(item, path, PROVIDER_KEYS, section.version, section.report, refuse)
        issuer = IssuerReader(section, OWN, keys).read()
        name = keys.text("name") or issuer.issuer
        if not issuer.issuer:
            section.close(OWN, path, 'a provider needs its "issuer", since the token\'s chooses')
        if name in providers or issuer.issuer in issuers:
            section.close(OWN, path, "there are two providers of that name or issuer")
        providers[name] = issuer
        issuers.add(issuer.issuer)
    return providers


def _chosen(section: Section, service: ServiceAuth, names: tuple[str, ...]) -> tuple[Issuer, ...]:
    own = section.namespaces.get(OWN)
    for name in names:
        if name not in service.providers and own is not None:
            known = ", ".join(service.providers) or "none"
            section.close(OWN, own.path, f'there is no provider called "{name}"', hint=f"there are: {known}")
    return tuple([service.providers[name] for name in names if name in service.providers])


def _validator(section: Section, name: str, path: str, value: Any, issuers: tuple[Issuer, ...] = ()) -> Validator:
    """One validator. `issuers` are providers that take the place of its own keys."""
    if not isinstance(value, dict):
        reason = "the validator must be an object: as it is, it refuses everybody"
        section.refuses_everybody(path, reason, krakend=_KRAKEND_REFUSES)
        return Validator((refuse_all("it is not an object"),))
    wrong: list[str] = []

    def refuse(path: str, message: str, hint: str) -> None:
        if hint:  # a misspelt key: what it was to ask for would not be asked
            section.close(name, path, message, hint=hint, krakend="ignores it")
            return
        wrong.append(message)
        section.refuses_everybody(
            path, f"{message}: as it is, the validator refuses everybody", krakend=_KRAKEND_REFUSES
        )

    fields = GuardFields(value, path, VALIDATOR_KEYS, section.version, section.report, refuse)
    demands = _demands(section, name, fields, refuse)
    if not issuers:
        issuers = (IssuerReader(section, name, fields).read(wrong),)
    if wrong:
        issuers = (refuse_all("a value has the wrong type"),)
    return replace(demands, issuers=issuers)


def _demands(section: Section, name: str, fields: Fields, refuse: Any) -> Validator:
    """Everything but the issuers."""
    roles, scopes = fields.texts("roles"), fields.texts("scopes")
    roles_key = fields.text("roles_key") or "roles"
    is_nested = fields.boolean("roles_key_is_nested") and "." in roles_key
    if is_nested and len(roles_key) < 4:
        message = "a nested roles_key has at least four characters"
        section.close(name, fields.at("roles_key"), message, krakend="panics at start")
    scopes_key = fields.text("scopes_key")
    if scopes and not scopes_key:
        # DEVIATION(DEV-JWT-2)
        section.close(
            name,
            fields.at("scopes"),
            '"scopes" without "scopes_key" asks for nothing',
            hint='"scopes_key": "scope"',
            krakend="does not check the scopes: any token passes",
        )
    return Validator(
        issuers=(),
        field=(fields.text("auth_header_name") or "Authorization").lower(),
        cookie=fields.text("cookie_key") or "access_token",
        roles=ClaimsNeeded(roles, roles_key, is_nested and not roles_key.startswith("http")) if roles else None,
        scopes=ClaimsNeeded(scopes, scopes_key, "." in scopes_key, fields.text("scopes_matcher") == "all")
        if scopes
        else None,
        propagated=_propagated(fields, refuse),
        preserves_arrays=fields.boolean("propagate_claims_preserve_array"),
        logs_refusals=fields.boolean("operation_debug"),
    )


def _propagated(fields: Fields, refuse: Any) -> tuple[Propagated, ...]:
    value = fields.get("propagate_claims")
    if value is None:
        return ()
    lists = value if isinstance(value, list) else None
    if lists is None or not all(
        isinstance(item, list) and all(isinstance(text, str) for text in item) for item in lists if item is not None
    ):
        refuse(fields.at("propagate_claims"), '"propagate_claims" must be a list of pairs of strings', "")
        return ()
    found: list[Propagated] = []
    for item in lists:
        if item is None or len(item) != 2:
            path = fields.at("propagate_claims")
            fields.report.warning(
                "CFG217", path, "this is ignored: a claim to propagate is a pair of strings", krakend="ignores it"
            )
            continue
        claim, field = item
        found.append(Propagated(claim, "." in claim and not claim.startswith("http"), field))
    return tuple(found)


def _claims_of_paths(section: Section) -> tuple[str, ...]:
    names = [name for backend in section.backends for name in backend_placeholders(backend.url_pattern)]
    return tuple(dict.fromkeys([name for name in names if name.startswith("JWT.")]))
