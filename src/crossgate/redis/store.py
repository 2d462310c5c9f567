"""Where a Redis is and how it is spoken to, as values. Knows neither files nor sockets."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from crossgate.config.secret import Secret

OnFailure = Literal["local", "allow", "refuse"]
"""What a limit does while its Redis is away: counts in this gateway alone, lets everything pass, lets nothing pass."""

DEFAULT_PORT = 6379
NO_SECRET = Secret("")


@dataclass(frozen=True, slots=True)
class StoreTls:
    """Certificates are checked, and the name in them, unless `is_insecure`. `ca_files` come beside the system's."""

    ca_files: tuple[str, ...] = ()
    without_system: bool = False
    client_pairs: tuple[tuple[str, str], ...] = ()  # files: a certificate and its key
    is_insecure: bool = False


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """One Redis. `socket_path` is that of a socket of this machine, in the place of host and port; `cluster` has
    addresses of members where it is a cluster, the first of them being host and port.

    `timeout_seconds` bounds what a request waits for an answer, `connect_seconds` the making of a connection, with
    which requests have nothing to do.
    """

    name: str = ""
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    socket_path: str = ""
    tls: StoreTls | None = None
    user: str = ""
    password: Secret = NO_SECRET
    database: int = 0
    client_name: str = ""
    pool_size: int = 2
    connect_seconds: float = 1.0
    timeout_seconds: float = 0.05
    prefix: str = "crossgate:"
    cluster: tuple[tuple[str, int], ...] = ()

    @property
    def shown(self) -> str:
        """As logs and metrics call it: never with a password."""
        return self.name or self.socket_path or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Stores:
    """Those of a file. `own` is that of `crossgate/redis`, whose `shared` names what all gateways share by it."""

    by_name: Mapping[str, StoreConfig]
    own: StoreConfig | None = None
    shared: frozenset[str] = frozenset()
    on_failure: OnFailure = "local"

    def sharing(self, what: str) -> StoreConfig | None:
        """Where that is shared; None where it is not."""
        return self.own if what in self.shared else None
