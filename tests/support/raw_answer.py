"""The response to a request that was written by hand. Knows sockets; does not know who answers."""

import socket
from http.client import HTTPResponse


def answer_to(request: bytes, connection: socket.socket) -> tuple[int, str | None]:
    """Status, and the reason code that the response shows."""
    response = HTTPResponse(connection, method=request.partition(b" ")[0].decode())
    response.begin()
    response.read()
    return response.status, response.headers["X-Crossgate-Reason"]
