"""`python -m benchmarks.limits`: what a rate limit's decision costs, and what a million clients take of memory.

Each row is the best of many short turns of one gate that is asked over and over, with the view of a request made anew
each time; the first row is that view alone. The lock between workers is there in all of them.
"""

import resource
import time
from collections.abc import Callable, Sequence

from crossgate.components.rate_limit.gate import RateLimitGate
from crossgate.components.rate_limit.model import ClientLimit, RouterLimit
from crossgate.components.rate_limit.refusals import Refusals
from crossgate.config.model import RouterConfig
from crossgate.http.field_names import KnownNames
from crossgate.http.message import Request, Response
from crossgate.limits.bucket import bucket_of
from crossgate.limits.shared_buckets import SharedBuckets
from crossgate.pipeline.client_ip import build_client_ip
from crossgate.pipeline.gates import RequestView

CLIENTS = 1_000_000
_TURNS = 500


def main() -> None:
    requests = [_request(b"client-%d" % number) for number in range(1000)]
    print("| decision | µs |\n|---|---|")
    for name, limit in _limits().items():
        print(f"| {name} | {_microseconds(_asking(limit), requests):.2f} |")
    before = _peak_mib()
    buckets, bucket = SharedBuckets(), bucket_of(1, 1)
    prefix = buckets.prefix("GET /", bucket)
    for number in range(CLIENTS):
        buckets.take_of(prefix + b"%d" % number, bucket, time.monotonic_ns())
    print(f"\n{CLIENTS:,} clients take {_peak_mib() - before:.0f} MiB, for all workers together.")


def _limits() -> dict[str, RouterLimit | None]:
    plenty, nothing = bucket_of(1e9, 1 << 40), bucket_of(1e-9, 1)
    return {
        "none: the view of a request alone": None,
        "all clients together": RouterLimit(plenty, None),
        "one client, by its address": RouterLimit(None, ClientLimit("ip", "", plenty)),
        "one of a thousand, by a field": RouterLimit(None, ClientLimit("header", "X-Client", plenty)),
        "both": RouterLimit(plenty, ClientLimit("header", "X-Client", plenty)),
        "refused": RouterLimit(nothing, None),
    }


def _asking(limit: RouterLimit | None) -> Callable[[RequestView], Response | None]:
    if limit is None:
        return lambda _view: None
    refusals = Refusals(limit, is_honest=False)
    return RateLimitGate(limit, SharedBuckets(), endpoint="GET /", now=time.monotonic, refusals=refusals)


def _microseconds(ask: Callable[[RequestView], Response | None], requests: Sequence[Request]) -> float:
    client_ip, known = build_client_ip(RouterConfig()), KnownNames()
    best = float("inf")
    for _ in range(_TURNS):
        began = time.perf_counter()
        for request in requests:
            ask(RequestView(request, (), [], client_ip, known))
        best = min(best, time.perf_counter() - began)
    return best / len(requests) * 1e6


def _request(client: bytes) -> Request:
    fields = [(b"host", b"gateway"), (b"accept", b"*/*"), (b"x-client", client)]
    return Request(b"GET", b"/", None, fields, b"", has_body=False, host=b"gateway", peer_host="203.0.113.9")


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
