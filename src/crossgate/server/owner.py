"""Whom connections tell of their beginning and their end. Knows how they may be refused; does not know what they do."""

from typing import TYPE_CHECKING, Protocol

from crossgate.server.fault import Fault

if TYPE_CHECKING:
    from crossgate.server.connection import Connection


class Owner(Protocol):
    """Who counts connections."""

    def admit(self, connection: "Connection", /) -> Fault | None:
        """Take note of a new connection; a fault if it is one too many."""

    def forget(self, connection: "Connection", /) -> None:
        """The connection has ended."""
