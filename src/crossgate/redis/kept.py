"""The clients that a worker keeps: one for each Redis or cluster of its files, and what metrics tell of them."""

from collections.abc import Callable

from crossgate.metrics.registry import Registry
from crossgate.redis.around import Around
from crossgate.redis.client import RedisClient
from crossgate.redis.cluster import ClusterClient
from crossgate.redis.store import StoreConfig

Client = RedisClient | ClusterClient


def kept_client(config: StoreConfig, around: Around) -> Client:
    """The worker's client for that Redis: one, whoever asks."""

    def make() -> Client:
        kind = ClusterClient if config.cluster else RedisClient
        return kind(config, around.log, around.random, around.metrics)

    client: Client = around.keep_common(("redis", config), make)
    return client


def count_clients(metrics: Registry, clients: Callable[[], list[Client]]) -> None:
    """Have the state of these read when somebody asks for numbers."""
    metrics.read_at_scrape(
        "crossgate_redis_up",
        "Whether there is a connection to Redis, to each member of a cluster (of several workers: whether one has it).",
        "gauge",
        ("store",),
        lambda: [((client.config.shown,), int(client.is_whole)) for client in clients()],
        takes_largest=True,
    )
    metrics.read_at_scrape(
        "crossgate_redis_duration_seconds",
        "How long Redis took to answer what was asked together.",
        "histogram",
        ("store",),
        lambda: [((client.config.shown,), client.times.numbers) for client in clients()],
    )
