"""Who may call what, as OpenAPI says it: security schemes of a service and what each endpoint asks for.

Knows the components that look at credentials; does not know how they look.
"""

from collections.abc import Iterator
from typing import Any

from crossgate.components.api_keys.config import KeyDemand
from crossgate.components.jwt.model import Validator
from crossgate.config.model import EndpointConfig, ServiceConfig

_KEY, _BASIC = "apiKey", "basic"


class Security:
    """`schemes` are those that endpoints of the service ask for."""

    def __init__(self, config: ServiceConfig, jwt_name: str) -> None:
        self._jwt_name = jwt_name
        self._basic_everywhere = "basic_auth" in config.components
        self._of: dict[int, list[dict[str, list[str]]] | None] = {}
        self.schemes: dict[str, Any] = {}
        for endpoint in config.endpoints:
            self._of[endpoint.index] = self._asked(endpoint)

    def of(self, endpoint: EndpointConfig) -> list[dict[str, list[str]]] | None:
        """What a request has to bring: all of it. None where it has to bring nothing."""
        return self._of.get(endpoint.index)

    def _asked(self, endpoint: EndpointConfig) -> list[dict[str, list[str]]] | None:
        together: dict[str, list[str]] = {}
        validator = endpoint.components.get("jwt")
        if isinstance(validator, Validator):
            self.schemes[self._jwt_name] = _jwt_scheme(validator)
            # Beside OAuth2 and OpenID Connect, these are names of roles (OpenAPI 3.1, "Security Requirement Object").
            words = [*(validator.scopes.words if validator.scopes else ())]
            words += validator.roles.words if validator.roles else ()
            together[self._jwt_name] = list(words)
        demand = endpoint.components.get("api_keys")
        if isinstance(demand, KeyDemand):
            name = _KEY if self._fits(_KEY, _key_scheme(demand)) else f"{_KEY}-{demand.identifier}"
            self.schemes[name] = _key_scheme(demand)
            together[name] = sorted(demand.roles)
        if self._basic_everywhere or "basic_auth" in endpoint.components:
            self.schemes[_BASIC] = {"type": "http", "scheme": "basic"}
            together[_BASIC] = []
        return [together] if together else None

    def _fits(self, name: str, scheme: dict[str, Any]) -> bool:
        return bool(self.schemes.get(name, scheme) == scheme)

    def refusals(self, endpoint: EndpointConfig) -> Iterator[tuple[str, str]]:
        """The statuses with which the gateway itself may answer there, and what they mean."""
        components = endpoint.components
        if self.of(endpoint) is not None:
            yield "401", "The credentials are missing, or do not count."
        validator, demand = components.get("jwt"), components.get("api_keys")
        has_roles = isinstance(validator, Validator) and (validator.roles or validator.scopes)
        if has_roles or (isinstance(demand, KeyDemand) and demand.roles) or "bot_detector" in components:
            yield "403", "The credentials count, but not for this."
        if "rate_limit" in components:
            yield "429", "This client asks too often."
            yield "503", "All clients together ask too often."


def _jwt_scheme(validator: Validator) -> dict[str, Any]:
    if validator.field.lower() != "authorization":
        return {"type": "apiKey", "in": "header", "name": validator.field, "description": "A JSON Web Token."}
    issuers = sorted({issuer.issuer for issuer in validator.issuers if issuer.issuer})
    scheme: dict[str, Any] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    if issuers:
        scheme["description"] = f"Tokens of {', '.join(issuers)}."
    return scheme


def _key_scheme(demand: KeyDemand) -> dict[str, Any]:
    if demand.strategy == "query_string":
        return {"type": "apiKey", "in": "query", "name": demand.identifier}
    if demand.identifier.lower() == "authorization":
        return {"type": "http", "scheme": "bearer"}
    return {"type": "apiKey", "in": "header", "name": demand.identifier}
