"""`python -m benchmarks.limits`: what a rate limit's decision costs, and what a million made-up clients do to it.

Each row is the best of many short turns of one gate that is asked over and over, with the view of a request made anew
each time; the first row is that view alone. The lock between workers is there in all of them. Of 100,000 clients in
turn nothing is remembered from the last time but their buckets. Where two workers ask, a second process asks the same
limits all the while.
"""

import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.model import ClientLimit, RouterLimit
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.config.model import RouterConfig
from crossgate.http.field_names import KnownNames
from crossgate.http.message import Request, Response
from crossgate.limits.bucket import bucket_of
from crossgate.limits.shared_buckets import SharedBuckets
from crossgate.pipeline.client_ip import ClientIp, build_client_ip
from crossgate.pipeline.gates import RequestView

HEADING = ["| decision | µs | aim |", "|---|---|---|"]
AIM_US = 2
TURNS = 500
MADE_UP = 1_000_000
_MANY = 100_000
_ASKS = 500  # in a turn
_REAL = 1000
_PLENTY, _NOTHING = bucket_of(1e9, 1 << 40), bucket_of(1e-9, 1)

Ask = Callable[[RequestView], Response | None]


@dataclass(frozen=True, slots=True)
class Client:
    """What tells it from others, in each of the places that limits look at."""

    peer: str
    field: bytes = b"client"
    forwarded: bytes = b""


