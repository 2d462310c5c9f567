"""The HTTP client towards backends: one per worker.

Knows pools, retries and the deadline for a response's head; does not follow redirects, decode bodies or choose hosts.
"""

import ssl
from collections.abc import Awaitable
from functools import partial

from crossgate.config.model import UpstreamConfig
from crossgate.flow.fiber import Flow
from crossgate.flow.timers import Timer, Timers
from crossgate.http.failure import FailureKind, UpstreamError, failed_call
from crossgate.http.field_lines import FieldLines
from crossgate.http.message import REPLAYABLE_METHODS, UpstreamRequest, UpstreamResponse
from crossgate.metrics.registry import Count
from crossgate.transport.connection import Answer, SendAgain
from crossgate.transport.dial import Dial, DialError, MakeTls, Place, Resolver, client_tls, dial
from crossgate.transport.host_bounds import HostBounds, HostFullError, WaitingLine
from crossgate.transport.pool import Pool
from crossgate.transport.request_head import OWN_FIELDS, render_request_head, url_of
from crossgate.transport.response_reader import whole_responses

_MANY_POOLS = 256  # redirects may lead to any number of hosts; beyond this, unused pools are dropped


class Client:
    """Sends requests to backends. Must be closed.

    `tls` gives the context in the place of one made from `config`, for certificates of one's own; `dial` opens its
    connections. `bounds` may be set at any time; `refused` counts calls that were not made because of them, by reason.
    """

    def __init__(
        self, config: UpstreamConfig, timers: Timers, *, tls: MakeTls | None = None, dial: Dial = dial
    ) -> None:
        self._config = config
        self._dial = dial
        self._timers = timers
        self._make_tls = tls or partial(client_tls, insecure=config.allow_insecure_connections)
        self._tls: ssl.SSLContext | None = None
        self._lines = FieldLines(OWN_FIELDS)
        self._resolver = Resolver(config.dns_cache_ttl_seconds, timers.now)
        self._pools: dict[tuple[str, str], Pool] = {}
        self._messages = whole_responses()
        self.retries = Count()
        self.bounds: HostBounds | None = None
        self.refused: dict[str, int] = {}
        self._head_seconds = config.response_header_timeout_seconds
        self._again: SendAgain = self._send_again
        self._reaper: Timer | None = None
        self._reap()

    async def send(self, request: UpstreamRequest) -> UpstreamResponse:
        """As `call`, for who needs a coroutine."""
        return await self.call(request)

    def call(self, request: UpstreamRequest) -> Awaitable[UpstreamResponse]:
        """The backend's answer: its head, and its body as far as it is here.

        Awaits flow signals only. Raises UpstreamError, now or when it is awaited; whoever stops awaiting ends the
        exchange. A request that may be repeated and went out on a connection that had been idle and ended without a
        byte is sent once more, on a new connection (RFC 9112 section 9.3.1).
        """
        pool = self._pools.get((request.scheme, request.authority))
        if pool is None:
            pool = self._make_pool(request)
        head = render_request_head(request, pool.after_target, self._lines)
        connection = pool.take()
        if connection is None:
            if self.bounds is not None and pool.is_full(self.bounds.max_connections):
                return self._send_when_free(pool, head, request, self.bounds)
            return self._send_on_new(pool, head, request)
        again = self._again if _is_replayable(request) else None
        answer = connection.send(head, request, again)
        return answer if self._head_seconds <= 0 else self._with_timer(answer, request)

    def _send_again(self, head: bytes, request: UpstreamRequest) -> Flow[UpstreamResponse]:
        self.retries.add()
        pool = self._pools.get((request.scheme, request.authority)) or self._make_pool(request)
        return self._send_on_new(pool, head, request)

    async def _send_on_new(self, pool: Pool, head: bytes, request: UpstreamRequest) -> UpstreamResponse:
        try:
            connection = await pool.open()
        except DialError as error:
            kind = FailureKind.TIMEOUT if error.timed_out else FailureKind.CONNECT
            raise failed_call(kind, request.method, url_of(request), str(error), error.reason) from None
        return await self._with_timer(connection.send(head, request), request)

    async def _send_when_free(
        self, pool: Pool, head: bytes, request: UpstreamRequest, bounds: HostBounds
    ) -> UpstreamResponse:
        """The same once a connection is free, or one more may be opened."""
        try:
            connection = await pool.line.wait(bounds)
        except HostFullError as error:
            self.refused[error.reason] = self.refused.get(error.reason, 0) + 1
            raise failed_call(FailureKind.NOT_ASKED, request.method, url_of(request), str(error)) from None
        if connection is None or connection.lost:
            return await self._send_on_new(pool, head, request)
        again = self._again if _is_replayable(request) else None
        return await self._with_timer(connection.send(head, request, again), request)

    async def _with_timer(self, answer: Answer, request: UpstreamRequest) -> UpstreamResponse:
        """The answer, whose head must come in time."""
        seconds = self._head_seconds
        if seconds <= 0:
            return await answer

        def expire() -> None:
            answer.connection.abort()
            answer.fail(_no_head_in_time(request))

        timer = self._timers.after(seconds, expire)
        try:
            return await answer
        finally:
            timer.cancel()

    async def close(self) -> None:
        """End all connections and attempts to connect. Exchanges under way fail."""
        if self._reaper is not None:
            self._reaper.cancel()
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.close()

    def pool_states(self) -> list[tuple[str, int, int]]:
        """Of each host: its authority, how many connections to it are idle and how many busy."""
        states = []
        for (_, authority), pool in self._pools.items():
            idle = pool.idle_count
            states.append((authority, idle, pool.connection_count - idle))
        return states

    @property
    def waiting_count(self) -> int:
        """How many calls wait for a connection to be free."""
        return sum(pool.line.waiting for pool in self._pools.values())

    @property
    def connection_count(self) -> int:
        """How many connections are open, idle or busy."""
        return sum(pool.connection_count for pool in self._pools.values())

    @property
    def busy_count(self) -> int:
        """How many connections have a call under way."""
        return sum(pool.connection_count - pool.idle_count for pool in self._pools.values())

    def _make_pool(self, request: UpstreamRequest) -> Pool:
        config = self._config
        try:
            place = Place.of(request.scheme, request.authority)
            host_line = b"\r\nHost: " + request.authority.encode("ascii")
        except ValueError:
            cause = f"dial tcp: address {request.authority}: invalid host or port"
            raise failed_call(FailureKind.REQUEST, request.method, url_of(request), cause) from None
        if len(self._pools) >= _MANY_POOLS:
            self._pools = {key: pool for key, pool in self._pools.items() if not pool.is_empty}
        tls = self._context if place.scheme == "https" else None
        key = (request.scheme, request.authority)
        pool = self._pools[key] = Pool(
            b" HTTP/1.1" + host_line + (b"\r\nConnection: close" if config.disable_keep_alives else b""),
            partial(self._dial, place, self._resolver, tls, config.dialer_timeout_seconds),
            self._timers.now,
            0 if config.disable_keep_alives else config.max_idle_connections_per_host,
            self._may_idle if config.max_idle_connections else None,
            self._messages,
            WaitingLine(self._timers),
        )
        return pool

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = self._make_tls()
        return self._tls

    def _may_idle(self) -> bool:
        return sum(pool.idle_count for pool in self._pools.values()) < self._config.max_idle_connections

    def _reap(self) -> None:
        seconds = self._config.idle_connection_timeout_seconds
        if seconds > 0:
            before = self._timers.now() - seconds
            for pool in self._pools.values():
                pool.reap(before)
            self._reaper = self._timers.after(seconds / 4, self._reap)


def _is_replayable(request: UpstreamRequest) -> bool:
    """DEVIATION(DEV-HTTP-4): never with a body."""
    return request.method in REPLAYABLE_METHODS and not request.body


def _no_head_in_time(request: UpstreamRequest) -> UpstreamError:
    cause = "net/http: timeout awaiting response headers"
    return failed_call(FailureKind.TIMEOUT, request.method, url_of(request), cause)
