"""What the gateway itself has to count: CORS decisions, connections on both sides, what it is.

Knows the names; keeps no numbers of its own.
"""

from collections.abc import Iterator

import crossgate
from crossgate.cors import Counters
from crossgate.form import is_compiled
from crossgate.metrics.registry import Count, Labels, Registry
from crossgate.server.serve import Server
from crossgate.transport.client import Client

RELOADS = "crossgate_reloads_total", "Reloads that were wanted, by whether the gateway went over to what it read."


def count_decisions(registry: Registry, counters: Counters) -> None:
    """CORS decisions, by what a request was, whether it was let pass and why."""

    def read() -> Iterator[tuple[Labels, int]]:
        for (outcome, reason), number in counters.snapshot().items():
            kind, _, verdict = outcome.rpartition("-")
            labels = (outcome, "allowed") if outcome == "not-cors" else (kind, verdict)
            yield (*labels, reason), number

    registry.read_at_scrape(
        "crossgate_cors_decisions_total",
        "CORS decisions: what the request was, whether it was allowed, and why.",
        "counter",
        ("kind", "outcome", "reason"),
        read,
    )


def count_upstream(registry: Registry, client: Client) -> None:
    """Connections to backends, and calls that were made once more on a new one."""
    client.retries = registry.count(
        "crossgate_upstream_retries_total", "Calls made once more, since an idle connection had ended."
    )

    def read() -> Iterator[tuple[Labels, int]]:
        for host, idle, busy in client.pool_states():
            yield (host, "idle"), idle
            yield (host, "busy"), busy

    registry.read_at_scrape(
        "crossgate_upstream_connections", "Connections to backends.", "gauge", ("host", "state"), read
    )
    registry.read_at_scrape(
        "crossgate_upstream_queued",
        "Calls that wait for a connection of a host that has no more.",
        "gauge",
        (),
        lambda: [((), client.waiting_count)],
    )
    registry.read_at_scrape(
        "crossgate_upstream_refused_total",
        "Calls that were not made since a host's connections were all busy, by why they could not wait.",
        "counter",
        ("reason",),
        lambda: [((reason,), number) for reason, number in client.refused.items()],
    )


def count_connections(registry: Registry, server: Server) -> None:
    """Clients, and what this gateway is."""
    registry.read_at_scrape(
        "crossgate_connections",
        "Clients that are connected.",
        "gauge",
        (),
        lambda: [((), server.connection_count)],
    )
    registry.read_at_scrape(
        "crossgate_connections_total",
        "Clients that have connected.",
        "counter",
        (),
        lambda: [((), server.admitted_count)],
    )
    registry.read_at_scrape(
        "crossgate_connections_refused_total",
        "Clients that have connected beyond `max_connections` or `max_connections_per_client`.",
        "counter",
        (),
        lambda: [((), server.turned_away_count)],
    )
    registry.read_at_scrape("crossgate_workers", "Processes that serve.", "gauge", (), lambda: [((), 1)])
    registry.read_at_scrape(
        "crossgate_build_info",
        "What runs.",
        "gauge",
        ("version", "compiled"),
        lambda: [((crossgate.__version__, "true" if is_compiled() else "false"), 1)],
        takes_largest=True,
    )


def reloads(registry: Registry) -> tuple[Count, Count]:
    """The counts of reloads that came to something, and of those that did not."""
    name, text = RELOADS
    return registry.count(name, text, outcome="adopted"), registry.count(name, text, outcome="refused")