class Asking:
    """Requests of clients at a gate."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._client_ip: ClientIp = build_client_ip(RouterConfig())
        self._known = KnownNames()
        fields = [(b"host", b"gateway"), (b"accept", b"*/*"), (b"x-client", b"")]
        self._direct = Request(b"GET", b"/", None, fields, host=b"gateway")
        self._by_proxy = Request(b"GET", b"/", None, [*fields, (b"x-forwarded-for", b"")], host=b"gateway")

    def once(self, client: Client) -> Response | None:
        """One request of that client."""
        request = self._direct
        if client.forwarded:
            request = self._by_proxy
            request.field_values[3] = client.forwarded
        request.peer_host = client.peer
        request.field_values[2] = client.field
        return self._ask(RequestView(request, ("id",), [client.field], self._client_ip, self._known))

    def microseconds(self, clients: Sequence[Client], turns: int) -> float:
        """Of a decision: the best turn. Clients come in turn."""
        best, at = float("inf"), 0
        for _ in range(turns):
            some = clients[at : at + _ASKS]
            at = at + _ASKS if at + 2 * _ASKS <= len(clients) else 0
            began = time.perf_counter()
            for client in some:
                self.once(client)
            best = min(best, time.perf_counter() - began)
        return best / _ASKS * 1e6


def rows(turns: int, made_up: int) -> list[str]:
    """The table, and what is said below it."""
    found = [*HEADING]
    one = [Client("203.0.113.9")] * _ASKS
    thousand = [Client(f"10.0.{number >> 8}.{number & 255}", b"client-%d" % number) for number in range(1000)]
    many = {
        "an address of IPv4": [Client(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(_MANY)],
        "an address of IPv6": [Client(f"2001:db8:{n >> 16:x}:{n & 0xFFFF:x}::1") for n in range(_MANY)],
        "a field": [Client("203.0.113.9", b"client-%d" % n) for n in range(_MANY)],
    }
    by_address, by_field = _of_clients("ip"), _of_clients("header", "X-Client")
    few: dict[str, tuple[RouterLimit | None, list[Client]]] = {
        "none: the view of a request alone": (None, one),
        "all clients together": (RouterLimit(_PLENTY, None), one),
        "one client, by its address": (by_address, one),
        "one of a thousand, by an address": (by_address, thousand),
        "one of a thousand, by a field": (by_field, thousand),
        "one of a thousand, by a parameter": (_of_clients("param", "id"), thousand),
        "both, one of a thousand by a field": (RouterLimit(_PLENTY, by_field.client), thousand),
        "refused": (RouterLimit(_NOTHING, None), one),
    }
    for name, (limit, clients) in few.items():
        found.append(_row(name, Asking(_gate(limit)).microseconds(clients, turns), has_aim=limit is not None))
    for name, clients in many.items():
        asking = Asking(_gate(by_field if name == "a field" else by_address))
        found.append(_row(f"one of 100,000 in turn, by {name}", asking.microseconds(clients, turns)))
    for name, limit in (
        ("all clients together", RouterLimit(_PLENTY, None)),
        ("one of a thousand, by a field", by_field),
    ):
        asking = Asking(_gate(limit))
        with _another_worker(asking, thousand):
            found.append(_row(f"{name}, two workers at once", asking.microseconds(thousand, turns)))
    return [*found, "", *_crowd(made_up)]


def _row(name: str, us: float, *, has_aim: bool = True) -> str:
    return f"| {name} | {us:.2f} | {f'under {AIM_US}' if has_aim else ''} |"


def _of_clients(strategy: str, key: str = "") -> RouterLimit:
    return RouterLimit(None, ClientLimit(strategy, key, _PLENTY))


def _gate(limit: RouterLimit | None) -> Ask:
    if limit is None:
        return lambda _view: None
    refusals = Refusals(limit, is_honest=False)
    return RateLimitGate(limit, SharedBuckets(), endpoint="GET /", now=time.monotonic, refusals=refusals)


@contextmanager
def _another_worker(asking: Asking, clients: Sequence[Client]) -> Iterator[None]:
    """Another process that asks the same limits."""
    child = os.fork()
    if child == 0:
        while True:
            asking.microseconds(clients, TURNS)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _crowd(made_up: int) -> list[str]:
    """A crowd of clients that nobody has seen before: what they take, the dearest decisions, and whom they drive out.

    Times are those of the thread: a page that is touched first is in them, other programs are not.
    """
    buckets = SharedBuckets()

    def asking(strategy: str, key: str = "") -> Asking:
        limit = RouterLimit(None, ClientLimit(strategy, key, _NOTHING))
        refusals = Refusals(limit, is_honest=False)
        return Asking(RateLimitGate(limit, buckets, endpoint=strategy, now=time.monotonic, refusals=refusals))

    by_address, by_field = asking("ip"), asking("header", "X-Client")
    real = [Client(f"192.0.2.{number & 255}", b"real-%d" % number) for number in range(_REAL)]
    for client in real:
        by_field.once(client)
    before, taken = _peak_mib(), []
    padding = b"x" * 8000
    for number in range(made_up):
        network = f"2001:db8:{number >> 16:x}:{number & 0xFFFF:x}::1"
        if number % 3 == 0:
            client, one = Client(network), by_address
        elif number % 3 == 1:
            client, one = Client("203.0.113.9", forwarded=network.upper().encode()), by_address
        else:
            client, one = Client("203.0.113.9", b"%d " % number + padding), by_field
        began = time.thread_time_ns()
        one.once(client)
        taken.append(time.thread_time_ns() - began)
    grown = _peak_mib() - before
    refused = sum(by_field.once(client) is not None for client in real)
    tenth = made_up // 10
    first, last = (sum(some) / tenth / 1000 for some in (taken[:tenth], taken[-tenth:]))
    slowest = sorted(taken[-tenth:])
    most, worst = slowest[-tenth // 1000] / 1000, slowest[-1] / 1000
    return [
        f"{made_up:,} made-up clients (addresses of IPv6 networks, spoofed X-Forwarded-For, fields of 8 kB, in turn)",
        f"take {grown:.0f} MiB, for all workers together. A decision takes {first:.1f} µs in the first tenth of them,",
        f"where the system gives the memory, and {last:.1f} in the last; there the worst takes {worst:.0f} µs, and 999",
        f"of 1000 at most {most:.0f}. Of {_REAL:,} clients that had used up their limits before, {refused:,} were",
        "still refused.",
    ]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    print("\n".join(rows(TURNS, MADE_UP)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
