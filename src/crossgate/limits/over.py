"""By which Redis gateways share a limit, as a value."""

from dataclasses import dataclass

from crossgate.redis.store import OnFailure, StoreConfig, Stores


@dataclass(frozen=True, slots=True)
class Over:
    """`on_failure` says what holds without it."""

    store: StoreConfig
    on_failure: OnFailure = "local"


def shared_over(stores: Stores | None) -> Over | None:
    """The Redis by which gateways share those limits that name none, where the file wants that."""
    store = None if stores is None else stores.sharing("limits")
    return None if stores is None or store is None else Over(store, stores.on_failure)
