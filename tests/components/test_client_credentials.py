"""Tokens of the gateway's own for a backend, from an issuer that is a function."""

import gzip

from crossgate.components.client_credentials.config import ClientConfig
from crossgate.components.client_credentials.token_source import TokenSource
from crossgate.config.secret import Secret
from crossgate.flow.fiber import run_to_end
from crossgate.flow.timers import Timers
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from tests.support.clock import Clock

CONFIG = ClientConfig("id", Secret("secret"), "http://issuer.example/token", "", ())


def test_token_that_comes_as_gzip_is_read() -> None:
    asked: list[UpstreamRequest] = []

    async def send(request: UpstreamRequest) -> UpstreamResponse:
        asked.append(request)
        fields = [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")]
        return UpstreamResponse(200, fields, gzip.compress(b'{"access_token": "t", "token_type": "bearer"}'))

    source = TokenSource(CONFIG, send, Timers(Clock()), "agent")
    call = UpstreamRequest(b"GET", "http", "backend.example", b"/", [])

    assert run_to_end(source.authorization(call)) == b"Bearer t"
    assert [name for name, _ in asked[0].fields] == [
        b"User-Agent",
        b"Content-Type",
        b"Authorization",
        b"Accept-Encoding",
    ]
