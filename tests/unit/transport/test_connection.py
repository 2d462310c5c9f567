"""One connection to a backend between two exchanges."""

import asyncio

from crossgate.flow.body import Body
from crossgate.http.message import UpstreamRequest
from crossgate.transport.connection import UpstreamConnection
from crossgate.transport.response_reader import whole_responses


class Socket(asyncio.Transport):
    """Knows whether it is read from."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = True

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """It goes nowhere."""

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.is_read = True


class SlowClient:
    """Has the body held whenever a piece of it comes."""

    def __init__(self, body: Body) -> None:
        self.body = body

    def feed(self, data: bytes) -> None:
        self.body.pause()

    def end(self) -> None:
        """It waits for nothing."""

    def fail(self, error: Exception) -> None:
        raise error


def test_connection_whose_last_piece_met_a_slow_client_is_read_from_when_it_is_used_again() -> None:
    idle: list[UpstreamConnection] = []
    connection = UpstreamConnection(whole_responses(), idle.append, lambda _: None)
    socket = Socket()
    connection.connection_made(socket)
    answer = connection.send(b"GET / HTTP/1.1\r\n\r\n", UpstreamRequest(b"GET", "http", "it", b"/"))
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
    assert answer.settled
    body = answer._value.body  # type: ignore[union-attr]
    assert isinstance(body, Body)
    body.stream_to(SlowClient(body))
    body.resume()
    connection.data_received(b"cd")
    assert idle == [connection]
    assert socket.is_read
