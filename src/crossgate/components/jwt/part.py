"""A worker's validators: one gate for each endpoint, one source of keys for each URL.

Endpoints with one URL share its keys.

DEVIATION(DEV-JWT-3): KrakenD's shared cache is one for all URLs, so that the keys of one issuer count for another.
"""

from typing import Any

from crossgate.components.component import Part, Surroundings
from crossgate.components.jwt.gate import JwtGate, Refusals, field_name
from crossgate.components.jwt.judge import Judge, Keys, TrustedIssuer
from crossgate.components.jwt.model import Issuer, KeyUrl, Validator
from crossgate.config.model import UpstreamConfig
from crossgate.http.gate import Gate
from crossgate.jose.algorithms import load_algorithms
from crossgate.jose.issuer_tls import issuer_tls
from crossgate.jose.key_fetch import KeyFetch
from crossgate.jose.key_source import FixedKeys, KeepingTimes, KeySource
from crossgate.jose.token import HeaderReader
from crossgate.plan import EndpointPlan, Plan
from crossgate.transport.client import Client

_CONNECTIONS = UpstreamConfig(dialer_timeout_seconds=5.0, max_idle_connections_per_host=1)


class JwtPart(Part):
    """See above."""

    def __init__(self, plan: Plan, surroundings: Surroundings) -> None:
        load_algorithms()
        self._plan = plan
        self._around = surroundings
        self._sources: dict[KeyUrl, KeySource] = {}
        self._clients: dict[tuple[tuple[str, ...], tuple[bytes, ...]], Client] = {}
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
        """Begin to fetch all key sets. Nobody waits for them: who needs a key before it is there does."""
        for source in self._sources.values():
            source.start()

    async def stop(self) -> None:
        """Fetch no more."""
        for source in self._sources.values():
            source.stop()
        for client in self._clients.values():
            await client.close()

    def _keys(self, issuer: Issuer) -> Keys:
        if issuer.url is None:
            return issuer.fixed or FixedKeys(())
        known = self._sources.get(issuer.url)
        if known is None:
            known = self._sources[issuer.url] = self._source(issuer.url)
        return known

    def _source(self, url: KeyUrl) -> KeySource:
        around = self._around
        fetch = KeyFetch(url.url, self._client(url).send, around.timers, self._plan.identity.user_agent)
        times = KeepingTimes(url.keep_seconds, url.cooldown_seconds)
        return KeySource(fetch.name, fetch, times, around.timers, around.log)

    def _client(self, url: KeyUrl) -> Client:
        """A client of their own, so that key servers are always checked, whatever holds for backends."""
        key = (url.ca_files, url.pins)
        known = self._clients.get(key)
        if known is None:
            tls = issuer_tls(url.ca_files, url.pins)
            known = self._clients[key] = Client(_CONNECTIONS, self._around.timers, tls=tls)
        return known
