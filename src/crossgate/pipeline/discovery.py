"""Hosts found by DNS SRV records, looked up again and again off the path of requests.

Knows what records mean; how a name is asked for is passed in (`lookup_srv` is the blocking way, for a thread).

Source: lura `sd/dnssrv/subscriber.go`.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import gcd

from crossgate.flow.fiber import Fiber, Flow
from crossgate.flow.timers import Timers
from crossgate.pipeline.hosts import Hosts, UpstreamHost, parse_host

MIN_TTL_SECONDS = 1.0
DEFAULT_TTL_SECONDS = 30.0
MAX_HOSTS = 10_000
"""Of one name, after repetition by weight."""


@dataclass(frozen=True, slots=True)
class SrvRecord:
    """One record (RFC 2782). `target` has no trailing dot."""

    priority: int
    weight: int
    port: int
    target: str


ResolveSrv = Callable[[str], Flow[Sequence[SrvRecord]]]


class Discovery:
    """All names of one worker's plan."""

    __slots__ = ("_fibers", "_listeners", "_log", "_resolve", "_timers", "_ttl_seconds", "known")

    def __init__(
        self,
        resolve: ResolveSrv | None,
        timers: Timers,
        log: logging.Logger,
        ttl_seconds: float,
        known: Mapping[str, Sequence[SrvRecord]] | None = None,
    ) -> None:
        """`known` are records that were found before, by name: they hold until they are looked up again."""
        self._resolve = resolve
        self._timers = timers
        self._log = log
        self._ttl_seconds = ttl_seconds if ttl_seconds >= MIN_TTL_SECONDS else DEFAULT_TTL_SECONDS
        self._listeners: dict[str, list[tuple[str, Hosts]]] = {}
        self._fibers: list[Fiber[None]] = []
        self.known: dict[str, Sequence[SrvRecord]] = dict(known or {})

    def add(self, name: str, scheme: str, hosts: Hosts) -> None:
        """Keep these hosts up to date with the records of the name."""
        self._listeners.setdefault(name, []).append((scheme, hosts))
        if name in self.known:
            hosts.replace(hosts_of(self.known[name], scheme))

    def start(self) -> None:
        """Begin to look up. Without a resolver the names have no hosts."""
        if self._resolve is None:
            for name in self._listeners:
                self._log.error("[SERVICE: DNS SRV] %s: no resolver (install crossgate[dns])", name)
            return
        for name in self._listeners:
            self._fibers.append(Fiber(self._keep_up(name, self._resolve)).start())

    def stop(self) -> None:
        """Look up no more. The hosts stay as they are."""
        for fiber in self._fibers:
            fiber.cancel()

    async def _keep_up(self, name: str, resolve: ResolveSrv) -> None:
        while True:
            try:
                records = await resolve(name)
            except Exception as error:  # noqa: BLE001 # whatever it is, the hosts known so far stay
                self._log.warning("[SERVICE: DNS SRV] %s: %s", name, error)
            else:
                self.known[name] = records
                for scheme, hosts in self._listeners[name]:
                    hosts.replace(hosts_of(records, scheme))
            await self._timers.sleep(self._ttl_seconds)


def hosts_of(records: Sequence[SrvRecord], scheme: str) -> list[UpstreamHost]:
    """The hosts of the lowest priority, each as often as its share of the weights; a weight of 0 counts as 1."""
    if not records:
        return []
    lowest = min(record.priority for record in records)
    chosen = [record for record in records if record.priority == lowest]
    weights = [max(record.weight, 1) for record in chosen]
    divisor = gcd(*weights)
    hosts: list[UpstreamHost] = []
    for record, weight in zip(chosen, weights, strict=True):
        host = parse_host(f"{scheme}://{record.target.rstrip('.')}:{record.port}")
        hosts += [host] * (weight // divisor)
    return hosts[:MAX_HOSTS]


def lookup_srv(name: str) -> list[SrvRecord]:
    """Ask the system's resolver, blocking. Raises what dnspython raises, ImportError without it."""
    import dns.resolver

    answer = dns.resolver.resolve(name, "SRV", lifetime=10.0)
    return [
        SrvRecord(record.priority, record.weight, record.port, record.target.to_text(omit_final_dot=True))
        for record in answer
    ]
