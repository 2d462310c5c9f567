"""Sockets that listen. Knows addresses; does not know what is served on them."""

import os
import socket
from collections.abc import Mapping

BACKLOG = 2048
"""So many connections may wait to be taken. Many more would be those of clients that are gone when it is their turn."""
_FIRST_INHERITED = 3


def open_listener(host: str, port: int, *, reuse_port: bool = False) -> socket.socket:
    """A listening socket. An empty host, and `::` as in Go, mean all interfaces, of both families where there are both.

    Port 0 takes any free one. `reuse_port` lets several processes listen on the same port. Raises OSError.
    """
    if host in ("", "::"):
        family, address = (socket.AF_INET6, "::") if socket.has_dualstack_ipv6() else (socket.AF_INET, "0.0.0.0")
    else:
        family, _, _, _, found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        address = str(found[0])
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0 if address == "::" else 1)
        listener.bind((address, port))
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def inherited_listeners(environ: Mapping[str, str], pid: int) -> list[socket.socket]:
    """The sockets that a service manager opened for the process `pid`; none where it did not (sd_listen_fds(3)).

    Raises OSError for what is no listening TCP socket.
    """
    if environ.get("LISTEN_PID", "") != str(pid) or not environ.get("LISTEN_FDS", "").isdecimal():
        return []
    count = int(environ["LISTEN_FDS"])
    return [_inherited(number) for number in range(_FIRST_INHERITED, _FIRST_INHERITED + count)]


def _inherited(number: int) -> socket.socket:
    os.set_inheritable(number, False)
    found = socket.socket(fileno=number)
    is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
    if not is_tcp or not found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        found.detach()
        raise OSError(f"descriptor {number} is no TCP socket that listens")
    found.setblocking(False)
    return found
