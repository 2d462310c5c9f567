"""`crossgate/redis` and `redis` as a component: the connections of a worker, which others use by what they are for.

What the namespaces mean is `crossgate.redis`'s, since several components read them.
"""

from typing import Any

from crossgate.components.component import Component, Part, Surroundings
from crossgate.config.section import Section
from crossgate.plan import Plan
from crossgate.redis.config import NAMESPACES, decode_stores
from crossgate.redis.store import Stores


class Redis(Component):
    """The component."""

    name = "redis"
    namespaces = NAMESPACES

    def decode_service(self, section: Section) -> Any:
        """Stores, or None."""
        return decode_stores(section)

    def build(self, plan: Plan, surroundings: Surroundings) -> Part:
        """One worker's connections. They survive reloads that leave the Redis as it is."""
        from crossgate.redis.kept import count_clients, kept_client

        stores: Stores = plan.components[self.name]
        configs = list(stores.by_name.values())
        if stores.own is not None:
            configs.append(stores.own)
        clients = [kept_client(config, surroundings) for config in configs]
        count_clients(surroundings.metrics, lambda: clients)
        return Part()
