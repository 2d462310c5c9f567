"""What all workers share of revocations: the table, and the socket on which any of them takes new ones."""

import socket

from crossgate.components.jwt.revocations import RevocationTable
from crossgate.components.jwt.revoker_config import RevokerConfig
from crossgate.server.listen import open_listener


class SharedRevocations:
    """Made before workers begin. Raises OSError where the address cannot be had."""

    def __init__(self, config: RevokerConfig) -> None:
        self.config = config
        self.table = RevocationTable(config.expected)
        self.listener: socket.socket | None = open_listener(config.host, config.port) if config.host else None
