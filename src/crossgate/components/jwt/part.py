"""A worker's validators: one gate for each endpoint, and the key sets they need."""

from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.jwt.gate import JwtGate, Refusals, field_name
from crossgate.components.jwt.judge import Judge, Keys, TrustedIssuer
from crossgate.components.jwt.model import Issuer, Validator
from crossgate.http.gate import Gate
from crossgate.jose.algorithms import load_algorithms
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.key_sources import KeySources
from crossgate.jose.token import HeaderReader
from crossgate.plan import EndpointPlan, Plan


class JwtPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        load_algorithms()
        self._around = surroundings
        self._sources = KeySources(surroundings.timers, surroundings.log, plan.identity.user_agent)
        self._read_header = HeaderReader()
        version = "undefined" if plan.router.hide_version_header else plan.identity.version
        failure_fields = [(b"x-krakend", f"Version {version}".encode()), (b"x-krakend-completed", b"false")]
        self._refusals = Refusals(is_honest=plan.error_style == "http", failure_fields=failure_fields)

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        """The gate of one endpoint."""
        validator: Validator = value
        trusted = [TrustedIssuer(issuer, self._keys(issuer)) for issuer in validator.issuers]
        gate = JwtGate(
            validator,
            Judge(validator, trusted, self._read_header, field_name),
            endpoint=endpoint.config.path,
            now=self._around.wall_clock,
            is_revoked=None,
            refusals=self._refusals,
            log=self._around.log,
        )
        return (gate,)

    async def start(self) -> None:
        """Begin to fetch all key sets."""
        self._sources.start()

    async def stop(self) -> None:
        """Fetch no more."""
        await self._sources.stop()

    def _keys(self, issuer: Issuer) -> Keys:
        return self._sources.of(issuer.url) if issuer.url is not None else issuer.fixed or FixedKeys(())
