"""TLS towards backends: certificates and names are verified, unless that is switched off."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest
import trustme

from crossgate.config.model import UpstreamConfig
from crossgate.flow.fiber import Fiber, Flow
from crossgate.flow.timers import Timers
from crossgate.http.failure import FailureKind, UpstreamError
from crossgate.http.message import UpstreamRequest, UpstreamResponse
from crossgate.transport.client import Client
from tests.support.dataplane import live, until


@contextlib.asynccontextmanager
async def https_backend(name: str, authority: trustme.CA) -> AsyncIterator[int]:
    """A backend with a certificate for `name`. Gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@contextlib.asynccontextmanager
async def calling(config: UpstreamConfig, trusted: trustme.CA | None = None) -> AsyncIterator[Client]:
    tls = None
    if trusted is not None:
        tls = ssl.create_default_context()
        trusted.configure_trust(tls)
    client = Client(config, Timers(asyncio.get_running_loop().time), tls=None if tls is None else lambda: tls)
    try:
        yield client
    finally:
        await client.close()


async def finish(flow: Flow[UpstreamResponse]) -> UpstreamResponse:
    fiber = Fiber(flow).start()
    await until(lambda: fiber.done.settled)
    return fiber.done.result()


def request(port: int, host: str = "localhost") -> UpstreamRequest:
    return UpstreamRequest(b"GET", "https", f"{host}:{port}", b"/x", [])


@live
async def test_trusted_certificate_is_accepted_and_the_connection_kept() -> None:
    authority = trustme.CA()
    async with https_backend("localhost", authority) as port, calling(UpstreamConfig(), authority) as client:
        for _ in range(2):
            assert (await finish(client.send(request(port)))).body == b"ok"
        assert client.connection_count == 1


@live
async def test_certificate_of_an_unknown_authority_is_refused() -> None:
    async with https_backend("localhost", trustme.CA()) as port, calling(UpstreamConfig()) as client:
        with pytest.raises(UpstreamError, match="tls: failed to verify certificate") as caught:
            await finish(client.send(request(port)))
        assert caught.value.kind is FailureKind.CONNECT
        assert str(caught.value).startswith(f'Get "https://localhost:{port}/x": ')
        assert client.connection_count == 0


@live
async def test_certificate_for_another_name_is_refused() -> None:
    authority = trustme.CA()
    async with https_backend("other.example", authority) as port, calling(UpstreamConfig(), authority) as client:
        with pytest.raises(UpstreamError, match="tls: failed to verify certificate"):
            await finish(client.send(request(port)))


@live
async def test_certificate_for_an_address_is_compared_with_the_address() -> None:
    authority = trustme.CA()
    async with https_backend("127.0.0.1", authority) as port, calling(UpstreamConfig(), authority) as client:
        assert (await finish(client.send(request(port, "127.0.0.1")))).body == b"ok"


@live
async def test_verification_can_be_switched_off() -> None:
    config = UpstreamConfig(allow_insecure_connections=True)
    async with https_backend("other.example", trustme.CA()) as port, calling(config) as client:
        assert (await finish(client.send(request(port)))).body == b"ok"


@live
async def test_backend_that_does_not_speak_tls_is_a_clean_error() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await reader.read(1000)
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with calling(UpstreamConfig()) as client:
        with pytest.raises(UpstreamError) as caught:
            await finish(client.send(request(server.sockets[0].getsockname()[1])))
        assert caught.value.status == 502
    server.close()
