"""The sockets where metrics are read, opened once for all workers. Does not know what is answered there."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass

from crossgate.components.scraping.place import Place
from crossgate.server.listen import open_listener


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """A place with its socket, or why there is none."""

    place: Place
    listener: socket.socket | None
    fault: str = ""


def open_places(places: Sequence[Place]) -> list[OpenPlace]:
    """Open them. Raises OSError where one cannot be had that must; KrakenD's own are left out then, as KrakenD does."""
    opened: list[OpenPlace] = []
    for place in places:
        try:
            opened.append(OpenPlace(place, open_listener(place.host, place.port)))
        except OSError as error:
            if place.must:
                close_places(opened)
                address = f"metrics at {place.host or '*'}:{place.port}"
                raise OSError(error.errno, f"{address}: {error.strerror or error}") from error
            opened.append(OpenPlace(place, None, error.strerror or str(error)))
    return opened


def close_places(opened: Sequence[OpenPlace]) -> None:
    """Nobody listens there any more."""
    for each in opened:
        if each.listener is not None:
            each.listener.close()
