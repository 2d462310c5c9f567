"""A worker's validators: one gate for each endpoint, and the key sets they need."""

import time
from typing import TYPE_CHECKING, Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.jwt.gate import JwtGate, Refusals, Revoked, field_name
from crossgate.components.jwt.judge import Judge, Keys, TrustedIssuer, Verdict
from crossgate.components.jwt.model import Issuer, ServiceAuth, Validator
from crossgate.components.jwt.revocations import RevocationTable, revoked_by
from crossgate.components.jwt.revoker_service import RevokerService
from crossgate.components.jwt.revoking import SharedRevocations
from crossgate.config.model import LimitsConfig
from crossgate.flow.timers import Timers
from crossgate.http.gate import Gate
from crossgate.jose.algorithms import load_algorithms
from crossgate.jose.key_source import FixedKeys
from crossgate.jose.key_sources import KeySources
from crossgate.jose.token import HeaderReader
from crossgate.metrics.decisions import AuthDecisions
from crossgate.plan import EndpointPlan, Plan
from crossgate.server.serve import Server, start_server

if TYPE_CHECKING:
    from crossgate.components.jwt.revocation_feed import RevocationFeed


class JwtPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        load_algorithms()
        self._around = surroundings
        self._sources = KeySources(
            surroundings.keep, surroundings.timers, surroundings.log, plan.identity.user_agent, surroundings.dial
        )
        self._read_header = HeaderReader()
        self._decisions = AuthDecisions(surroundings.metrics, "jwt")
        self._memory: dict[tuple[int, bytes], Verdict] = {}
        self._shared: SharedRevocations | None = surroundings.shared
        self._server: Server | None = None
        self._is_revoked: Revoked | None = None
        self._feed: RevocationFeed | None = None
        if self._shared is not None:
            keys = self._shared.config.token_keys
            self._is_revoked = revoked_by(self._shared.table, keys, surroundings.wall_clock)
            self._feed = _feed(plan, self._shared.table, surroundings)
        version = "undefined" if plan.router.hide_version_header else plan.identity.version
        failure_fields = [(b"x-krakend", f"Version {version}".encode()), (b"x-krakend-completed", b"false")]
        self._refusals = Refusals(is_honest=plan.error_style == "http", failure_fields=failure_fields)

    def may_wait(self, value: Any) -> bool:  # noqa: ARG002
        """A validator, and its keys: whoever needs them first has them fetched."""
        return True

    def has_gates(self, value: Any) -> bool:  # noqa: ARG002
        """One for each validator."""
        return True

    def endpoint_gates(self, value: Any, endpoint: EndpointPlan) -> tuple[Gate, ...]:
        """The gate of one endpoint."""
        validator: Validator = value
        trusted = [TrustedIssuer(issuer, self._keys(issuer)) for issuer in validator.issuers]
        gate = JwtGate(
            validator,
            Judge(validator, trusted, self._read_header, field_name),
            endpoint=endpoint.config.path,
            now=self._around.wall_clock,
            is_revoked=self._is_revoked,
            refusals=self._refusals,
            log=self._around.log,
            memory=self._memory,
            decisions=self._decisions,
            rejecters=self._around.claim_rejecters(endpoint),
        )
        return (gate,)

    def not_ready(self) -> str:
        """While a key set has never been had, or it is not known what was revoked."""
        if self._feed is not None and not self._feed.was_read:
            return "what was revoked has not been read from Redis"
        return self._sources.missing()

    async def start(self) -> None:
        """Begin to take revocations."""
        if self._feed is not None:
            await self._feed.start()
        shared = self._shared
        if shared is not None and shared.listener is not None:
            service = RevokerService(
                shared.config,
                shared.table,
                self._around.wall_clock,
                None if self._feed is None else self._feed.tell,
            )
            # A copy: who shares the socket may go on with it when this server has closed it.
            listener, timers = shared.listener.dup(), Timers(time.monotonic)
            self._server = await start_server(service, limits=LimitsConfig(), timers=timers, listeners=[listener])

    async def stop(self) -> None:
        """Take no more."""
        if self._feed is not None:
            await self._feed.stop()
        if self._server is not None:
            await self._server.close()

    def _keys(self, issuer: Issuer) -> Keys:
        return self._sources.of(issuer.url) if issuer.url is not None else issuer.fixed or FixedKeys(())


def _feed(plan: Plan, table: RevocationTable, around: Surroundings) -> "RevocationFeed | None":
    auth: ServiceAuth | None = plan.components.get("jwt")
    if auth is None or auth.revoked_over is None:
        return None
    from crossgate.components.jwt.revocation_feed import RevocationFeed
    from crossgate.redis.kept import kept_client

    return RevocationFeed(kept_client(auth.revoked_over, around), table, around.timers, around.wall_clock)
